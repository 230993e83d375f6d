"""Delivers what waits in the outbox: retried, never sent once expired, each end recorded."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from broker.audit.log import AuditLog
from broker.audit.model import Actor
from broker.base.clock import Clock
from broker.base.db import Database
from broker.base.metrics import Metrics
from broker.base.tasks import Task
from broker.mail.events import MailPostponed, MailRefused, MailSent
from broker.mail.model import Mail, State
from broker.mail.smtp import Refused, SmtpServer
from broker.mail.store import MailStore

_SYSTEM = Actor(kind="system")
_ANSWERS = 12  # more than a delivery waits for: each takes the server's timeout at most
_MOST = 20  # mails of one turn
_KEPT = timedelta(days=30)  # how long the fact that a mail was sent is kept


@dataclass(frozen=True)
class Delivery:
    """Works through the outbox; several workers may."""

    store: MailStore
    server: SmtpServer
    audit: AuditLog
    metrics: Metrics
    db: Database
    clock: Clock

    def tasks(self) -> tuple[Task, ...]:
        """Return the background work of mail."""
        return (
            Task("mail", 0.3, self.run_once, apart=True),
            Task("mail purge", 3_600, lambda: self.store.purge(self.clock() - _KEPT)),
        )

    def run_once(self) -> int:
        """Handle mails that are due; return how many there were.

        Each is taken just before it is sent, so that no lease runs out behind a slow one. When
        nobody answers the turn is over: other tasks wait for this one.
        """
        lease, answered, count = timedelta(seconds=_ANSWERS * self.server.timeout), True, 0
        while answered and count < _MOST:
            mail = self.store.claim(self.clock(), lease=lease)
            if mail is None:
                break
            answered = self._handle(mail)
            count += 1
        return count

    def _handle(self, mail: Mail) -> bool:
        """Deliver the mail or record why not; False when nobody answered."""
        if mail.is_expired(self.clock()):
            self._end(mail, State.EXPIRED)
            return True
        try:
            self.server.deliver(mail)
        except Refused as refused:
            if refused.permanent:
                self._end(mail, State.REFUSED, refused.status)
                return True
            self._postpone(mail, refused.status)
            return refused.status is not None
        self._end(mail, State.SENT)
        return True

    def _postpone(self, mail: Mail, status: int | None) -> None:
        facts = _facts(mail, "postponed", status)
        with self.db.transaction():
            if self.store.postpone(mail, mail.next_try(self.clock()), status):
                self.audit.record(MailPostponed(**facts))
        self.metrics.mail("postponed")

    def _end(self, mail: Mail, state: State, status: int | None = None) -> None:
        sent = state is State.SENT
        event = MailSent(**_facts(mail)) if sent else MailRefused(**_facts(mail, state, status))
        with self.db.transaction():
            if self.store.end(mail, state, self.clock(), status):
                self.audit.record(event)
        self.metrics.mail(str(state))


def _facts(mail: Mail, outcome: str | None = None, status: int | None = None) -> dict[str, Any]:
    return {
        "kind": mail.kind,
        "subject": mail.about,
        "txn": mail.reference,
        "reason_code": f"{outcome}:{status}" if status else outcome and str(outcome),
        "actor": _SYSTEM,
    }

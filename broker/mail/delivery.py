"""Delivers what waits in the outbox: retried, never sent once expired, each end recorded."""

from dataclasses import dataclass
from datetime import timedelta

from broker.audit.log import AuditLog
from broker.audit.model import Actor
from broker.base.clock import Clock
from broker.base.db import Database
from broker.base.metrics import Metrics
from broker.base.tasks import Task
from broker.mail.events import MailRefused, MailSent
from broker.mail.model import Mail, State
from broker.mail.smtp import Refused, SmtpServer
from broker.mail.store import MailStore

_SYSTEM = Actor(kind="system")
_LEASE = timedelta(minutes=2)  # longer than the slowest delivery
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
            Task("mail", 0.3, self.run_once),
            Task("mail purge", 3_600, lambda: self.store.purge(self.clock() - _KEPT)),
        )

    def run_once(self) -> int:
        """Handle the mails that are due; return how many there were."""
        mails = self.store.claim(self.clock(), lease=_LEASE, most=_MOST)
        for mail in mails:
            self._handle(mail)
        return len(mails)

    def _handle(self, mail: Mail) -> None:
        if mail.is_expired(self.clock()):
            self._end(mail, State.EXPIRED)
            return
        try:
            self.server.deliver(mail)
        except Refused as refused:
            if refused.permanent:
                self._end(mail, State.REFUSED, refused.status)
                return
            with self.db.transaction():
                self.store.postpone(mail, mail.next_try(self.clock()), refused.status)
            self.metrics.mail("postponed")
            return
        self._end(mail, State.SENT)

    def _end(self, mail: Mail, state: State, status: int | None = None) -> None:
        reason = None if state is State.SENT else f"{state}:{status}" if status else str(state)
        event = MailSent if state is State.SENT else MailRefused
        with self.db.transaction():
            if self.store.end(mail, state, self.clock(), status):
                self.audit.record(
                    event(kind=mail.kind, subject=mail.about, reason_code=reason, actor=_SYSTEM)
                )
        self.metrics.mail(str(state))

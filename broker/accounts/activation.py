"""Turns a pending account into an active one within 21 days; purges what was not."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from broker.accounts.events import (
    AccountActivated,
    AccountPurged,
    ActivationExpired,
    ActivationLimited,
    ActivationRefused,
    ActivationSent,
    ActivationViewed,
)
from broker.accounts.link_requests import LinkRequests
from broker.accounts.links import MailedLinks, Purpose
from broker.accounts.mailing import AccountMails
from broker.accounts.model import Account, DeadLink, Status
from broker.accounts.store import AccountStore
from broker.audit.log import AuditLog
from broker.audit.model import Actor
from broker.base.clock import Clock
from broker.base.crypto import Secret
from broker.base.db import Database
from broker.base.limits import Limits
from broker.base.tasks import Task
from broker.insured.birth_date import BirthDate
from broker.insured.nir import Nir

_PURGE_EVERY = 300.0  # seconds
_BATCH = 200
_REMINDERS = (timedelta(days=7), timedelta(days=18))  # after the creation; two at most
_SYSTEM = Actor(kind="system")


@dataclass(frozen=True)
class Activation:
    """Confirms that the holder reads the address, and nothing else: it opens no session."""

    accounts: AccountStore
    links: MailedLinks
    requests: LinkRequests
    mails: AccountMails
    limits: Limits
    audit: AuditLog
    db: Database
    clock: Clock

    def view(self, link: Secret) -> None:
        """Note in the trail that the link was opened; changes nothing else. May raise DeadLink."""
        self.audit.record(ActivationViewed(subject=self.require_live(link)))

    def require_live(self, link: Secret) -> str:
        """Return the account that *link* can still activate, or raise DeadLink."""
        account_id = self.links.find(link, Purpose.ACTIVATION)
        if account_id is None:
            raise DeadLink
        return account_id

    def confirm(self, link: Secret) -> Account:
        """Activate the account that received *link*, once; DeadLink for any other link."""
        with self.db.transaction():
            account = self._activated(link)
        if account is None:
            self.audit.record(ActivationRefused(reason_code="dead_link"))
            raise DeadLink
        return account

    def resend(self, nir: Nir, birth_date: BirthDate) -> None:
        """Send a new link where a pending account answers; the caller sees no difference.

        The new link kills the old one and lives no longer than it: the 21 days are the account's.
        Raises Throttled when the network prefix asked too often.
        """
        with self.requests.pace.even():
            self._resend(nir, birth_date)

    def send_link(self, account: Account) -> None:
        """Make a new link and mail it; belongs in a transaction."""
        self._send_link(account, reminds=False)
        self.audit.record(ActivationSent(subject=account.id, txn=account.reference))

    def overdue(self, account: Account) -> bool:
        """Tell whether a pending account has outlived its 21 days."""
        return account.status is Status.PENDING and self._ends(account) < self.clock()

    def tasks(self) -> tuple[Task, ...]:
        """Return the background work: reminding, then purging what was not activated in time."""
        return (
            Task("activation reminders", _PURGE_EVERY, self.remind),
            Task("pending accounts purge", _PURGE_EVERY, self.purge_overdue),
            Task("mailed links purge", _PURGE_EVERY, self.links.purge),
        )

    def purge_overdue(self) -> int:
        """Remove overdue pending accounts: their number and address are free; return how many."""
        limit = self.clock() - timedelta(seconds=self.limits.activation_life)
        overdue = self.accounts.created_before(limit, Status.PENDING, _BATCH)
        return sum(self._purge(account) for account in overdue)

    def remind(self) -> int:
        """Send a fresh link to whom it is time to remind; return how many.

        It replaces the one before and ends on the same day. Who was to be reminded twice while no
        worker ran is reminded once; who was sent a link a short while ago, once that is older.
        """
        now, life = self.clock(), timedelta(seconds=self.limits.activation_life)
        return sum(
            self._remind(account.id, number)
            for number, after in reversed(list(enumerate(_REMINDERS, start=1)))
            for account in self.accounts.to_remind(
                (now - life, now - after), number, self._asked_before(), _BATCH
            )
        )

    def _remind(self, account_id: str, number: int) -> bool:
        with self.db.transaction():
            account = self.accounts.locked(account_id)
            if account is None or not self.accounts.note_reminder(
                account_id, number, self._asked_before()
            ):
                return False
            self._send_link(account, reminds=True)
            self.audit.record(
                ActivationSent(
                    subject=account.id,
                    txn=account.reference,
                    reason_code="reminder",
                    actor=_SYSTEM,
                )
            )
        return True

    def _send_link(self, account: Account, *, reminds: bool) -> None:
        ends = self._ends(account)
        self.mails.give_up_links(account)
        token = self.links.replace(account.id, Purpose.ACTIVATION, ends)
        self.mails.activation(account, token, ends, reminds=reminds)

    def _resend(self, nir: Nir, birth_date: BirthDate) -> None:
        allowed = self.requests.allow(
            "activation_resend",
            nir,
            birth_date,
            count=self.limits.activation_resend_count,
            window=self.limits.activation_resend_window,
        )
        with self.db.transaction():
            account = self.requests.holder(nir, birth_date)
            if not allowed:
                self.audit.record(ActivationLimited(subject=account.id if account else None))
            elif account and self._awaits(account):
                self.send_link(account)

    def _activated(self, link: Secret) -> Account | None:
        found = self.links.find(link, Purpose.ACTIVATION)
        # The account is locked before its link: whoever replaces it takes them in that order too.
        account = self.accounts.locked(found) if found else None
        if account is None or self.links.use_up(link, Purpose.ACTIVATION) is None:
            return None
        if not self.accounts.move(account, Status.ACTIVE, activated_at=self.clock()):
            return None
        self.mails.give_up_links(account)  # a reminder that waits
        self.audit.record(AccountActivated(subject=account.id, txn=account.reference))
        return replace(account, status=Status.ACTIVE, activated_at=self.clock())

    def _awaits(self, account: Account) -> bool:
        return account.status is Status.PENDING and not self.overdue(account)

    def _purge(self, account: Account) -> bool:
        with self.db.transaction():
            if not self.accounts.remove(account):
                return False
            self.audit.record(
                ActivationExpired(subject=account.id, txn=account.reference, actor=_SYSTEM),
                AccountPurged(
                    subject=account.id,
                    txn=account.reference,
                    actor=_SYSTEM,
                    reason_code="expired",
                ),
            )
        return True

    def _asked_before(self) -> datetime:
        """Return the moment since when a link is too fresh to be taken away by a reminder."""
        return self.clock() - timedelta(seconds=self.limits.activation_fresh_life)

    def _ends(self, account: Account) -> datetime:
        return account.created_at + timedelta(seconds=self.limits.activation_life)

"""Another e-mail address: confirmed where it leads, and told where it led before."""

from dataclasses import dataclass
from datetime import timedelta

from broker.accounts.email_address import EmailAddress
from broker.accounts.events import EmailChanged, EmailChangeRequested
from broker.accounts.links import MailedLinks, Purpose
from broker.accounts.mailing import AccountMails
from broker.accounts.model import Account, Change, DeadLink, EmailUsed, Tell, WrongState
from broker.accounts.store import AccountStore
from broker.audit.log import AuditLog
from broker.audit.model import Outcome
from broker.base.clock import Clock
from broker.base.counters import Counters
from broker.base.crypto import Secret
from broker.base.db import Database
from broker.base.errors import InvalidField, Throttled
from broker.base.limits import Limits

_USED = "email_used"


@dataclass(frozen=True)
class AddressChange:
    """Nothing changes before the new address has answered; the former one may take it back."""

    accounts: AccountStore
    links: MailedLinks
    mails: AccountMails
    tell: Tell
    counters: Counters
    limits: Limits
    audit: AuditLog
    db: Database
    clock: Clock

    def request(self, account_id: str, email: EmailAddress, auth_event_id: str) -> None:
        """Send a link to the new address; whoever calls has checked the password.

        Raises InvalidField where it is the present address, EmailUsed where another account
        holds it, Throttled after too many requests.
        """
        self._count(account_id, auth_event_id)
        with self.db.transaction():
            account = self._active(account_id)
            if email.canonical == account.email.reveal().lower():
                raise InvalidField("email.present")
            refused = self._is_held(email)
            self.audit.record(
                EmailChangeRequested(
                    subject=account.id,
                    auth_event_id=auth_event_id,
                    outcome=Outcome.FAILURE if refused else Outcome.SUCCESS,
                    reason_code=_USED if refused else None,
                )
            )
            if not refused:
                self._send_link(account, email)
        if refused:
            raise EmailUsed

    def view(self, link: Secret) -> str:
        """Return the address that the link would set, masked; changes nothing, DeadLink."""
        if self.links.find(link, Purpose.ADDRESS) is None:
            raise DeadLink
        return self._carried(link).masked

    def confirm(self, link: Secret) -> None:
        """Set the new address, once, and tell the former one; DeadLink, or EmailUsed."""
        with self.db.transaction():
            account, email = self._claimed(link)
            done = self.accounts.set_email(account.id, email, self.clock())
            if done:  # what was mailed to the former address is no longer the holder's alone
                self.links.kill(account.id, Purpose.RESET)
                self.tell(account.id, Change.ADDRESS_CHANGED, former=account.email)
            self.audit.record(
                EmailChanged(
                    subject=account.id,
                    outcome=Outcome.SUCCESS if done else Outcome.FAILURE,
                    reason_code=None if done else _USED,
                )
            )
            if done and account.reachable:
                self.mails.address_changed(account)
        if not done:
            raise EmailUsed

    def _send_link(self, account: Account, email: EmailAddress) -> None:
        ends = self.clock() + timedelta(seconds=self.limits.address_change_life)
        self.mails.give_up_links(account)
        token = self.links.replace(account.id, Purpose.ADDRESS, ends, email.secret)
        self.mails.address_confirm(account, email.secret, token, ends)

    def _claimed(self, link: Secret) -> tuple[Account, EmailAddress]:
        found = self.links.find(link, Purpose.ADDRESS)
        holder = self.accounts.get(found) if found else None
        if holder is None:
            raise DeadLink
        email = self._carried(link)
        self.accounts.take_turns(holder.nir, email)  # before the row, as creations do
        account = self.accounts.locked(holder.id)
        if (
            account is None
            or self.links.use_up(link, Purpose.ADDRESS) is None
            or not account.may_log_in
        ):
            raise DeadLink
        return account, email

    def _carried(self, link: Secret) -> EmailAddress:
        return EmailAddress(self.links.address(link).reveal())

    def _is_held(self, email: EmailAddress) -> bool:
        return self.accounts.by_email(email) is not None

    def _active(self, account_id: str) -> Account:
        account = self.accounts.locked(account_id)
        if account is None or not account.may_log_in:
            raise WrongState
        return account

    def _count(self, account_id: str, auth_event_id: str) -> None:
        try:
            with self.db.transaction():
                self.counters.take(
                    "address.change",
                    account_id,
                    count=self.limits.address_change_count,
                    window=self.limits.address_change_window,
                )
        except Throttled:
            self.audit.record(
                EmailChangeRequested(
                    subject=account_id,
                    auth_event_id=auth_event_id,
                    outcome=Outcome.FAILURE,
                    reason_code="limited",
                )
            )
            raise

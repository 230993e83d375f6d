"""Another e-mail address: confirmed where it leads, told where it led before, taken back there."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from broker.accounts.email_address import EmailAddress
from broker.accounts.events import EmailChanged, EmailChangeRequested, EmailChangeUndone
from broker.accounts.links import MailedLinks, Purpose
from broker.accounts.mailing import AccountMails
from broker.accounts.model import Account, DeadLink, EmailUsed, EndSessions, WrongState
from broker.accounts.store import AccountStore
from broker.audit.log import AuditLog
from broker.audit.model import Outcome
from broker.base.clock import Clock
from broker.base.counters import Counters
from broker.base.crypto import Secret
from broker.base.db import Database
from broker.base.errors import InvalidField
from broker.base.limits import Limits

_USED = "email_used"


@dataclass(frozen=True)
class AddressChange:
    """Nothing changes before the new address has answered; the former one may undo it for days.

    Whoever took an account over changes its address first. So the link to undo goes to the former
    address alone, outlives every later change, and leaves nothing to the intruder.
    """

    accounts: AccountStore
    links: MailedLinks
    mails: AccountMails
    end_sessions: EndSessions
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
        self._count(account_id)
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

    def view(self, link: Secret, purpose: Purpose) -> str:
        """Return the address that the link would set, masked; changes nothing, DeadLink."""
        if self.links.find(link, purpose) is None:
            raise DeadLink
        return self._carried(link).masked

    def confirm(self, link: Secret) -> None:
        """Set the new address, once, and tell the former one; DeadLink, or EmailUsed."""
        with self.db.transaction():
            account, email = self._claimed(link, Purpose.ADDRESS)
            done = self.accounts.set_email(account.id, email)
            self.audit.record(
                EmailChanged(
                    subject=account.id,
                    outcome=Outcome.SUCCESS if done else Outcome.FAILURE,
                    reason_code=None if done else _USED,
                )
            )
            if done and account.reachable:
                self._offer_way_back(account)
        if not done:
            raise EmailUsed

    def undo(self, link: Secret) -> Secret:
        """Give the account back its former address and take it from whoever else holds it.

        Every session ends, the password is void, younger links are dead. Returns a link to
        choose a new password; DeadLink, or EmailUsed where another account has the address by
        now: then the account is closed to everybody until its caisse has seen its holder.
        """
        with self.db.transaction():
            account, email = self._claimed(link, Purpose.ADDRESS_BACK)
            self.links.kill_since(link)
            self.links.kill(account.id)
            self.mails.give_up_links(account)
            self.accounts.drop_password(account.id)
            self.accounts.require_code(account.id, required=True)
            self.end_sessions(account.id, "address_undone")
            done = self.accounts.set_email(account.id, email)
            self.audit.record(
                EmailChangeUndone(
                    subject=account.id,
                    outcome=Outcome.SUCCESS if done else Outcome.FAILURE,
                    reason_code=None if done else _USED,
                )
            )
            if done:
                return self.links.replace(
                    account.id, Purpose.RESET, self._in(self.limits.reset_life)
                )
            self.accounts.set_email(account.id, None)
        raise EmailUsed

    def _send_link(self, account: Account, email: EmailAddress) -> None:
        ends = self._in(self.limits.address_change_life)
        self.mails.give_up_links(account)
        token = self.links.replace(account.id, Purpose.ADDRESS, ends, email.secret)
        self.mails.address_confirm(account, email.secret, token, ends)

    def _offer_way_back(self, account: Account) -> None:
        ends = self._in(self.limits.address_back_life)
        token = self.links.add(account.id, Purpose.ADDRESS_BACK, ends, account.email)
        self.mails.address_changed(account, token, ends)

    def _claimed(self, link: Secret, purpose: Purpose) -> tuple[Account, EmailAddress]:
        found = self.links.find(link, purpose)
        holder = self.accounts.get(found) if found else None
        if holder is None:
            raise DeadLink
        email = self._carried(link)
        self.accounts.take_turns(holder.nir, email)  # before the row, as creations do
        account = self.accounts.locked(holder.id)
        if account is None or self.links.use_up(link, purpose) is None or not account.may_log_in:
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

    def _count(self, account_id: str) -> None:
        with self.db.transaction():
            self.counters.take(
                "address.change",
                account_id,
                count=self.limits.address_change_count,
                window=self.limits.address_change_window,
            )

    def _in(self, seconds: int) -> datetime:
        return self.clock() + timedelta(seconds=seconds)

"""«Ce n'est pas moi»: the holder takes the account back from whoever got into it."""

from dataclasses import dataclass
from datetime import timedelta

from broker.accounts.email_address import EmailAddress
from broker.accounts.events import EmailChangeUndone, IntrusionReported
from broker.accounts.links import MailedLinks, Purpose
from broker.accounts.mailing import AccountMails
from broker.accounts.model import (
    Account,
    AccountUnknown,
    Change,
    DeadLink,
    EmailUsed,
    EndSessions,
    Tell,
)
from broker.accounts.new_browsers import NewBrowsers
from broker.accounts.store import AccountStore
from broker.accounts.tying import Tying
from broker.audit.log import AuditLog
from broker.audit.model import Outcome
from broker.base.clock import Clock
from broker.base.crypto import Secret
from broker.base.db import Database
from broker.base.limits import Limits
from broker.cases.cases import Cases
from broker.cases.model import Kind


@dataclass(frozen=True)
class Protection:
    """Each mail that tells of an act carries a link for a holder who has not done it.

    Whoever takes an account over changes its address first. So the link goes to the address that
    the account had, sets it again, outlives every later change, and leaves nothing to the
    intruder. Each report opens a case for the security team, with the login that the mail told of.
    """

    accounts: AccountStore
    links: MailedLinks
    tying: Tying
    mails: AccountMails
    new_browsers: NewBrowsers
    end_sessions: EndSessions
    tell: Tell
    cases: Cases
    limits: Limits
    audit: AuditLog
    db: Database
    clock: Clock

    def view(self, link: Secret) -> str | None:
        """Return the address that a report would set again, masked, where another has its place.

        Changes nothing; DeadLink.
        """
        found = self.links.find(link, Purpose.NOT_ME)
        account = self.accounts.get(found) if found else None
        if account is None or not account.may_log_in:
            raise DeadLink
        former = self._carried(link)
        return former.masked if _was_replaced(account, former) else None

    def report(self, link: Secret) -> Secret:
        """End every session, void the password, untie FranceConnect, set the address again; once.

        Returns a link to choose a new password. Raises DeadLink; or EmailUsed where another
        account has the address by now: then nobody enters until the caisse has seen the holder.
        """
        with self.db.transaction():
            account, former = self._claimed(link)
            cause = self.links.cause(link)
            self._open_case(account.id, cause)
            self.tying.untie(account, auth_event_id=cause, tell=False)
            self.links.kill_since(link)
            self.tell(account.id, Change.TAKEN_BACK)
            self._lock_out(account, "intrusion_reported")
            restored = not _was_replaced(account, former) or self._set_again(account, former)
            if restored:
                ends = self.clock() + timedelta(seconds=self.limits.reset_life)
                return self.links.replace(account.id, Purpose.RESET, ends)
        raise EmailUsed

    def report_from(self, account_id: str, sid: str, auth_event_id: str) -> None:
        """End every session but that one, whose holder chooses a new password next."""
        with self.db.transaction():
            self.tell(account_id, Change.INTRUSION_REPORTED)
            self.end_sessions(account_id, "intrusion_reported", but=sid)
            self._open_case(account_id, auth_event_id)

    def cut_off(self, account_id: str, reason: str) -> None:
        """Do to an account what a report does, at the security team's word; its address stays.

        Joins the caller's transaction; AccountUnknown.
        """
        account = self.accounts.locked(account_id)
        if account is None:
            raise AccountUnknown
        self.tying.untie(account, auth_event_id=None, tell=False)
        self.tell(account.id, Change.CUT_OFF)
        self._lock_out(account, reason)

    def _open_case(self, account_id: str, auth_event_id: str | None) -> None:
        self.audit.record(IntrusionReported(subject=account_id, auth_event_id=auth_event_id))
        self.cases.open(Kind.NOT_ME, account_id, auth_event_id)

    def _lock_out(self, account: Account, reason: str) -> None:
        self.links.kill(account.id)
        self.mails.give_up_links(account)
        self.new_browsers.forget(account.id)  # whose mail may go to an intruder's address
        self.accounts.drop_password(account.id)
        self.accounts.require_code(account.id, required=True)
        self.end_sessions(account.id, reason)

    def _set_again(self, account: Account, former: EmailAddress) -> bool:
        done = self.accounts.set_email(account.id, former, self.clock())
        if not done:
            self.accounts.drop_email(account.id)
        self.tell(account.id, Change.ADDRESS_CHANGED, former=account.email)
        self.audit.record(
            EmailChangeUndone(
                subject=account.id,
                outcome=Outcome.SUCCESS if done else Outcome.FAILURE,
                reason_code=None if done else "email_used",
            )
        )
        return done

    def _claimed(self, link: Secret) -> tuple[Account, EmailAddress]:
        found = self.links.find(link, Purpose.NOT_ME)
        holder = self.accounts.get(found) if found else None
        if holder is None:
            raise DeadLink
        former = self._carried(link)
        self.accounts.take_turns(holder.nir, former)  # before the row, as creations do
        account = self.accounts.locked(holder.id)
        if (
            account is None
            or not account.may_log_in
            or self.links.use_up(link, Purpose.NOT_ME) is None
        ):
            raise DeadLink
        return account, former

    def _carried(self, link: Secret) -> EmailAddress:
        return EmailAddress(self.links.address(link).reveal())


def _was_replaced(account: Account, former: EmailAddress) -> bool:
    return former.canonical != account.email.reveal().lower()

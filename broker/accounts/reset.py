"""A forgotten password: a link by mail, a new password, then a code at the next login."""

from dataclasses import dataclass
from datetime import timedelta

from broker.accounts.events import ResetDone, ResetRequested
from broker.accounts.link_requests import LinkRequests
from broker.accounts.links import MailedLinks, Purpose
from broker.accounts.mailing import AccountMails
from broker.accounts.model import Account, Change, DeadLink, EndSessions, Status, Tell
from broker.accounts.password_policy import PersonalFacts
from broker.accounts.passwords import Passwords
from broker.accounts.store import AccountStore
from broker.audit.log import AuditLog
from broker.audit.model import Outcome
from broker.base.clock import Clock
from broker.base.crypto import Secret
from broker.base.db import Database
from broker.base.limits import Limits
from broker.insured.birth_date import BirthDate
from broker.insured.nir import Nir


@dataclass(frozen=True)
class Reset:
    """Gives a new password to whoever reads the account's mail; it opens no session."""

    accounts: AccountStore
    links: MailedLinks
    requests: LinkRequests
    passwords: Passwords
    mails: AccountMails
    end_sessions: EndSessions
    tell: Tell
    limits: Limits
    audit: AuditLog
    db: Database
    clock: Clock

    def request(self, nir: Nir, birth_date: BirthDate) -> None:
        """Send a link where an active account answers; the caller sees no difference.

        Raises Throttled when the network prefix asked too often.
        """
        with self.requests.pace.even():
            self._request(nir, birth_date)

    def view(self, link: Secret) -> None:
        """Raise DeadLink unless *link* can still change the password; changes nothing."""
        if self.links.find(link, Purpose.RESET) is None:
            raise DeadLink

    def confirm(self, link: Secret, password: Secret) -> None:
        """Set the new password, once, and end every session of the account.

        Raises PasswordRefused, which leaves the link alive, or DeadLink.
        """
        self.passwords.policy.require(password.reveal(), self._owner(link))
        hashed = self.passwords.hash(password)
        with self.db.transaction():
            account = self._claimed(link)
            self.accounts.set_password(account.id, hashed)
            self.accounts.require_code(account.id, required=True)
            self.links.kill(account.id)
            self.tell(account.id, _chosen(account))
            self.end_sessions(account.id, "password_reset")
            self.mails.password_changed(account)
            self.audit.record(ResetDone(subject=account.id))

    def needless(self, account: Account) -> None:
        """Kill a link that waits: the password was given; belongs in that login's transaction."""
        if self.links.kill(account.id, Purpose.RESET):
            self.mails.give_up_reset(account)

    def _request(self, nir: Nir, birth_date: BirthDate) -> None:
        allowed = self.requests.allow(
            "reset_request",
            nir,
            birth_date,
            count=self.limits.reset_request_count,
            window=self.limits.reset_request_window,
        )
        with self.db.transaction():
            account = self.requests.holder(nir, birth_date)
            if not allowed or account is None or not _may_reset(account):
                reason = "no_account" if allowed else "limited"
                self.audit.record(
                    ResetRequested(
                        subject=account.id if account else None,
                        outcome=Outcome.FAILURE,
                        reason_code=reason,
                    )
                )
                return
            ends = self.clock() + timedelta(seconds=self.limits.reset_life)
            self.mails.give_up_links(account)
            token = self.links.replace(account.id, Purpose.RESET, ends)
            self.mails.reset(account, token, ends)
            self.audit.record(ResetRequested(subject=account.id))

    def _owner(self, link: Secret) -> PersonalFacts:
        account_id = self.links.find(link, Purpose.RESET)
        account = self.accounts.get(account_id) if account_id else None
        if account is None:
            raise DeadLink
        person = self.requests.person_of(account.insured_id)
        return PersonalFacts.of(person, account.email.reveal().rpartition("@")[0])

    def _claimed(self, link: Secret) -> Account:
        found = self.links.find(link, Purpose.RESET)
        account = self.accounts.locked(found) if found else None
        if account is None or self.links.use_up(link, Purpose.RESET) is None:
            raise DeadLink
        if not _may_reset(account):
            raise DeadLink
        return account


def _chosen(account: Account) -> Change:
    return Change.PASSWORD_CHANGED if account.has_password else Change.PASSWORD_CHOSEN


def _may_reset(account: Account) -> bool:
    return account.status is Status.ACTIVE and account.reachable

"""A new password in place of the present one, by a holder who has just proved that one."""

from dataclasses import dataclass

from broker.accounts.events import PasswordChanged
from broker.accounts.link_requests import PersonOf
from broker.accounts.links import MailedLinks, Purpose
from broker.accounts.mailing import AccountMails
from broker.accounts.model import Change, EndSessions, Tell, WrongState
from broker.accounts.password_policy import PersonalFacts
from broker.accounts.passwords import Passwords
from broker.accounts.store import AccountStore
from broker.audit.log import AuditLog
from broker.base.crypto import Secret
from broker.base.db import Database


@dataclass(frozen=True)
class PasswordChange:
    """Whoever calls has checked the present password."""

    accounts: AccountStore
    person_of: PersonOf
    links: MailedLinks
    passwords: Passwords
    mails: AccountMails
    end_sessions: EndSessions
    tell: Tell
    audit: AuditLog
    db: Database

    def owner(self, account_id: str) -> PersonalFacts:
        """Return what the password must not repeat."""
        account = self.accounts.get(account_id)
        if account is None:
            raise WrongState
        local_part = account.email.reveal().rpartition("@")[0]
        return PersonalFacts.of(self.person_of(account.insured_id), local_part)

    def change(self, account_id: str, password: Secret, *, but: str, auth_event_id: str) -> None:
        """Set the new password; every session ends but that one, whose ``sid`` is *but*.

        Raises PasswordRefused.
        """
        self.passwords.policy.require(password.reveal(), self.owner(account_id))
        hashed = self.passwords.hash(password)
        with self.db.transaction():
            account = self.accounts.locked(account_id)
            if account is None or not account.may_log_in:
                raise WrongState
            self.accounts.set_password(account.id, hashed)
            self.links.kill(account.id, Purpose.RESET)
            self.tell(account.id, Change.PASSWORD_CHANGED)
            self.end_sessions(account.id, "password_changed", but=but)
            self.mails.password_changed(account, others=True, login=auth_event_id)
            self.audit.record(PasswordChanged(subject=account.id, auth_event_id=auth_event_id))

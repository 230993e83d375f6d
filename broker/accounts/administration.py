"""What operators do to accounts: each act names them and their reason in the trail."""

from dataclasses import dataclass
from typing import Any

from broker.accounts.email_address import masked
from broker.accounts.events import AccountDisabled, AccountEnabled, AccountPurged, AccountShown
from broker.accounts.links import MailedLinks
from broker.accounts.model import (
    Account,
    AccountUnknown,
    Change,
    EndSessions,
    Status,
    Tell,
    WrongState,
)
from broker.accounts.store import AccountStore
from broker.accounts.upstream import UpstreamTies
from broker.audit.log import AuditLog
from broker.audit.model import Actor, Motive
from broker.base.db import Database
from broker.base.errors import InvalidField
from broker.insured.nir import Nir


@dataclass(frozen=True)
class Administration:
    """Shows, suspends, reopens and purges; *term* is an account id, a NIR or a reference."""

    accounts: AccountStore
    links: MailedLinks
    upstream: UpstreamTies
    end_sessions: EndSessions
    tell: Tell
    audit: AuditLog
    db: Database

    def show(self, term: str, *, operator: str, reason: str) -> dict[str, object]:
        """Return what an operator may see: no number, no full address."""
        with self.db.transaction():
            account = self._find(term)
            self.audit.record(AccountShown(**_by(account, operator, reason)))
        return self._facts(account)

    def disable(self, term: str, *, operator: str, reason: str) -> Account:
        """Suspend an active account: sessions and links end at once."""
        with self.db.transaction():
            account = self._moved(term, Status.ACTIVE, Status.SUSPENDED)
            self.links.kill(account.id)
            self.tell(account.id, Change.SUSPENDED)
            self.end_sessions(account.id, "account_disabled")
            self.audit.record(AccountDisabled(**_by(account, operator, reason)))
        return account

    def enable(self, term: str, *, operator: str, reason: str) -> Account:
        """Reopen a suspended account; the next login asks a code."""
        with self.db.transaction():
            account = self._moved(term, Status.SUSPENDED, Status.ACTIVE)
            self.accounts.require_code(account.id, required=True)
            self.tell(account.id, Change.REOPENED)
            self.audit.record(AccountEnabled(**_by(account, operator, reason)))
        return account

    def purge(self, term: str, *, operator: str, reason: str) -> Account:
        """Remove a pending account before its 21 days: number and address are free."""
        with self.db.transaction():
            account = self._find(term)
            if account.status is not Status.PENDING or not self.accounts.remove(account):
                raise WrongState
            self.audit.record(AccountPurged(**_by(account, operator, reason)))
        return account

    def _find(self, term: str) -> Account:
        wanted = term.strip()
        found = self.accounts.get(wanted.lower()) or self.accounts.by_reference(wanted.upper())
        if found is None:
            try:
                found = self.accounts.by_nir(Nir.parse(wanted))
            except InvalidField:
                raise AccountUnknown from None
        if found is None:
            raise AccountUnknown
        return found

    def _moved(self, term: str, start: Status, end: Status) -> Account:
        account = self._find(term)
        if account.status is not start or not self.accounts.move(account, end):
            raise WrongState
        return account

    def _facts(self, account: Account) -> dict[str, object]:
        return {
            "account_id": account.id,
            "status": str(account.status),
            "channel": str(account.channel),
            "reference": account.reference,
            "email": masked(account.email.reveal()),
            "has_password": account.has_password,
            "code_required": account.code_required,
            "franceconnect_identities": len(self.upstream.of(account.id)),
            "created_at": account.created_at.isoformat(),
            "activated_at": account.activated_at.isoformat() if account.activated_at else None,
        }


def _by(account: Account, operator: str, reason: str) -> dict[str, Any]:
    return {
        "subject": account.id,
        "txn": account.reference,
        "actor": Actor(kind="admin", ref=operator),
        "after": Motive(reason=reason),
    }

"""Ends a journey on the neutral page: the reason goes to the trail and the decision record."""

from dataclasses import dataclass
from typing import Any

from broker.accounts.accounts import Accounts
from broker.accounts.creation import Creation
from broker.accounts.model import Account, UpstreamIdentity
from broker.audit.log import AuditLog
from broker.audit.model import Upstream
from broker.base.db import Database
from broker.insured.lookup import Finding, Insured
from broker.insured.nir import Nir
from broker.signup.events import CreationRefused, CreationRequested
from broker.signup.model import Draft

ACCOUNT_EXISTS, LIMITED = "account_exists", "limited"


@dataclass(frozen=True)
class Refusals:
    """Says no in the same way whatever the reason."""

    insured: Insured
    accounts: Accounts
    creation: Creation
    audit: AuditLog
    db: Database

    def barring(self, nir: Nir) -> Account | None:
        """Return the account that bars another one for that number (X7)."""
        account = self.accounts.by_nir(nir)
        return account if account and account.bars_creation else None

    def record(
        self, draft: Draft, reason: str, *, nir: Nir | None, record: dict[str, Any] | None = None
    ) -> None:
        """Record why; warn the holder where an account exists; joins the transaction."""
        with self.db.transaction():
            account = self.barring(nir) if nir else None
            self.audit.record(
                CreationRefused(
                    reason_code=reason,
                    subject=self._subject(nir, account),
                    txn=draft.reference,
                    upstream=self.upstream(draft.upstream),
                )
            )
            kept = {**(record or {"kind": str(draft.option)}), "reason": reason}
            self.insured.keep(draft.reference, Finding(reason, kept))
            if account and reason == ACCOUNT_EXISTS:
                self.creation.warn_holder(account, draft.reference)

    def requested(self, draft: Draft) -> None:
        """Record that the person was found and may go on; joins the transaction."""
        self.audit.record(
            CreationRequested(
                subject=self._subject(draft.nir, None),
                reason_code=str(draft.channel),
                txn=draft.reference,
                upstream=self.upstream(draft.upstream),
            )
        )

    def upstream(self, identity: UpstreamIdentity | None) -> Upstream | None:
        """Return what the trail tells of a FranceConnect identity."""
        if identity is None:
            return None
        return self.audit.upstream(identity.iss, identity.sub)

    def _subject(self, nir: Nir | None, account: Account | None) -> str | None:
        if account:
            return account.id
        return self.accounts.nir_subject(nir) if nir else None

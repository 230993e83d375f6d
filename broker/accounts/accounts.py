"""Finds accounts for the other capabilities, and takes over those that the register tells of."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from broker.accounts.adoption_store import AdoptedRow, AdoptionStore
from broker.accounts.email_address import EmailAddress
from broker.accounts.events import AccountCreated
from broker.accounts.model import (
    Account,
    AccountUnknown,
    Channel,
    Tie,
    UpstreamIdentity,
)
from broker.accounts.store import AccountStore
from broker.accounts.telephone import Telephone
from broker.accounts.upstream import UpstreamTies
from broker.audit.log import AuditLog
from broker.audit.model import Actor, EventRow
from broker.base.clock import Clock
from broker.base.db import Database
from broker.base.errors import InvalidField
from broker.insured.filed_batch import AccountHolder
from broker.insured.nir import Nir


class Adoption(NamedTuple):
    """An account that the register tells of and its event, ready; it may travel."""

    row: AdoptedRow
    event: EventRow


@dataclass(frozen=True)
class Accounts:
    """The accounts as other capabilities see them."""

    store: AccountStore
    upstream: UpstreamTies
    audit: AuditLog
    db: Database
    clock: Clock

    def get(self, account_id: str) -> Account:
        """Return the account, whatever its state; AccountUnknown when there is none."""
        account = self.store.get(account_id)
        if account is None:
            raise AccountUnknown
        return account

    def locked(self, account_id: str) -> Account:
        """Return the account and keep others from changing it; belongs in a transaction."""
        account = self.store.locked(account_id)
        if account is None:
            raise AccountUnknown
        return account

    def by_nir(self, nir: Nir) -> Account | None:
        """Return the account of that number: pending, active or suspended."""
        return self.store.by_nir(nir)

    def by_reference(self, reference: str) -> Account | None:
        """Return the account whose holder was given that reference."""
        return self.store.by_reference(reference)

    def by_upstream(self, iss: str, sub: str) -> Account | None:
        """Return the account to which that FranceConnect identity was tied."""
        account_id = self.upstream.account_of(UpstreamIdentity(iss, sub))
        return self.store.get(account_id) if account_id else None

    def ties(self, account_id: str) -> list[Tie]:
        """Return the FranceConnect identities that open the account: one, or none."""
        return self.upstream.of(account_id)

    def code_given(self, account_id: str) -> None:
        """Note that a code was given: the next login asks one on unknown browsers only."""
        with self.db.transaction():
            self.store.require_code(account_id, required=False)

    def telephones(self, account_id: str) -> tuple[Telephone | None, Telephone | None]:
        """Return the mobile number and the fixed one."""
        return self.store.telephones(account_id)

    def nir_subject(self, nir: Nir) -> str:
        """Return the subject under which the trail knows a number that has no account."""
        return f"nir:{self.store.nir_digest(nir).hex()}"

    def prepare(self, holders: Sequence[AccountHolder]) -> list[Adoption]:
        """Make active accounts without a password ready to be opened; touches no database."""
        emails = [_address(holder.email) for holder in holders]
        rows = self._adoptions.sealed(holders, emails, self.clock())
        events = self.audit.ready([_created(row.id) for row in rows])
        return list(map(Adoption, rows, events))

    def adopt(self, adoptions: Sequence[Adoption]) -> None:
        """Open the accounts that were prepared; joins the transaction.

        Numbers that have an account keep it. An address that is unusable or taken is left out:
        its holder goes to the desk.
        """
        with self.db.transaction():
            opened = set(self._adoptions.add([adoption.row for adoption in adoptions]))
            told = [adoption.event for adoption in adoptions if adoption.row.id in opened]
            if told:
                self.audit.append(told)

    @property
    def _adoptions(self) -> AdoptionStore:
        return AdoptionStore(self.db, self.store.vault, self.store.index)


def _address(text: str) -> EmailAddress | None:
    try:
        return EmailAddress.parse(text.strip())
    except InvalidField:
        return None


def _created(account_id: str) -> AccountCreated:
    return AccountCreated(
        subject=account_id, reason_code=str(Channel.REGISTER), actor=Actor(kind="system")
    )

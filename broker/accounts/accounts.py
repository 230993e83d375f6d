"""Finds accounts for the other capabilities, and takes over those that the register tells of."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from broker.accounts.email_address import EmailAddress
from broker.accounts.events import AccountCreated
from broker.accounts.model import (
    Account,
    AccountUnknown,
    Channel,
    Status,
    Tie,
    UpstreamIdentity,
)
from broker.accounts.store import AccountStore, AdoptedRow
from broker.accounts.telephone import Telephone
from broker.accounts.upstream import UpstreamTies
from broker.audit.log import AuditLog
from broker.audit.model import Actor
from broker.base.clock import Clock
from broker.base.crypto import Secret
from broker.base.db import Database
from broker.base.errors import InvalidField
from broker.insured.filed_batch import AccountHolder
from broker.insured.nir import Nir


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

    def prepare(self, holders: Sequence[AccountHolder]) -> list[AdoptedRow]:
        """Make active accounts without a password ready to be opened; touches no database."""
        now = self.clock()
        return [
            self.store.adopted(_adopted(holder, now), _address(holder.email)) for holder in holders
        ]

    def adopt(self, rows: Sequence[AdoptedRow]) -> None:
        """Open the accounts that were prepared; joins the transaction.

        Numbers that have an account keep it. An address that is unusable or taken is left out:
        its holder goes to the desk.
        """
        with self.db.transaction():
            opened = self.store.adopt(rows)
            if opened:
                self.audit.record(*map(_created, opened))


def _adopted(holder: AccountHolder, now: datetime) -> Account:
    return Account(
        id=uuid4().hex,
        insured_id=holder.insured_id,
        nir=holder.nir,
        status=Status.ACTIVE,
        email=Secret(""),
        code_required=True,
        has_password=False,
        channel=Channel.REGISTER,
        created_at=now,
        activated_at=now,
        reference=None,
    )


def _address(text: str) -> EmailAddress | None:
    try:
        return EmailAddress.parse(text.strip())
    except InvalidField:
        return None


def _created(account_id: str) -> AccountCreated:
    return AccountCreated(
        subject=account_id, reason_code=str(Channel.REGISTER), actor=Actor(kind="system")
    )

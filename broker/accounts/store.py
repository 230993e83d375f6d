"""The accounts table: numbers, addresses, telephones and password hashes are sealed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Index,
    Integer,
    LargeBinary,
    Row,
    String,
    bindparam,
    delete,
    func,
    literal_column,
    select,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column

from broker.accounts.email_address import EmailAddress
from broker.accounts.links import LINK, Purpose
from broker.accounts.model import Account, Channel, NewAccount, Status
from broker.accounts.telephone import Telephone
from broker.base.crypto import KeyedHash, Secret, Vault
from broker.base.db import Base, Database, Instant, Sealed, table
from broker.base.statements import Prepared
from broker.insured.nir import Nir

_PAGE = 500  # rows of one read


class AccountRow(Base):
    """One account. The two indexes are keyed digests; closing an account empties them."""

    __tablename__ = "account"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    insured_id: Mapped[str] = mapped_column(String(22), index=True)
    status: Mapped[str] = mapped_column(String(10))
    channel: Mapped[str] = mapped_column(String(16))
    reference: Mapped[str | None] = mapped_column(String(16), index=True)
    nir: Mapped[bytes] = mapped_column(Sealed)
    nir_index: Mapped[bytes | None] = mapped_column(LargeBinary(32), unique=True)
    email: Mapped[bytes | None] = mapped_column(Sealed)
    email_index: Mapped[bytes | None] = mapped_column(LargeBinary(32), unique=True)
    email_changed_at: Mapped[datetime | None] = mapped_column(Instant)
    mobile: Mapped[bytes | None] = mapped_column(Sealed)
    landline: Mapped[bytes | None] = mapped_column(Sealed)
    password: Mapped[bytes | None] = mapped_column(Sealed)
    code_required: Mapped[bool] = mapped_column(Boolean)
    terms_version: Mapped[str | None] = mapped_column(String(20))
    terms_accepted_at: Mapped[datetime | None] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant, index=True)
    activated_at: Mapped[datetime | None] = mapped_column(Instant)
    reminders: Mapped[int | None] = mapped_column(Integer)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)


ACCOUNT = table(AccountRow)
_CLOSED = ACCOUNT.c.status == literal_column(f"'{Status.CLOSED}'")
Index("ix_account_closed", ACCOUNT.c.id, sqlite_where=_CLOSED, postgresql_where=_CLOSED)
NIR_LABEL, EMAIL_LABEL = "account.nir", "account.email"
"""Of the digests of the two indexes."""
_GET = Prepared(select(ACCOUNT).where(ACCOUNT.c.id == bindparam("id")))


@dataclass(frozen=True)
class AccountStore:
    """Writes and finds accounts."""

    db: Database
    vault: Vault
    index: KeyedHash

    def take_turns(self, nir: Nir, email: EmailAddress) -> None:
        """Let one transaction at a time deal with that number and that address.

        SQLite has one writer anyway. The unique constraints stay the last defence.
        """
        if self.db.engine.dialect.name == "sqlite":
            return
        digests = (self.nir_digest(nir), self._email_digest(email))
        locks = {int.from_bytes(digest[:8], signed=True) for digest in digests}
        for lock in sorted(locks):  # in one order, so that no two wait for one another
            self.db.execute(select(func.pg_advisory_xact_lock(lock)))

    def add(self, account: Account, new: NewAccount) -> bool:
        """Insert a pending account; False when its number or its address is taken."""
        contact = new.contact
        values = {
            "id": account.id,
            "nir": self.vault.seal(ACCOUNT.c.nir, new.nir.value),
            "nir_index": self.nir_digest(new.nir),
            "email": self.vault.seal(ACCOUNT.c.email, contact.email.value),
            "email_index": self._email_digest(contact.email),
            "insured_id": new.insured_id,
            "status": str(account.status),
            "channel": str(new.channel),
            "reference": new.reference,
            "mobile": self._phone(ACCOUNT.c.mobile, contact.mobile),
            "landline": self._phone(ACCOUNT.c.landline, contact.landline),
            "password": self.vault.seal(ACCOUNT.c.password, new.password_hash.reveal()),
            "code_required": account.code_required,
            "terms_version": new.terms_version,
            "terms_accepted_at": new.terms_accepted_at,
            "created_at": account.created_at,
        }
        return self.db.insert_unless_present(ACCOUNT, values)

    def get(self, account_id: str) -> Account | None:
        """Return the account, whatever its state."""
        row = self.db.one(_GET, id=account_id)
        return self._account(row) if row else None

    def locked(self, account_id: str) -> Account | None:
        """Return the account and keep others from changing it; belongs in a transaction."""
        row = self.db.one(select(ACCOUNT).where(ACCOUNT.c.id == account_id).with_for_update())
        return self._account(row) if row else None

    def by_nir(self, nir: Nir) -> Account | None:
        """Return the account of that number; closed ones have none."""
        return self._one(ACCOUNT.c.nir_index == self.nir_digest(nir))

    def by_email(self, email: EmailAddress) -> Account | None:
        """Return the account that holds that address."""
        return self._one(ACCOUNT.c.email_index == self._email_digest(email))

    def by_reference(self, reference: str) -> Account | None:
        """Return the account whose creation had that reference."""
        return self._one(ACCOUNT.c.reference == reference)

    def created_before(self, limit: datetime, status: Status, most: int) -> list[Account]:
        """Return the oldest accounts in that state created before *limit*."""
        statement = select(ACCOUNT).where(
            ACCOUNT.c.status == str(status), ACCOUNT.c.created_at < limit
        )
        rows = self.db.all(statement.order_by(ACCOUNT.c.created_at).limit(most))
        return [self._account(row) for row in rows]

    def move(self, account: Account, to: Status, **changes: object) -> bool:
        """Change the state, provided that it is still the one of *account*."""
        statement = (
            update(ACCOUNT)
            .where(ACCOUNT.c.id == account.id, ACCOUNT.c.status == str(account.status))
            .values(status=str(to), **changes)
        )
        return self.db.execute(statement).rowcount == 1

    def close(self, account: Account, now: datetime) -> None:
        """Close the account, and empty what its person gave and what it was found by."""
        emptied = ("nir_index", "email", "email_index", "mobile", "landline", "password")
        self.move(account, Status.CLOSED, closed_at=now, **dict.fromkeys(emptied))

    def date_closings(self, now: datetime) -> None:
        """Date the accounts that a version closed which did not date them."""
        undated = _CLOSED & ACCOUNT.c.closed_at.is_(None)
        self.db.execute(update(ACCOUNT).where(undated).values(closed_at=now))

    def closed_before(self, limit: datetime, most: int) -> list[Account]:
        """Return the accounts that were closed before *limit*, the first closed first."""
        over = select(ACCOUNT).where(_CLOSED, ACCOUNT.c.closed_at < limit)
        rows = self.db.all(over.order_by(ACCOUNT.c.closed_at).limit(most))
        return [self._account(row) for row in rows]

    def remove(self, account: Account) -> bool:
        """Delete the row and all that hangs on it, provided that its state has not changed."""
        statement = delete(ACCOUNT).where(
            ACCOUNT.c.id == account.id, ACCOUNT.c.status == str(account.status)
        )
        return self.db.execute(statement).rowcount == 1

    def require_code(self, account_id: str, *, required: bool) -> None:
        """Ask a code at the next login on any browser, or no longer."""
        self.db.execute(
            update(ACCOUNT).where(ACCOUNT.c.id == account_id).values(code_required=required)
        )

    def password_hash(self, account_id: str) -> Secret | None:
        """Return the hash; None where the account has no password."""
        sealed = self.db.scalar(select(ACCOUNT.c.password).where(ACCOUNT.c.id == account_id))
        return Secret(self.vault.open(ACCOUNT.c.password, sealed)) if sealed else None

    def password_hashes(self) -> Iterator[Secret]:
        """Yield every account's hash."""
        last = ""
        while rows := self.db.all(
            select(ACCOUNT.c.id, ACCOUNT.c.password)
            .where(ACCOUNT.c.id > last, ACCOUNT.c.password.is_not(None))
            .order_by(ACCOUNT.c.id)
            .limit(_PAGE)
        ):
            yield from (Secret(self.vault.open(ACCOUNT.c.password, row.password)) for row in rows)
            last = rows[-1].id

    def set_password(self, account_id: str, password_hash: Secret) -> None:
        """Replace the hash."""
        sealed = self.vault.seal(ACCOUNT.c.password, password_hash.reveal())
        self.db.execute(update(ACCOUNT).where(ACCOUNT.c.id == account_id).values(password=sealed))

    def drop_password(self, account_id: str) -> None:
        """Leave the account without a password: its holder must choose a new one."""
        self.db.execute(update(ACCOUNT).where(ACCOUNT.c.id == account_id).values(password=None))

    def drop_email(self, account_id: str) -> None:
        """Leave the account without an address."""
        emptied = {"email": None, "email_index": None}
        self.db.execute(update(ACCOUNT).where(ACCOUNT.c.id == account_id).values(**emptied))

    def set_email(self, account_id: str, email: EmailAddress, now: datetime) -> bool:
        """Replace the address; False, and no change, where another account holds it.

        Belongs in a transaction that took its turn for that address.
        """
        digest = self._email_digest(email)
        values = {
            "email": self.vault.seal(ACCOUNT.c.email, email.value),
            "email_index": digest,
            "email_changed_at": now,
        }
        statement = update(ACCOUNT).where(ACCOUNT.c.id == account_id).values(**values)
        other = ACCOUNT.alias()
        taken = select(other.c.id).where(other.c.email_index == digest, other.c.id != account_id)
        return self.db.execute(statement.where(~taken.exists())).rowcount == 1

    def to_remind(
        self, created: tuple[datetime, datetime], reminders: int, asked: datetime, most: int
    ) -> list[Account]:
        """Return pending accounts created in that time that were reminded less often.

        Those that were sent a link after *asked* are left alone.
        """
        after, until = created
        rows = self.db.all(
            select(ACCOUNT)
            .where(ACCOUNT.c.created_at > after, ACCOUNT.c.created_at <= until)
            .where(*_may_be_reminded(reminders, asked))
            .order_by(ACCOUNT.c.created_at)
            .limit(most)
        )
        return [self._account(row) for row in rows]

    def note_reminder(self, account_id: str, reminders: int, asked: datetime) -> bool:
        """Note that a pending account is reminded that often now; once, of parallel calls.

        Not where it was sent a link after *asked*.
        """
        done = self.db.execute(
            update(ACCOUNT)
            .where(ACCOUNT.c.id == account_id, *_may_be_reminded(reminders, asked))
            .values(reminders=reminders)
        )
        return done.rowcount == 1

    def set_telephones(
        self, account_id: str, mobile: Telephone | None, landline: Telephone | None
    ) -> None:
        """Replace both numbers."""
        values = {
            "mobile": self._phone(ACCOUNT.c.mobile, mobile),
            "landline": self._phone(ACCOUNT.c.landline, landline),
        }
        self.db.execute(update(ACCOUNT).where(ACCOUNT.c.id == account_id).values(**values))

    def telephones(self, account_id: str) -> tuple[Telephone | None, Telephone | None]:
        """Return the mobile number and the fixed one."""
        row = self.db.one(
            select(ACCOUNT.c.mobile, ACCOUNT.c.landline).where(ACCOUNT.c.id == account_id)
        )
        columns = (ACCOUNT.c.mobile, ACCOUNT.c.landline)
        mobile, landline = (
            Telephone(self.vault.open(column, sealed)) if sealed else None
            for column, sealed in zip(columns, row or (None, None), strict=True)
        )
        return mobile, landline

    def nir_digest(self, nir: Nir) -> bytes:
        """Return the search digest of a number."""
        return self.index.digest(NIR_LABEL, nir.value)

    def _email_digest(self, email: EmailAddress) -> bytes:
        return self.index.digest(EMAIL_LABEL, email.canonical)

    def _phone(self, column: Any, number: Telephone | None) -> bytes | None:  # noqa: ANN401 - a column
        return self.vault.seal(column, number.value) if number else None

    def _one(self, condition: ColumnElement[bool]) -> Account | None:
        row = self.db.one(select(ACCOUNT).where(condition))
        return self._account(row) if row else None

    def _account(self, row: Row[Any]) -> Account:
        email = self.vault.open(ACCOUNT.c.email, row.email) if row.email else ""
        return Account(
            id=row.id,
            insured_id=row.insured_id,
            nir=Nir(self.vault.open(ACCOUNT.c.nir, row.nir)),
            status=Status(row.status),
            email=Secret(email),
            email_changed_at=row.email_changed_at,
            code_required=row.code_required,
            has_password=row.password is not None,
            channel=Channel(row.channel),
            created_at=row.created_at,
            activated_at=row.activated_at,
            reference=row.reference,
        )


def _may_be_reminded(reminders: int, asked: datetime) -> tuple[ColumnElement[bool], ...]:
    fresh = select(LINK.c.fingerprint).where(
        LINK.c.account_id == ACCOUNT.c.id,
        LINK.c.purpose == str(Purpose.ACTIVATION),
        LINK.c.created_at > asked,
    )
    return (
        ACCOUNT.c.status == str(Status.PENDING),
        func.coalesce(ACCOUNT.c.reminders, 0) < reminders,
        ~fresh.exists(),
    )

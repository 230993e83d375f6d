"""Loads the register's file: streaming, in batches, what can be read; the rest is listed."""

import csv
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import BinaryIO

from broker.audit.log import AuditLog
from broker.audit.model import Actor
from broker.base.clock import Clock
from broker.base.db import Database
from broker.insured.events import RegisterImported
from broker.insured.filed import COLUMNS, flag, read_person
from broker.insured.model import InsuredPerson
from broker.insured.nir import Nir
from broker.insured.proofs import Unreadable
from broker.insured.regimes import Regimes
from broker.insured.store import InsuredStore, Registered

_BATCH = 2_000  # rows of one transaction
_BOM = b"\xef\xbb\xbf"


class NotARegister(Exception):
    """The file cannot be read at all: no header, or not the columns of a register."""


@dataclass(frozen=True)
class BadRow:
    """A row left out: its line in the file, and the column (or ``columns``) that is wrong."""

    line: int
    reason: str


@dataclass(frozen=True)
class AccountHolder:
    """A loaded person whose row says that they have an account already."""

    insured_id: str
    nir: Nir
    email: str = field(repr=False)
    """As written in the file: it may be empty or odd."""


@dataclass(frozen=True)
class ImportReport:
    """What an import did."""

    loaded: int
    rejected: int


OpenAccounts = Callable[[Sequence[AccountHolder]], None]
"""Opens accounts for the holders of one batch, within the batch's transaction."""


@dataclass(frozen=True)
class _Row:
    line: int
    person: InsuredPerson
    has_account: bool
    email: str = field(repr=False)


@dataclass(frozen=True)
class RegisterImport:
    """Loads files into the register. Loading a row again updates it; absent rows stay."""

    store: InsuredStore
    regimes: Regimes
    open_accounts: OpenAccounts
    audit: AuditLog
    db: Database
    clock: Clock

    def load(
        self,
        file: BinaryIO,
        *,
        actor: Actor,
        on_bad_row: Callable[[BadRow], None],
        on_progress: Callable[[int], None],
    ) -> ImportReport:
        """Load every row that can be read, one transaction per batch.

        ``on_progress`` gets the bytes read since its last call. NotARegister when the header is
        not that of a register: then nothing is loaded.
        """
        rejected: list[int] = []

        def reject(bad: BadRow) -> None:
            rejected.append(bad.line)
            on_bad_row(bad)

        loaded = 0
        rows = self._rows(_lines(file, on_progress), reject)
        while batch := list(islice(rows, _BATCH)):
            self._save(batch)
            loaded += len(batch)
        self.audit.record(RegisterImported(loaded=loaded, rejected=len(rejected), actor=actor))
        return ImportReport(loaded, len(rejected))

    def _rows(
        self, lines: Iterator[tuple[int, bytes]], reject: Callable[[BadRow], None]
    ) -> Iterator[_Row]:
        header = _header(next(lines, (0, b""))[1])
        for number, line in lines:
            try:
                values = _values(line, len(header))
                if values:
                    yield self._row(number, dict(zip(header, values, strict=True)))
            except Unreadable as error:
                reject(BadRow(number, str(error)))

    def _row(self, number: int, values: dict[str, str]) -> _Row:
        person = read_person(values, self.regimes)
        has_account = flag(values, "has_account") and person.in_own_right
        return _Row(number, person, has_account, values["account_email"])

    def _save(self, batch: Sequence[_Row]) -> None:
        with self.db.transaction():
            saved = self.store.save([row.person for row in batch], self.clock())
            holders = _holders(batch, saved)
            if holders:
                self.open_accounts(holders)


def _lines(file: BinaryIO, on_progress: Callable[[int], None]) -> Iterator[tuple[int, bytes]]:
    """Yield numbered lines; a row never spans two, so that a stray quote spoils one row alone."""
    read = 0
    for number, line in enumerate(file, start=1):
        yield number, line
        read += len(line)
        if number % _BATCH == 0:
            on_progress(read)
            read = 0
    on_progress(read)


def _header(line: bytes) -> list[str]:
    try:
        names = line.removeprefix(_BOM).decode("ascii").strip().split(",")
    except UnicodeDecodeError:
        raise NotARegister from None
    if not set(COLUMNS) <= set(names) or len(set(names)) != len(names):
        raise NotARegister
    return names


def _values(line: bytes, expected: int) -> list[str]:
    """Split one line; an empty line gives no value."""
    try:
        text = line.decode("utf-8").rstrip("\r\n")
        values = next(csv.reader([text], strict=True), []) if '"' in text else text.split(",")
    except UnicodeDecodeError:
        raise Unreadable("encoding") from None
    except csv.Error:
        raise Unreadable("columns") from None
    if not text.strip():
        return []
    if len(values) != expected:
        raise Unreadable("columns")
    return [unicodedata.normalize("NFC", value.strip()) for value in values]


def _holders(batch: Sequence[_Row], saved: Sequence[Registered]) -> list[AccountHolder]:
    emails = {row.person: row.email for row in batch if row.has_account}
    return [
        AccountHolder(row.id, row.person.nir, emails[row.person])
        for row in saved
        if row.person in emails
    ]

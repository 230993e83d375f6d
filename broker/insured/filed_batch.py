"""A block of the register's lines made ready to be saved; runs in child processes too."""

import csv
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import itemgetter
from typing import Any, Self

from broker.base.bulk import ReadyRows
from broker.base.errors import Refusal
from broker.insured.filed import COLUMNS, FiledRow, flag, read_person
from broker.insured.model import InsuredPerson
from broker.insured.nir import Nir
from broker.insured.proofs import Unreadable
from broker.insured.regimes import Regimes
from broker.insured.store import InsuredStore

_BOM = b"\xef\xbb\xbf"


class NotARegister(Refusal):
    """The file cannot be read at all: no header, or not the columns of a register."""

    code = "not-a-register"


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row left out: its line in the file, and the column (or ``columns``) that is wrong."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class AccountHolder:
    """A loaded person whose row says that they have an account already."""

    insured_id: str
    nir: Nir
    email: str = field(repr=False)
    """As written in the file: it may be empty or odd."""


PreparedAccounts = Sequence[Any]
PrepareAccounts = Callable[[Sequence[AccountHolder]], PreparedAccounts]
"""Makes the holders' accounts ready to be opened; touches no database."""


@dataclass(frozen=True, slots=True)
class Block:
    """Whole lines of the file. A row never spans two: a stray quote spoils one row."""

    first: int
    """Number of its first line in the file."""
    content: bytes = field(repr=False)
    read_at: datetime
    """The moment of loading of its rows: a later block has a later one."""


@dataclass(frozen=True, slots=True)
class FiledBatch:
    """What one block gives."""

    lines: int
    read: int
    rows: ReadyRows | None
    """Absent where no line could be read."""
    accounts: PreparedAccounts
    bad: list[BadRow]


@dataclass(frozen=True)
class BatchReader:
    """Reads lines and seals their rows; touches no database."""

    columns: "FileColumns"
    regimes: Regimes
    store: InsuredStore
    prepare_accounts: PrepareAccounts

    def __call__(self, block: Block) -> FiledBatch:
        """Read a block; of two rows with one id the later one holds."""
        people: list[InsuredPerson] = []
        emails: list[str | None] = []
        bad: list[BadRow] = []
        for number, line in enumerate(block.content.split(b"\n"), start=block.first):
            try:
                row = self.columns.row(line)
                if row is None:
                    continue
                person = read_person(row, self.regimes)
                has_account = flag(row.has_account, "has_account") and person.in_own_right
            except Unreadable as error:
                bad.append(BadRow(number, str(error)))
                continue
            people.append(person)
            emails.append(row.account_email if has_account else None)
        ids = self.store.sealer.ids(people)
        latest = dict(zip(ids, people, strict=True))
        rows = self.store.ready(latest, block.read_at) if latest else None
        holders = _holders(ids, people, emails)
        accounts = self.prepare_accounts(holders)
        return FiledBatch(len(people), len(block.content), rows, accounts, bad)


def _holders(
    ids: Sequence[str], people: Sequence[InsuredPerson], emails: Sequence[str | None]
) -> list[AccountHolder]:
    found = {
        insured_id: AccountHolder(insured_id, person.nir, email)
        for insured_id, person, email in zip(ids, people, emails, strict=True)
        if email is not None
    }
    return list(found.values())


@dataclass(frozen=True)
class FileColumns:
    """The columns of one file, in its order."""

    count: int
    pick: Callable[[Sequence[str]], tuple[str, ...]]
    """Gives the columns of a register in their own order."""

    @classmethod
    def of(cls, header: bytes) -> Self:
        """Read the first line; more columns than those of a register do no harm."""
        try:
            names = tuple(header.removeprefix(_BOM).decode("ascii").strip().split(","))
        except UnicodeDecodeError:
            raise NotARegister from None
        if not set(COLUMNS) <= set(names) or len(set(names)) != len(names):
            raise NotARegister
        return cls(len(names), itemgetter(*map(names.index, COLUMNS)))

    def row(self, line: bytes) -> FiledRow | None:
        """Split one line; an empty one gives no row."""
        try:
            text = line.decode()
            text = text if text.isascii() else unicodedata.normalize("NFC", text)
            values = _quoted(text) if '"' in text else text.split(",")
        except UnicodeDecodeError:
            raise Unreadable("encoding") from None
        except csv.Error:
            raise Unreadable("columns") from None
        if len(values) == self.count:
            return FiledRow._make(map(str.strip, self.pick(values)))
        if text.strip():
            raise Unreadable("columns")
        return None


def _quoted(text: str) -> list[str]:
    return next(csv.reader([text.rstrip("\r\n")], strict=True), [])

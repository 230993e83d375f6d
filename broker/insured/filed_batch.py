"""A batch of the register's lines made ready to be saved; runs in child processes too."""

import csv
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from broker.base.errors import Refusal
from broker.insured.filed import COLUMNS, flag, read_person
from broker.insured.nir import Nir
from broker.insured.proofs import Unreadable
from broker.insured.regimes import Regimes
from broker.insured.sealed_row import RowSealer, SealedRow

_BOM = b"\xef\xbb\xbf"
Lines = Sequence[tuple[int, bytes]]
"""Lines with their number in the file. A row never spans two: a stray quote spoils one row."""


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


PreparedAccounts = list[dict[str, Any]]
PrepareAccounts = Callable[[Sequence[AccountHolder]], PreparedAccounts]
"""Makes the holders' accounts ready to be opened; touches no database."""


@dataclass(frozen=True, slots=True)
class FiledBatch:
    """What one batch of lines gives."""

    lines: int
    read: int
    rows: list[SealedRow]
    accounts: PreparedAccounts
    bad: list[BadRow]


@dataclass(frozen=True)
class BatchReader:
    """Reads lines and seals their rows; touches no database."""

    columns: tuple[str, ...]
    regimes: Regimes
    sealer: RowSealer
    prepare_accounts: PrepareAccounts

    def __call__(self, lines: Lines) -> FiledBatch:
        """Read a batch; of two rows with one id the later one holds."""
        rows: dict[str, SealedRow] = {}
        holders: dict[str, AccountHolder] = {}
        bad: list[BadRow] = []
        loaded = 0
        for number, line in lines:
            try:
                loaded += self._read(line, rows, holders)
            except Unreadable as error:
                bad.append(BadRow(number, str(error)))
        size = sum(len(line) for _, line in lines)
        accounts = self.prepare_accounts(list(holders.values()))
        return FiledBatch(loaded, size, list(rows.values()), accounts, bad)

    def _read(
        self, line: bytes, rows: dict[str, SealedRow], holders: dict[str, AccountHolder]
    ) -> bool:
        values = _values(line, len(self.columns))
        if not values:
            return False
        row = dict(zip(self.columns, values, strict=True))
        person = read_person(row, self.regimes)
        has_account = flag(row, "has_account") and person.in_own_right
        insured_id = self.sealer.id_of(person)
        rows[insured_id] = self.sealer.seal(insured_id, person)
        if has_account:
            holders[insured_id] = AccountHolder(insured_id, person.nir, row["account_email"])
        return True


def header(line: bytes) -> tuple[str, ...]:
    """Return the columns in the file's order; more than those of a register do no harm."""
    try:
        names = tuple(line.removeprefix(_BOM).decode("ascii").strip().split(","))
    except UnicodeDecodeError:
        raise NotARegister from None
    if not set(COLUMNS) <= set(names) or len(set(names)) != len(names):
        raise NotARegister
    return names


def _values(line: bytes, expected: int) -> list[str]:
    """Split one line; an empty line gives no value."""
    try:
        text = unicodedata.normalize("NFC", line.decode("utf-8")).rstrip("\r\n")
        values = next(csv.reader([text], strict=True), []) if '"' in text else text.split(",")
    except UnicodeDecodeError:
        raise Unreadable("encoding") from None
    except csv.Error:
        raise Unreadable("columns") from None
    if not text.strip():
        return []
    if len(values) != expected:
        raise Unreadable("columns")
    return [value.strip() for value in values]

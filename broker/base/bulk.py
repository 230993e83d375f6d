"""Many rows of one table at once: made ready in any process, written by the one that may."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import chain, repeat
from struct import Struct
from typing import Any, cast

import psycopg
from sqlalchemy import Boolean, Column, LargeBinary, String, Table
from sqlalchemy.dialects import sqlite

from broker.base.db import Database, Instant, Sealed
from broker.base.statements import Driver

Columns = Mapping[str, Sequence[Any]]
"""The values of each column by its name; all columns have as many."""
Convert = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class ReadyRows:
    """Rows in the form that the driver takes fastest; they may travel between processes."""

    names: tuple[str, ...]
    body: bytes | list[tuple[Any, ...]]
    """A binary COPY for PostgreSQL, the parameters of a statement for SQLite."""


@dataclass(frozen=True)
class BulkTable:
    """Writes rows past SQLAlchemy, whose handling of each value costs more than the writing."""

    db: Database
    target: Table

    def ready(self, columns: Columns) -> ReadyRows:
        """Make rows ready; touches no database."""
        names = tuple(columns)
        if self.db.engine.dialect.name != "sqlite":
            return ReadyRows(names, _binary_copy(self.target, columns))
        converters = _converters(self.target)
        values = [_by_value(converters[name], columns[name]) for name in names]
        return ReadyRows(names, list(zip(*values, strict=True)))

    def upsert(self, rows: ReadyRows) -> None:
        """Insert rows or update them; of the rows given no two may have one primary key."""
        with self.db.transaction() as transaction:
            if isinstance(rows.body, bytes):
                self._merge(transaction.driver, rows.names, rows.body)
            else:
                statement = self._insert_or_update(rows.names)
                transaction.driver.cursor().executemany(statement, rows.body)

    def _merge(self, driver: Driver, names: tuple[str, ...], stream: bytes) -> None:
        """Let the rows arrive in a table of this connection first: COPY alone cannot update."""
        target, arriving = self.target.name, f"arriving_{self.target.name}"
        driver.execute(
            f"CREATE TEMPORARY TABLE IF NOT EXISTS {arriving} (LIKE {target})"
            " ON COMMIT DELETE ROWS"
        )
        _copy(driver, arriving, names, stream)
        listed = ", ".join(names)
        driver.execute(
            f"INSERT INTO {target} ({listed}) SELECT {listed} FROM {arriving} "  # noqa: S608 - our names
            + self._or_update(names)
        )

    def _insert_or_update(self, names: tuple[str, ...]) -> str:
        listed, places = ", ".join(names), ", ".join("?" * len(names))
        insert = f"INSERT INTO {self.target.name} ({listed}) VALUES ({places})"  # noqa: S608 - our names
        return f"{insert} {self._or_update(names)}"

    def _or_update(self, names: tuple[str, ...]) -> str:
        keys = [column.name for column in self.target.primary_key]
        changes = ", ".join(f"{name} = excluded.{name}" for name in names if name not in keys)
        return f"ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {changes}"


def _copy(driver: Driver, target: str, names: tuple[str, ...], stream: bytes) -> None:
    connection = cast("psycopg.Connection", driver)
    statement = f"COPY {target} ({', '.join(names)}) FROM STDIN (FORMAT BINARY)"
    with connection.cursor() as cursor, cursor.copy(statement.encode()) as copy:
        copy.write(stream)


def _by_value(convert: Convert | None, values: Sequence[Any]) -> Sequence[Any]:
    """Convert each different value once: the columns of a register repeat themselves."""
    if convert is None:
        return values
    converted = {value: None if value is None else convert(value) for value in set(values)}
    return [converted[value] for value in values]


@cache
def _converters(target: Table) -> dict[str, Convert | None]:
    """Return what makes a value of each column one that SQLite takes."""
    dialect = sqlite.dialect()
    return {
        column.name: column.type.dialect_impl(dialect).bind_processor(dialect)
        for column in target.columns
    }


# COPY's binary format: https://www.postgresql.org/docs/current/sql-copy.html, "Binary Format"
_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TRAILER = b"\xff\xff"
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_fields = Struct("!h").pack
_length = Struct("!i").pack
_integer = Struct("!q").pack
_NULL = _length(-1)


def _binary_copy(target: Table, columns: Columns) -> bytes:
    fields = [_binary(target.columns[name], values) for name, values in columns.items()]
    rows = zip(repeat(_fields(len(fields))), *fields, strict=False)
    return b"".join((_HEADER, *chain.from_iterable(rows), _TRAILER))


def _binary(column: Column[Any], values: Sequence[Any]) -> list[bytes]:
    encode = next(encode for kind, encode in _ENCODERS.items() if isinstance(column.type, kind))
    return [
        _NULL if value is None else _length(len(value)) + value
        for value in _by_value(encode, values)
    ]


_ENCODERS: dict[type, Convert | None] = {
    Sealed: None,
    LargeBinary: None,
    String: str.encode,
    Boolean: {False: b"\0", True: b"\1"}.__getitem__,
    Instant: lambda value: _integer((value - _EPOCH) // _MICROSECOND),
}

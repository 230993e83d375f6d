"""Tables, types and transactions: SQLite embedded or PostgreSQL, the same statements on both."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from itertools import chain
from typing import Any, cast

import psycopg
from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    CursorResult,
    DateTime,
    Dialect,
    Engine,
    Executable,
    LargeBinary,
    MetaData,
    Table,
    TypeDecorator,
    any_,
    literal,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import MultipleResultsFound
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.pool import PoolProxiedConnection

from broker.base.engine import WIRE
from broker.base.statements import Driver, DriverInsert, DriverStatement, Prepared
from broker.base.wires import Wire

_OFFSET = "+00:00"  # of UTC, which SQLite's texts leave out
_COPY_FROM = 100  # rows from which PostgreSQL takes a stream faster than statements
# Rows up to which one statement inserts them, and stays prepared. SQLite copies each page that a
# statement of several rows changes, to undo that statement alone, and soon to a file.
_AT_ONCE = {"sqlite": 1, "postgresql": 5}


class Base(DeclarativeBase):
    """Parent of every table; constraint names are stable so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


def table(mapped: type[Base]) -> Table:
    """Return the Core table of a mapped class: stores write statements on it."""
    mapped_table = mapped.__table__
    if not isinstance(mapped_table, Table):
        raise TypeError(mapped)
    return mapped_table


class Instant(TypeDecorator[datetime]):
    """A moment in UTC, microseconds kept, the same on both databases."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], Any]:
        """Refuse a naive datetime; SQLite stores UTC text, of which SQLAlchemy's way is slow."""
        return _text_of if dialect.name == "sqlite" else _in_utc

    def result_processor(self, dialect: Dialect, _coltype: object) -> Callable[[Any], Any]:
        """Return an aware datetime in UTC."""
        return _of_text if dialect.name == "sqlite" else _in_utc


def _in_utc(moment: datetime | None) -> datetime | None:
    if moment is None:
        return None
    if moment.tzinfo is None:
        raise ValueError("naive datetime")
    return moment.astimezone(UTC)


def _text_of(moment: datetime | None) -> str | None:
    utc = _in_utc(moment)
    return None if utc is None else utc.isoformat(" ", "microseconds").removesuffix(_OFFSET)


def _of_text(text: str | None) -> datetime | None:
    if text is None:
        return None
    moment = datetime.fromisoformat(text)  # with an offset where somebody else wrote it
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


class Sealed(TypeDecorator[bytes]):
    """A column encrypted by the Vault; the type marks it for the rotation of data keys."""

    impl = LargeBinary
    cache_ok = True


@dataclass(frozen=True)
class Database:
    """Statements and transactions on one engine.

    A transaction is opened by a use case and joined by everything it calls, so that the business
    change, the outgoing mail and the audit event commit together or not at all.
    """

    engine: Engine
    _current: ContextVar["Transaction | None"] = field(
        default_factory=lambda: ContextVar("transaction", default=None), repr=False
    )
    _inserts: dict[tuple[str, tuple[str, ...]], DriverInsert] = field(
        default_factory=dict, repr=False
    )
    _prepared: dict[Prepared, DriverStatement] = field(default_factory=dict, repr=False)

    @contextmanager
    def transaction(self) -> Iterator["Transaction"]:
        """Open a transaction, or join the one already open; any exception rolls all of it back."""
        current = self._current.get()
        if current is not None:
            yield current
            return
        lent = self.engine.raw_connection()
        token = None
        try:
            current = Transaction(self.engine, lent)
            current.wire.begin()
            token = self._current.set(current)
            yield current
            current.wire.commit()
        except BaseException:
            _roll_back(lent)
            raise
        finally:
            if token is not None:
                self._current.reset(token)
            lent.close()

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open in this context."""
        return self._current.get() is not None

    def execute(self, statement: Executable, parameters: Any = None) -> CursorResult[Any]:  # noqa: ANN401 - what SQLAlchemy takes
        """Run a statement that writes; belongs in a transaction."""
        current = self._current.get()
        if current is None:
            raise RuntimeError("a write needs a transaction")
        return current.connection.execute(statement, parameters)

    def insert_rows(
        self, target: Table, rows: Sequence[dict[str, Any]], *, alone: bool = False
    ) -> None:
        """Insert rows that have the same columns; belongs in a transaction, unless *alone*.

        The driver gets them almost directly: building a statement and handling each value would
        cost more than the insert itself, for the trail's events and for the register's accounts.
        """
        current = self._current.get()
        if current is None and not alone:
            raise RuntimeError("a write needs a transaction")
        names = tuple(rows[0])
        insert = self._inserts.get((target.name, names))
        if insert is None:
            insert = DriverInsert.of(target, names, self.engine.dialect)
            self._inserts[(target.name, names)] = insert
        if current is not None:
            self._insert(current.wire, insert, rows)
        elif len(rows) <= self._at_once:  # one statement is its own transaction
            with self._alone() as wire:
                self._insert(wire, insert, rows)
                wire.settle()
        else:
            with self.transaction() as own:
                self._insert(own.wire, insert, rows)

    @property
    def _at_once(self) -> int:
        return _AT_ONCE[self.engine.dialect.name]

    def _insert(self, wire: Wire, insert: DriverInsert, rows: Sequence[dict[str, Any]]) -> None:
        parameters = insert.parameters(rows)
        if len(rows) <= self._at_once:
            wire.later(insert.at_once(len(rows)), list(chain(*parameters)))
            return
        wire.settle()
        if len(rows) < _COPY_FROM or self.engine.dialect.name == "sqlite":
            wire.driver.cursor().executemany(insert.statement, parameters)
        else:
            connection = cast("psycopg.Connection", wire.driver)
            with connection.cursor() as cursor, cursor.copy(insert.copy.encode()) as stream:
                for row in parameters:
                    stream.write_row(row)

    def one(self, statement: Executable | Prepared, **values: object) -> Any:  # noqa: ANN401 - a row of any columns
        """Return the only row, or None; within the open transaction or on its own."""
        if isinstance(statement, Prepared):
            rows = self._rows(statement, values)
            if len(rows) > 1:
                raise MultipleResultsFound
            return rows[0] if rows else None
        with self._reading() as connection:
            return connection.execute(statement).one_or_none()

    def all(self, statement: Executable | Prepared, **values: object) -> Sequence[Any]:
        """Return every row; within the open transaction or on its own."""
        if isinstance(statement, Prepared):
            return self._rows(statement, values)
        with self._reading() as connection:
            return connection.execute(statement).all()

    def scalar(self, statement: Executable | Prepared, **values: object) -> Any:  # noqa: ANN401 - one value of any column
        """Return the first column of the first row, or None."""
        if isinstance(statement, Prepared):
            rows = self._rows(statement, values)
            return rows[0][0] if rows else None
        with self._reading() as connection:
            return connection.execute(statement).scalar()

    def count(self, statement: Prepared, **values: object) -> int:
        """Run a statement that writes; return how many rows it changed."""
        current = self._current.get()
        if current is None:
            raise RuntimeError("a write needs a transaction")
        return self._ready(statement).count(current.wire, values)

    def insert_unless_present(self, target: Table, values: dict[str, Any]) -> bool:
        """Insert one row; False when a unique constraint already holds such a row."""
        insert = sqlite.insert if self.engine.dialect.name == "sqlite" else postgresql.insert
        statement = insert(target).values(**values).on_conflict_do_nothing()
        # Without the option SQLAlchemy forgets psycopg's count of an INSERT: -1 every time.
        return self.execute(statement.execution_options(preserve_rowcount=True)).rowcount == 1

    def _rows(self, statement: Prepared, values: dict[str, Any]) -> list[Any]:
        current, ready = self._current.get(), self._ready(statement)
        if current is not None:
            return ready.rows(current.wire, values)
        if statement.writes:
            raise RuntimeError("a write needs a transaction")
        with self._alone() as wire:
            return ready.rows(wire, values)

    @contextmanager
    def _alone(self) -> Iterator[Wire]:
        """Lend a connection for one statement, which is its own transaction."""
        lent = self.engine.raw_connection()
        try:
            yield lent.info[WIRE]
        except BaseException:
            lent.invalidate()  # whatever state it is in, nobody else gets it
            raise
        lent.close()

    def _ready(self, statement: Prepared) -> DriverStatement:
        ready = self._prepared.get(statement)
        if ready is None:
            ready = DriverStatement.of(statement, self.engine.dialect)
            self._prepared[statement] = ready
        return ready

    def among(self, column: Column[Any], values: Iterable[Any]) -> ColumnElement[bool]:
        """Tell whether the column holds one of the values.

        PostgreSQL takes them as one array, so that the statement stays the same and prepared
        whatever their number.
        """
        listed = list(values)
        if self.engine.dialect.name == "sqlite":
            return column.in_(listed)
        return any_(literal(listed, postgresql.ARRAY(column.type))) == column

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        current = self._current.get()
        if current is not None:
            yield current.connection
            return
        with self.engine.connect() as connection:
            yield connection.execution_options(broker_reads=True)


class Transaction:
    """A transaction that is open; SQLAlchemy's connection is made when a statement needs it."""

    def __init__(self, engine: Engine, lent: PoolProxiedConnection) -> None:
        self.wire: Wire = lent.info[WIRE]
        self._engine, self._lent = engine, lent
        self.kept: dict[type, Any] = {}
        """What a capability remembers until the end, by a type of its own."""

    @property
    def connection(self) -> Connection:
        """The same connection as SQLAlchemy knows it; it neither begins nor ends anything."""
        self.wire.settle()
        return self._connection

    @property
    def driver(self) -> Driver:
        """The connection as its driver knows it."""
        self.wire.settle()
        return self.wire.driver

    @cached_property
    def _connection(self) -> Connection:
        connection = Connection(self._engine, connection=self._lent)
        return connection.execution_options(broker_reads=True)


def _roll_back(lent: PoolProxiedConnection) -> None:
    """Undo what a connection did; one that cannot even do that is never lent again."""
    try:
        if lent.is_valid:
            lent.info[WIRE].roll_back()
    except (psycopg.Error, sqlite3.Error) as error:
        lent.invalidate(error)

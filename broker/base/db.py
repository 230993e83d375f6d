"""Tables, types and transactions: SQLite embedded or PostgreSQL, the same statements on both."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any, Self, cast

import psycopg
from sqlalchemy import (
    Connection,
    CursorResult,
    DateTime,
    Dialect,
    Engine,
    Executable,
    LargeBinary,
    MetaData,
    Row,
    Table,
    TypeDecorator,
    bindparam,
    event,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase

_COPY_FROM = 100  # rows from which PostgreSQL takes a stream faster than statements
_BUSY_TIMEOUT = 15_000  # milliseconds a SQLite writer waits for another one


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

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a naive datetime; SQLite stores UTC text."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive datetime")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return an aware datetime in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


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
    _current: ContextVar[Connection | None] = field(
        default_factory=lambda: ContextVar("connection", default=None), repr=False
    )
    _inserts: dict[tuple[str, tuple[str, ...]], "_DriverInsert"] = field(
        default_factory=dict, repr=False
    )

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Open a transaction, or join the one already open; any exception rolls all of it back."""
        current = self._current.get()
        if current is not None:
            yield current
            return
        with self.engine.connect() as connection, connection.begin():
            token = self._current.set(connection)
            try:
                yield connection
            finally:
                self._current.reset(token)

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open in this context."""
        return self._current.get() is not None

    def execute(self, statement: Executable, parameters: Any = None) -> CursorResult[Any]:  # noqa: ANN401 - what SQLAlchemy takes
        """Run a statement that writes; belongs in a transaction."""
        current = self._current.get()
        if current is None:
            raise RuntimeError("a write needs a transaction")
        return current.execute(statement, parameters)

    def insert_rows(self, target: Table, rows: Sequence[dict[str, Any]]) -> None:
        """Insert rows that have the same columns; belongs in a transaction.

        The driver gets them almost directly: building a statement and handling each value would
        cost more than the insert itself, for the trail's events and for the register's accounts.
        """
        current = self._current.get()
        if current is None:
            raise RuntimeError("a write needs a transaction")
        names = tuple(rows[0])
        insert = self._inserts.get((target.name, names))
        if insert is None:
            insert = self._inserts[(target.name, names)] = _DriverInsert.of(
                target, names, self.engine.dialect
            )
        parameters = insert.parameters(rows)
        if len(rows) < _COPY_FROM or self.engine.dialect.name == "sqlite":
            current.exec_driver_sql(insert.statement, parameters)
            return
        copy = f"COPY {target.name} ({', '.join(insert.names)}) FROM STDIN"
        connection = cast("psycopg.Connection", current.connection.driver_connection)
        with connection.cursor() as cursor, cursor.copy(copy.encode()) as stream:
            for row in parameters:
                stream.write_row(row)

    def one(self, statement: Executable) -> Row[Any] | None:
        """Return the only row, or None; within the open transaction or on its own."""
        with self._reading() as connection:
            return connection.execute(statement).one_or_none()

    def all(self, statement: Executable) -> Sequence[Row[Any]]:
        """Return every row; within the open transaction or on its own."""
        with self._reading() as connection:
            return connection.execute(statement).all()

    def scalar(self, statement: Executable) -> Any:  # noqa: ANN401 - one value of any column
        """Return the first column of the first row, or None."""
        with self._reading() as connection:
            return connection.execute(statement).scalar()

    def insert_unless_present(self, target: Table, values: dict[str, Any]) -> bool:
        """Insert one row; False when a unique constraint already holds such a row."""
        insert = sqlite.insert if self.engine.dialect.name == "sqlite" else postgresql.insert
        statement = insert(target).values(**values).on_conflict_do_nothing()
        # Without the option SQLAlchemy forgets psycopg's count of an INSERT: -1 every time.
        return self.execute(statement.execution_options(preserve_rowcount=True)).rowcount == 1

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        current = self._current.get()
        if current is not None:
            yield current
            return
        with self.engine.connect() as connection:
            yield connection.execution_options(broker_reads=True)


@dataclass(frozen=True)
class _DriverInsert:
    """One insert as the driver wants it, and what turns values into the driver's."""

    statement: str
    names: tuple[str, ...]
    converters: dict[int, Callable[[Any], Any]]

    @classmethod
    def of(cls, target: Table, names: tuple[str, ...], dialect: Dialect) -> Self:
        """Prepare the insert of these columns."""
        style = "qmark" if dialect.name == "sqlite" else "format"
        positional = type(dialect)(paramstyle=style)  # type: ignore[call-arg]
        columns = [column for column in target.columns if column.name in names]
        ordered = tuple(column.name for column in columns)  # the order of the statement
        statement = target.insert().values({name: bindparam(name) for name in ordered})
        found = (column.type.dialect_impl(dialect).bind_processor(dialect) for column in columns)
        return cls(
            str(statement.compile(dialect=positional)),
            ordered,
            {rank: convert for rank, convert in enumerate(found) if convert},
        )

    def parameters(self, rows: Sequence[dict[str, Any]]) -> list[tuple[Any, ...]]:
        """Return the driver's parameters; each different value of a column is converted once."""
        columns: list[Iterable[Any]] = list(zip(*map(itemgetter(*self.names), rows), strict=True))
        for rank, convert in self.converters.items():
            converted = {value: convert(value) for value in set(columns[rank])}
            columns[rank] = map(converted.__getitem__, columns[rank])
        return list(zip(*columns, strict=True))


def prepare_engine(engine: Engine) -> None:
    """Set up SQLite so that no update is lost: write-ahead log, and one writer at a time."""
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def _configure(dbapi_connection: Any, _record: object) -> None:  # noqa: ANN401 - sqlite3's own
        dbapi_connection.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            f"busy_timeout={_BUSY_TIMEOUT}",
        ):
            dbapi_connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A deferred transaction that reads, then writes, can lose the race without waiting.
        reads = connection.get_execution_options().get("broker_reads", False)
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

"""Statements that are built once and then handed to the driver: those that every request runs.

Building a statement, compiling it and wrapping its rows costs SQLAlchemy many times what the
database needs to run it.
"""

from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, Self

from sqlalchemy import Delete, Dialect, Select, Table, Update, bindparam
from sqlalchemy.types import TypeEngine

from broker.base.wires import Wire

Driver = Any
"""A connection of sqlite3 or of psycopg: both execute, and give a cursor back."""
_Convert = Callable[[Any], Any]


class Prepared:
    """A statement whose values are ``bindparam`` by name; one of it serves for good."""

    def __init__(self, statement: Select[Any] | Update | Delete) -> None:
        self.statement = statement

    @property
    def writes(self) -> bool:
        """Whether it belongs in a transaction."""
        return self.statement.is_dml


@dataclass(frozen=True)
class DriverStatement:
    """A prepared statement as one driver wants it."""

    text: str
    names: tuple[str, ...]
    """Of the values, in the order of the driver's parameters."""
    fixed: Mapping[str, Any]
    binds: Mapping[str, _Convert]
    results: tuple[tuple[int, _Convert], ...]
    row: Callable[[Iterable[Any]], Any]

    @classmethod
    def of(cls, prepared: Prepared, dialect: Dialect) -> Self:
        """Compile the statement for a database."""
        compiled = prepared.statement.compile(dialect=_positional(dialect))
        columns = prepared.statement.exported_columns
        binds = compiled.binds
        found = ((name, _of_bind(bind.type, dialect)) for name, bind in binds.items())
        results = (_of_result(column.type, dialect) for column in columns)
        return cls(
            str(compiled),
            tuple(compiled.positiontup or ()),
            {name: bind.value for name, bind in binds.items() if not bind.required},
            {name: convert for name, convert in found if convert},
            tuple((rank, convert) for rank, convert in enumerate(results) if convert),
            row_of(str(column.key) for column in columns),
        )

    def rows(self, wire: Wire, values: Mapping[str, Any]) -> list[Any]:
        """Run it; return every row, with the columns as attributes."""
        found = wire.rows(self.text, self._parameters(values))
        return [self.row(self._read(row)) for row in found]

    def count(self, wire: Wire, values: Mapping[str, Any]) -> int:
        """Run it; return how many rows it changed."""
        return wire.count(self.text, self._parameters(values))

    def _parameters(self, values: Mapping[str, Any]) -> list[Any]:
        given, binds = {**self.fixed, **values}, self.binds
        return [binds[name](given[name]) if name in binds else given[name] for name in self.names]

    def _read(self, row: Sequence[Any]) -> Sequence[Any]:
        values = list(row)
        for rank, convert in self.results:
            values[rank] = convert(values[rank])
        return values


@dataclass(frozen=True)
class DriverInsert:
    """One insert as the driver wants it, and what turns values into the driver's."""

    statement: str
    group: str
    """The placeholders of one row."""
    copy: str
    """What begins a stream of rows, on PostgreSQL."""
    names: tuple[str, ...]
    converters: dict[int, _Convert]

    @classmethod
    def of(cls, target: Table, names: tuple[str, ...], dialect: Dialect) -> Self:
        """Prepare the insert of these columns."""
        columns = [column for column in target.columns if column.name in names]
        ordered = tuple(column.name for column in columns)  # the order of the statement
        statement = target.insert().values({name: bindparam(name) for name in ordered})
        text = str(statement.compile(dialect=_positional(dialect)))
        found = (_of_bind(column.type, dialect) for column in columns)
        return cls(
            text,
            text.partition(" VALUES ")[2],
            f"COPY {target.name} ({', '.join(ordered)}) FROM STDIN",
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

    def at_once(self, rows: int) -> str:
        """Return the statement that inserts that many rows."""
        return ", ".join([self.statement, *[self.group] * (rows - 1)])


def _positional(dialect: Dialect) -> Dialect:
    style = "qmark" if dialect.name == "sqlite" else "format"
    return type(dialect)(paramstyle=style)  # type: ignore[call-arg]


def row_of(names: Iterable[str]) -> Callable[[Iterable[Any]], Any]:
    """Return what makes a row that has these names as attributes."""
    row = namedtuple("Row", tuple(names))  # type: ignore[misc]  # noqa: PYI024 - known at run time
    return row._make


def _of_bind(kind: TypeEngine[Any], dialect: Dialect) -> _Convert | None:
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _of_result(kind: TypeEngine[Any], dialect: Dialect) -> _Convert | None:
    return kind.dialect_impl(dialect).result_processor(dialect, None)

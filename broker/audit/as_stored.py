"""Rows of the trail as they are stored, without what makes values of their types.

A date that is none, text in a column of bytes: whoever writes such a thing into the database must
not keep the trail from being judged.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Boolean, Column, ColumnElement, LargeBinary, case, cast, func, type_coerce
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.types import NullType, TypeDecorator

from broker.base.db import Database, Instant

_FIRST, _LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
_SPELT = "dddd-dd-dd dd:dd:dd.dddddd".replace("d", "[0-9]")
_FORMAT = "YYYY-MM-DD HH24:MI:SS.US"


def as_stored(db: Database, *columns: Column[Any]) -> list[ColumnElement[Any]]:
    """Return the columns, under their names, so that reading them never fails.

    Moments are told as SQLite stores them (``stored``); of others than Python knows, such as
    PostgreSQL's infinity, nothing is told.
    """
    on_postgresql = db.engine.dialect.name == "postgresql"
    return [
        (_told(column) if on_postgresql else type_coerce(column, NullType())).label(column.name)
        for column in columns
    ]


def as_text(db: Database, *columns: Column[Any]) -> list[ColumnElement[Any]]:
    """Return the columns, under their names, as texts: of what is none, what can be read of it."""
    on_sqlite = db.engine.dialect.name == "sqlite"
    return [
        type_coerce(cast(column, LargeBinary) if on_sqlite else column, _AnyText).label(
            column.name
        )
        for column in columns
    ]


def is_moment(column: ColumnElement[Any]) -> ColumnElement[bool]:
    """Tell, in a statement, whether a column of moments holds one that Python knows."""
    return _IsMoment(column)


def stored(moment: str) -> str:
    """Return the moment of an event, as its body tells it, as it is stored."""
    return moment.replace("T", " ").removesuffix("Z")


def _told(column: Column[Any]) -> ColumnElement[Any]:
    if not isinstance(column.type, Instant):
        return type_coerce(column, NullType())
    in_utc = func.timezone("UTC", column)
    return case((column.between(_FIRST, _LAST), func.to_char(in_utc, _FORMAT)))


class _AnyText(TypeDecorator[str]):
    """SQLite takes any bytes for a text, and fails where they are none: they come as bytes."""

    impl = NullType
    cache_ok = True

    def result_processor(self, _dialect: Dialect, _coltype: object) -> Callable[[Any], Any]:
        """Return a text, or None."""
        return _text_of


def _text_of(value: object) -> str | None:
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    return None if value is None else str(value)


class _IsMoment(ColumnElement[bool]):
    inherit_cache = False
    type = Boolean()

    def __init__(self, column: ColumnElement[Any]) -> None:
        self.column = column


@compiles(_IsMoment, "postgresql")
def _of_postgresql(element: _IsMoment, compiler: Any, **rest: Any) -> str:  # noqa: ANN401 - SQLAlchemy's own
    column = compiler.process(element.column, **rest)
    return f"({column} BETWEEN '0001-01-02 00:00Z' AND '9999-12-30 00:00Z')"


@compiles(_IsMoment, "sqlite")
def _of_sqlite(element: _IsMoment, compiler: Any, **rest: Any) -> str:  # noqa: ANN401 - SQLAlchemy's own
    column = compiler.process(element.column, **rest)
    return f"({column} GLOB '{_SPELT}' AND datetime({column}) = substr({column}, 1, 19))"

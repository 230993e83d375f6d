"""Rows of the trail as they are stored, without what makes values of their types.

A date that is none, text in a column of bytes: whoever writes such a thing into the database must
not keep the trail from being judged.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, case, func, type_coerce
from sqlalchemy.types import NullType

from broker.base.db import Database, Instant

_FIRST, _LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
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


def stored(moment: str) -> str:
    """Return the moment of an event, as its body tells it, as it is stored."""
    return moment.replace("T", " ").removesuffix("Z")


def _told(column: Column[Any]) -> ColumnElement[Any]:
    if not isinstance(column.type, Instant):
        return type_coerce(column, NullType())
    in_utc = func.timezone("UTC", column)
    return case((column.between(_FIRST, _LAST), func.to_char(in_utc, _FORMAT)))

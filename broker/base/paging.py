"""Long lists, a part at a time: what comes while somebody reads on moves no other row."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import Column, ColumnElement, Row, and_, asc, desc, or_, select

from broker.base.db import Database

MOST = 100  # rows of a part
_Item = TypeVar("_Item")


@dataclass(frozen=True)
class Part(Generic[_Item]):
    """Some rows of a list; ``further``: the reference behind which it goes on, None at its end."""

    items: tuple[_Item, ...]
    further: str | None


@dataclass(frozen=True)
class Listing(Generic[_Item]):
    """A table of things with a reference, in the order of one of their moments."""

    when: Column[datetime]
    read: Callable[[Row[Any]], _Item]
    newest_first: bool = True

    def part(
        self, db: Database, *chosen: ColumnElement[bool], behind: str | None, most: int = MOST
    ) -> Part[_Item]:
        """Return the rows behind that reference; the first ones where it names nothing."""
        table, reference = self.when.table, self.when.table.c.reference
        last = db.scalar(select(self.when).where(reference == behind)) if behind else None
        direction = desc if self.newest_first else asc
        ordered = select(table).where(*chosen).order_by(direction(self.when), direction(reference))
        statement = ordered.limit(most + 1)
        if last is not None:
            statement = statement.where(self._is_behind(last, behind))
        rows = db.all(statement)
        more = rows[most - 1].reference if len(rows) > most else None
        return Part(tuple(map(self.read, rows[:most])), more)

    def _is_behind(self, last: datetime, reference: str | None) -> ColumnElement[bool]:
        when, named = self.when, self.when.table.c.reference
        if self.newest_first:
            return or_(when < last, and_(when == last, named < reference))
        return or_(when > last, and_(when == last, named > reference))

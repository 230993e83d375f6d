"""The trail, grouped by what stands in its events: what detection and its alerts read."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    String,
    and_,
    case,
    cast,
    func,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import INET

from broker.audit.as_stored import is_moment
from broker.audit.model import Outcome, Recorded
from broker.audit.questions.asking import MAPPED
from broker.audit.questions.body import member
from broker.audit.readable import recorded
from broker.audit.sealing.tree_store import LEAF
from broker.audit.store import EVENT, MOMENT, readable
from broker.base.db import Database

_PAGE = 1_000  # rows read at a time
_MOST = 200  # events of one alert's page
_ADDRESS = "src.ip"


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which events: of these types, with that outcome and one of these reasons where given."""

    types: tuple[str, ...]
    outcome: Outcome | None = None
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Sealed:
    """What a stretch of the sealed trail holds: the types, and how far it reaches in time."""

    last: int
    events: int
    between: dict[str, tuple[datetime, datetime]]

    def span(self, types: Sequence[str]) -> tuple[datetime, datetime]:
        """Return when the first and the last event of these types was."""
        found = [self.between[each] for each in types if each in self.between]
        return min(first for first, _ in found), max(last for _, last in found)


@dataclass(frozen=True, kw_only=True)
class Occurred:
    """One event of a group: whether it is one that counts, and what tells it from others."""

    time: datetime
    counts: bool
    told_apart: str | None


@dataclass(frozen=True)
class Groups:
    """Reads the trail by type and time, and by person: each question has its index."""

    db: Database

    def sealed_after(self, position: int, most: int) -> Sealed | None:
        """Return the next stretch of the sealed trail; None at its end."""
        stretch = and_(LEAF.c.position > position, LEAF.c.position <= position + most)
        last, events = self.db.one(select(func.max(LEAF.c.position), func.count()).where(stretch))
        if last is None:
            return None
        joined = LEAF.join(EVENT, EVENT.c.event_id == LEAF.c.event_id)
        rows = self.db.all(
            select(EVENT.c.type, func.min(MOMENT), func.max(MOMENT))
            .select_from(joined)
            .where(stretch)
            .group_by(EVENT.c.type)
        )
        between = {kind: (first, until) for kind, first, until in rows if first}
        return Sealed(last=last, events=events, between=between)

    def large(
        self,
        wanted: Wanted,
        *,
        by: str,
        counts: str | None,
        at_least: int,
        since: datetime,
        until: datetime,
    ) -> list[str]:
        """Return the groups that have so many events, or differing ones, between two moments."""
        group = self._field(by)
        size = func.count(self._field(counts).distinct()) if counts else func.count()
        rows = self.db.all(
            select(group.label("value"))
            .where(self._is(wanted), EVENT.c.time >= since, EVENT.c.time <= until)
            .where(group.is_not(None))
            .group_by(group)
            .having(size >= at_least)
            .order_by(group)
        )
        return [row.value for row in rows]

    def members(
        self,
        wanted: Wanted,
        *,
        by: str,
        value: str,
        told_apart_by: str | None,
        beside: tuple[str, ...],
        since: datetime,
        until: datetime,
    ) -> Iterator[Occurred]:
        """Yield a group's events in the order of time, and those *beside* that do not count."""
        is_counted = self._is(wanted)
        apart = self._field(told_apart_by) if told_apart_by else EVENT.c.event_id
        chosen = or_(is_counted, EVENT.c.type.in_(beside)) if beside else is_counted
        pages = (
            select(EVENT.c.event_id, EVENT.c.time, case((is_counted, 1), else_=0), apart)
            .where(chosen, self._field(by) == value, EVENT.c.time <= until)
            .where(is_moment(EVENT.c.time))
            .order_by(EVENT.c.time, EVENT.c.event_id)
            .limit(_PAGE)
        )
        after = EVENT.c.time >= since
        while rows := self.db.all(pages.where(after)):
            for _, time, counted, told in rows:
                yield Occurred(time=time, counts=bool(counted), told_apart=told)
            last_id, last_time = rows[-1][:2]
            later = and_(EVENT.c.time == last_time, EVENT.c.event_id > last_id)
            after = or_(EVENT.c.time > last_time, later)

    def people_with(
        self,
        types: tuple[str, ...],
        since: datetime,
        until: datetime,
        among: Sequence[str] | None = None,
    ) -> list[str]:
        """Return whom, *among* some, events of these types are about, from *since* to *until*."""
        between = and_(EVENT.c.time >= since, EVENT.c.time <= until)
        chosen = and_(EVENT.c.type.in_(types), between, EVENT.c.subject_ref.is_not(None))
        if among is not None:
            chosen = and_(chosen, self.db.among(EVENT.c.subject_ref, among))
        rows = self.db.all(select(EVENT.c.subject_ref).distinct().where(chosen))
        return [row.subject_ref for row in rows]

    def of_person(
        self, subject_ref: str, wanted: Wanted, since: datetime, until: datetime
    ) -> list[Recorded]:
        """Return every such event that is about somebody: none hides behind many others."""
        rows = self.db.all(
            select(*readable(self.db))
            .where(EVENT.c.subject_ref == subject_ref, self._is(wanted))
            .where(EVENT.c.time >= since, EVENT.c.time <= until)
        )
        return [recorded(row) for row in rows]

    def is_first(self, event: Recorded, field: str) -> bool:
        """Tell whether it has a value that no earlier event of its type and person has."""
        its_own = select(self._field(field)).where(EVENT.c.event_id == event.event_id)
        value = self.db.scalar(its_own)
        earlier = (
            select(EVENT.c.event_id)
            .where(
                EVENT.c.subject_ref == event.body.get("subject_ref"), EVENT.c.type == event.type
            )
            .where(self._field(field) == value, EVENT.c.time < event.time)
        )
        return value is not None and self.db.scalar(earlier.limit(1)) is None

    def events(
        self, types: tuple[str, ...], by: str, value: str, since: datetime, until: datetime
    ) -> list[Recorded]:
        """Return the first events of a group, in the order of time."""
        rows = self.db.all(
            select(*readable(self.db))
            .where(EVENT.c.type.in_(types), self._field(by) == value)
            .where(EVENT.c.time >= since, EVENT.c.time <= until)
            .order_by(EVENT.c.time, EVENT.c.event_id)
            .limit(_MOST)
        )
        return [recorded(row) for row in rows]

    def _is(self, wanted: Wanted) -> ColumnElement[bool]:
        conditions: list[ColumnElement[bool]] = [EVENT.c.type.in_(wanted.types)]
        if wanted.outcome:
            conditions.append(self._field("outcome") == str(wanted.outcome))
        if wanted.reasons:
            conditions.append(self._field("reason_code").in_(wanted.reasons))
        return and_(*conditions)

    def _field(self, path: str) -> ColumnElement[Any]:
        """Return a column, or what stands in the body; of an address, the line it belongs to."""
        if path in EVENT.c:
            return EVENT.c[path]
        found = member(path)
        if path != _ADDRESS:
            return found
        on_sqlite = self.db.engine.dialect.name == "sqlite"
        return func.address_line(found) if on_sqlite else _line(found)


def _line(address: ColumnElement[Any]) -> ColumnElement[Any]:
    """Do on PostgreSQL what ``address_line`` does: an IPv4 address, or a /64 of IPv6."""
    bare = func.split_part(address, "%", 1)
    network = func.network(func.set_masklen(cast(bare, INET), 64))
    return case(
        (address.startswith(MAPPED), func.substr(address, len(MAPPED) + 1)),
        (and_(address.contains(":"), func.pg_input_is_valid(bare, "inet")), cast(network, String)),
        else_=address,
    )

"""Events as an analyst reads them: the newest first, a page at a time, by whatever names them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, or_, select

from broker.audit.as_stored import as_text
from broker.audit.event_ids import first_id
from broker.audit.model import Outcome, Recorded
from broker.audit.readable import event_of, recorded
from broker.audit.store import EVENT, readable
from broker.base.bounded_read import all_within
from broker.base.clock import Clock
from broker.base.db import Database

_SIZE = 50  # events of a page
WEEK = timedelta(days=7)  # where no index knows an identifier and nobody named a time
PATIENCE = 10.0  # seconds that one look through the texts of events may take
_INDEXED = ("event_id", "subject_ref", "client_id", "auth_event_id", "interaction_id", "txn",
            "request_id")  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is looked for; ``terms`` are exact identifiers, any of which may stand in the event."""

    terms: tuple[str, ...] = ()
    type_prefix: str | None = None
    client_id: str | None = None
    outcome: Outcome | None = None
    since: datetime | None = None
    until: datetime | None = None
    reach: timedelta | None = WEEK
    """How far back what no index knows is sought, without *since*; None: through all of it."""


@dataclass(frozen=True, kw_only=True)
class Slice:
    """One page of events; ``older`` and ``newer`` are the ids to go on from, where there is more.

    ``since`` is how far back was looked, where the question alone would have meant everything.
    """

    events: tuple[Recorded, ...]
    older: str | None
    newer: str | None
    since: datetime | None = None


@dataclass(frozen=True)
class Timeline:
    """Reads the trail; ids are UUIDv7, so that their order is that of time."""

    db: Database
    clock: Clock
    patience: float = PATIENCE

    def body(self, event_id: str) -> str | None:
        """Return one event, as it is kept: also what is none."""
        (text,) = as_text(self.db, EVENT.c.body)
        found = self.db.scalar(select(text).where(EVENT.c.event_id == event_id).limit(1))
        return None if found is None else str(found)

    def event(self, event_id: str) -> dict[str, Any] | None:
        """Return one event, or its stand-in."""
        wanted = select(*readable(self.db)).where(EVENT.c.event_id == event_id)
        row = self.db.one(wanted.limit(1))
        return event_of(row) if row else None

    def holds(self, term: str, question: Question) -> bool:
        """Tell whether an event has that identifier: of any age where an index knows it.

        ReadTooLong is raised where the events that the question reaches are too many to read.
        """
        if self._any(_indexed((term,))) or self._login(term):
            return True
        since = question.since or self._reached(question)
        read = select(EVENT.c.event_id).where(_in_body(term), *_between(since, question.until))
        return bool(all_within(self.db, self.patience, read.limit(1)))

    def page(
        self, question: Question, *, before: str | None = None, after: str | None = None
    ) -> Slice:
        """Return the newest events, or those older than *before*, or just newer than *after*.

        ReadTooLong is raised where too many events have to be read for it.
        """
        statement, since = self._asked(question)
        if after is not None:
            rows = self._read(statement.where(EVENT.c.event_id > after).order_by(EVENT.c.event_id))
            shown, more = rows[:_SIZE][::-1], len(rows) > _SIZE
            older, newer = True, more
        else:
            if before is not None:
                statement = statement.where(EVENT.c.event_id < before)
            rows = self._read(statement.order_by(EVENT.c.event_id.desc()))
            shown, more = rows[:_SIZE], len(rows) > _SIZE
            older, newer = more, before is not None
        events = tuple(recorded(row) for row in shown)
        return Slice(
            events=events,
            older=events[-1].event_id if events and older else None,
            newer=events[0].event_id if events and newer else None,
            since=since,
        )

    def _read(self, statement: Select[Any]) -> Sequence[Row[Any]]:
        return all_within(self.db, self.patience, statement.limit(_SIZE + 1))

    def _asked(self, question: Question) -> tuple[Select[Any], datetime | None]:
        """Return the statement, and how far back it looks where nobody has said it."""
        since, guessed = question.since, None
        conditions = list(_filters(question))
        if question.terms:
            named, unknown = self._named(question.terms)
            if unknown:  # addresses, and what nobody knows
                guessed = self._reached(question) if since is None else None
                named.append(and_(_in_bodies(unknown), *_between(guessed, None)))
            conditions.append(or_(*named))
        conditions += _between(since, question.until)
        return select(*readable(self.db)).where(*conditions), guessed

    def _named(self, terms: Sequence[str]) -> tuple[list[ColumnElement[bool]], list[str]]:
        """Return what finds the terms that an index knows, and the others."""
        indexed = [term for term in terms if self._any(_indexed((term,)))]
        found, unknown = [_indexed(indexed)] if indexed else [], []
        for term in terms:
            if term in indexed:
                continue
            if login := self._login(term):
                # Tokens, families, sessions are used in the login that made them alone.
                found.append(and_(_in_body(term), EVENT.c.auth_event_id == login))
            else:
                unknown.append(term)
        return found, unknown

    def _reached(self, question: Question) -> datetime | None:
        if question.reach is None:
            return None
        return (question.until or self.clock()) - question.reach

    def _login(self, term: str) -> str | None:
        """Return the login that made what the term names; None where it is not known so."""
        made = or_(EVENT.c.made_ref == term, EVENT.c.made_jti == term)
        login = self.db.scalar(select(EVENT.c.auth_event_id).where(made).limit(1))
        return None if login is None else str(login)

    def _any(self, condition: ColumnElement[bool]) -> bool:
        return self.db.scalar(select(EVENT.c.event_id).where(condition).limit(1)) is not None


def _filters(question: Question) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if question.type_prefix:
        found.append(EVENT.c.type.startswith(question.type_prefix, autoescape=True))
    if question.client_id:
        found.append(EVENT.c.client_id == question.client_id)
    if question.outcome:
        # The canonical body has this text in no other place: quotes are escaped.
        outcome = f'"outcome":"{question.outcome}"'
        found.append(EVENT.c.body.contains(outcome, autoescape=True))
    return found


def _between(since: datetime | None, until: datetime | None) -> list[ColumnElement[bool]]:
    """Bound the time, and with it the ids: an index knows their order."""
    found: list[ColumnElement[bool]] = []
    if since is not None:
        found += [EVENT.c.time >= since, EVENT.c.event_id >= first_id(since)]
    if until is not None:
        found += [EVENT.c.time < until, EVENT.c.event_id < first_id(until)]
    return found


def _indexed(terms: Sequence[str]) -> ColumnElement[bool]:
    return or_(*(EVENT.c[name].in_(terms) for name in _INDEXED))


def _in_bodies(terms: Sequence[str]) -> ColumnElement[bool]:
    return or_(*(_in_body(term) for term in terms))


def _in_body(term: str) -> ColumnElement[bool]:
    return EVENT.c.body.contains(json.dumps(term, ensure_ascii=False), autoescape=True)

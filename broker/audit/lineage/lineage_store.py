"""Finds the events that hang together, whatever of them is named."""

import base64
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain
from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_, select

from broker.audit.lineage import tries
from broker.audit.readable import event_of
from broker.audit.store import EVENT, readable
from broker.base.db import Database

_MOST = 2_000  # events of one answer
_TIES = ("auth_event_id", "interaction_id", "txn")
_NAMED = ("event_id", *_TIES, "request_id", "made_ref", "made_jti")
_PREFIX = 32  # hexadecimal digits of the 16 bytes that the trail keeps of a digest
_DIGEST = re.compile(r"[0-9a-f]{32}|[0-9a-f]{64}", re.IGNORECASE)
_IN_BASE64URL = re.compile(r"[A-Za-z0-9_-]{43}")  # a whole digest
_TOKEN = 43  # characters: no token and no code is shorter
_LONGEST = 64  # characters of what the trail calls anything by
Body = dict[str, Any]


@dataclass(frozen=True)
class Found:
    """Events that hang together, oldest first; ``names``: those under which they were sought."""

    events: tuple[Body, ...]
    names: frozenset[str]
    whole: bool
    """Whether these are all: an answer has an end."""


@dataclass(frozen=True)
class LineageStore:
    """Reads by the columns that have an index, never the whole trail."""

    db: Database

    def find(self, identifier: str) -> Found:
        """Return what hangs on that identifier, or on the code, token or address that it is.

        A secret is asked for by its digest; as it stands only where the digest names nothing.
        """
        text = identifier.strip()
        for names in (frozenset({_digest(text)}), _texts(text)):
            seeds = self._read(_named(names))
            if seeds:
                return self._grown(seeds, names)
        return Found((), frozenset(), whole=True)

    def knows(self, text: str) -> bool:
        """Tell whether something has that name, as it stands or as a digest."""
        return bool(self._read(_named(_texts(text)), most=1))

    def _grown(self, seeds: Iterable[Body], names: frozenset[str]) -> Found:
        """Follow the ties from event to event until nothing new comes."""
        events = {event["event_id"]: event for event in seeds}
        followed: set[tuple[str, str]] = set()
        looked: set[str] = set()
        while len(events) <= _MOST:
            ties = {
                (name, event[name]) for event in events.values() for name in _TIES if name in event
            }
            fresh = [
                event
                for event_id, event in events.items()
                if event_id not in looked and tries.is_of_run(event)
            ]
            if ties <= followed and not fresh:
                break
            runs = [self._run_of(event) for event in fresh]
            for event in chain(self._tied(ties - followed), *runs):
                events[event["event_id"]] = event
            followed |= ties
            looked |= {event["event_id"] for event in fresh}
        kept = sorted(events)[:_MOST]
        return Found(tuple(events[each] for each in kept), names, whole=len(events) <= _MOST)

    def _tied(self, ties: set[tuple[str, str]]) -> list[Body]:
        values = {name: sorted(value for tie, value in ties if tie == name) for name in _TIES}
        named = (EVENT.c[name].in_(each) for name, each in values.items() if each)
        return self._read(or_(false(), *named))

    def _run_of(self, event: Body) -> list[Body]:
        """Return the tries of the run that this one is of."""
        near = self._read(
            and_(
                EVENT.c.subject_ref == event["subject_ref"],
                EVENT.c.type.in_(tries.KINDS),
                EVENT.c.time.between(*tries.window(event)),
            )
        )
        return [each for run in tries.runs(near) if event in run for each in run]

    def _read(self, condition: ColumnElement[bool], most: int = _MOST + 1) -> list[Body]:
        rows = self.db.all(
            select(*readable(self.db)).where(condition).order_by(EVENT.c.event_id).limit(most)
        )
        return [event_of(row) for row in rows]


def _named(names: Iterable[str]) -> ColumnElement[bool]:
    return or_(*(EVENT.c[name].in_(sorted(names)) for name in _NAMED))


def in_address(text: str, store: LineageStore) -> str:
    """Return what may stand in an address: of what may be a token or a code, the digest."""
    short = len(text) < _TOKEN or _DIGEST.fullmatch(text)
    return text if short or store.knows(text) else _digest(text)


def _digest(text: str) -> str:
    """Return what the trail calls a code, a token or a request_uri: half of its SHA-256."""
    return hashlib.sha256(text.encode()).hexdigest()[:_PREFIX]


def _texts(text: str) -> frozenset[str]:
    """Return the ways to write a reference, an id or a digest."""
    if not text.isprintable() or len(text) > _LONGEST:
        return frozenset()
    names = {text, text.upper()}
    if _DIGEST.fullmatch(text):
        names.add(text.lower()[:_PREFIX])
    if _IN_BASE64URL.fullmatch(text):
        names.add(base64.urlsafe_b64decode(f"{text}=").hex()[:_PREFIX])
    return frozenset(names)

"""Questions about the service itself: whether the trail has gaps, which tokens are alive."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from broker.audit.event_ids import first_id
from broker.audit.events import VerificationFailed, VerificationPassed
from broker.audit.model import Event
from broker.audit.questions.asking import Asked, Row, SavedQuestion, Sources
from broker.audit.sealing.checkpoint import Checkpoint
from broker.audit.sealing.tree_store import LEAF
from broker.audit.store import EVENT, MOMENT


def gaps(sources: Sources, asked: Asked) -> Iterable[Row]:
    """Return what tells whether events are missing, here or at those who receive them."""
    recorded = sources.db.scalar(select(func.count()).select_from(EVENT).where(*_in_window(asked)))
    waiting, oldest = sources.db.one(waiting_in(asked))
    passed, last_passed = sources.db.one(_verifications(VerificationPassed))
    flaws, last_flaw = sources.db.one(_verifications(VerificationFailed))
    note = sources.tree.newest_checkpoint()
    newest = Checkpoint.of_note(note) if note else None
    return [
        ("recorded", None, recorded, None),
        ("waiting", None, waiting, oldest),
        ("sealed", None, sources.tree.size(), None),
        ("checkpoint", None, newest.size if newest else None, newest.made_at if newest else None),
        ("verified", None, passed, last_passed),
        ("flaws", None, flaws, last_flaw),
        *(
            ("behind", each.sink, each.events, asked.until - timedelta(seconds=each.seconds))
            for each in sources.behind(sources.db)
        ),
    ]


def waiting_in(asked: Asked) -> Select[int, Any]:
    """Return what counts the events of the window that are in no leaf, and tells the oldest.

    The ids of events are in the order of time: only the leaves of the window are compared with.
    """
    first, end = first_id(asked.since), first_id(asked.until)
    sealed = (
        select(LEAF.c.position)
        .where(LEAF.c.event_id == EVENT.c.event_id)
        .where(LEAF.c.event_id >= first, LEAF.c.event_id < end)
        .exists()
    )
    return select(func.count(), func.min(MOMENT)).where(*_in_window(asked), ~sealed)


def _verifications(of: type[Event]) -> Select[int, Any]:
    return select(func.count(), func.max(MOMENT)).where(EVENT.c.type == of.type)


def _in_window(asked: Asked) -> tuple[ColumnElement[bool], ...]:
    return EVENT.c.time >= asked.since, EVENT.c.time < asked.until


def tokens_alive(sources: Sources, asked: Asked) -> Iterable[Row]:
    """Return what a partner, or whatever a key signed, can still do: service by service."""
    return sources.alive(sources.db, asked.identifier)


OF_TRAIL = (
    SavedQuestion(name="gaps", read=gaps, columns=("fact", "receiver", "number", "time")),
    SavedQuestion(name="tokens_alive", read=tokens_alive, asks=("client_or_key",),
                  windowed=False,
                  columns=("client_id", "people", "codes", "refresh", "access", "last_end")),
)  # fmt: skip

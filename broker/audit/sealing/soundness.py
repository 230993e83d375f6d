"""Tells whether an event, as a row, is what the service wrote and the sealer sealed."""

import json
from collections.abc import Iterable, Iterator, Sequence
from operator import attrgetter
from typing import Any

from broker.audit.as_stored import stored
from broker.audit.catalogue import makes
from broker.audit.commitment import Body, leaf_of
from broker.audit.log import AuditLog, made_by

_SAID = ("event_id", "type", "subject_ref", "client_id", "auth_event_id", "interaction_id", "txn",
         "request_id")  # fmt: skip
_COLUMNS = (*_SAID, "made_ref", "made_jti", "time")
_VALUES = attrgetter(*_COLUMNS)
_NO_EVENT = (ValueError, LookupError, TypeError, AttributeError, RecursionError)
GONE = "deleted"


def flaw_of(event: Any, sealed: bytes, mark: bytes | None) -> tuple[str, str] | None:  # noqa: ANN401 - a row
    """Return what kind of flaw an event has, and which.

    *event* is the row as it is stored, None when it is gone: whatever stands there is judged.
    *sealed* is the hash of its leaf, *mark* the right one.
    """
    if event is None:
        return GONE, "its event is gone"
    if not isinstance(event.body, str) or leaf_of(event.body) != sealed:
        return "edited", "its event is not what was sealed"
    if event.mac != mark:
        return "inserted", "not written by the service"
    try:
        said = _columns_of(json.loads(event.body))
    except _NO_EVENT:  # without a mark, from before there were any
        return "inserted", "its body is no event"
    found = _VALUES(event)
    if found == said:
        return None
    wrong = next(at for at, value in enumerate(said) if found[at] != value)
    return "edited", f"column {_COLUMNS[wrong]} is not what its event says"


def marks_of(audit: AuditLog, events: Iterable[Any]) -> list[bytes]:
    """Return the mark that each event should have; without a text, that of an empty one."""
    bodies = (event.body if event else None for event in events)
    return audit.marks([body if isinstance(body, str) else "" for body in bodies])


def written(audit: AuditLog, rows: Sequence[Any], kind: str) -> Iterator[Body]:
    """Yield those events of that type that the service wrote, whatever their columns say."""
    for row, mark in zip(rows, marks_of(audit, rows), strict=True):
        if row.mac == mark:
            body: Body = json.loads(row.body)
            if body["type"] == kind:
                yield body


def _columns_of(body: Body) -> tuple[Any, ...]:
    """Return what the columns beside an event hold."""
    made = made_by(makes().get(body["type"]), body)
    return (*map(body.get, _SAID), *made.values(), stored(body["time"]))

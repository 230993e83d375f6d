"""Tells whether an event, as a row, is what the service wrote and the sealer sealed."""

import json
from operator import attrgetter
from typing import Any

from broker.audit.commitment import leaf_of

_COLUMNS = ("event_id", "type", "subject_ref", "client_id", "auth_event_id", "interaction_id",
            "txn", "request_id")  # fmt: skip
GONE = "deleted"
_VALUES = attrgetter(*_COLUMNS)


def flaw_of(event: Any, sealed: bytes, mark: bytes | None) -> tuple[str, str] | None:  # noqa: ANN401 - a row
    """Return what kind of flaw an event has, and which.

    *event* is None when its row is gone; *sealed* is the hash of its leaf, *mark* the right one.
    """
    if event is None:
        return GONE, "its event is gone"
    if leaf_of(event.body) != sealed:
        return "edited", "its event is not what was sealed"
    if event.mac != mark:
        return "inserted", "not written by the service"
    if wrong := _wrong_column(event):
        return "edited", f"column {wrong} is not what its event says"
    return None


def _wrong_column(event: Any) -> str | None:  # noqa: ANN401 - a row
    body = json.loads(event.body)
    if _VALUES(event) != tuple(map(body.get, _COLUMNS)):
        return next(name for name in _COLUMNS if getattr(event, name) != body.get(name))
    for name in ("made_ref", "made_jti"):  # empty in the events of older versions
        made = getattr(event, name)
        if made is not None and f'"{made}"' not in event.body:
            return name
    moment = event.time.isoformat(timespec="microseconds").replace("+00:00", "Z")
    return None if moment == body["time"] else "time"

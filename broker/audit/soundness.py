"""Tells whether an event, as a row, is what the service wrote and the sealer sealed."""

import json
from operator import attrgetter
from typing import Any

from broker.audit.tree import leaf_hash

_COLUMNS = ("event_id", "type", "subject_ref", "client_id", "auth_event_id", "interaction_id",
            "txn", "request_id")  # fmt: skip
_VALUES = attrgetter(*_COLUMNS)


def flaw_of(leaf: Any, mark: bytes | None) -> tuple[str, str] | None:  # noqa: ANN401 - a row
    """Return what kind of flaw a leaf has, and which; *mark* is the right one of its event."""
    if leaf.body is None:
        return "deleted", "its event is gone"
    if leaf_hash(leaf.body.encode()) != leaf.hash:
        return "edited", "its event is not what was sealed"
    if leaf.mac != mark:
        return "inserted", "not written by the service"
    if wrong := _wrong_column(leaf):
        return "edited", f"column {wrong} is not what its event says"
    return None


def _wrong_column(leaf: Any) -> str | None:  # noqa: ANN401 - a row
    body = json.loads(leaf.body)
    if _VALUES(leaf) != tuple(map(body.get, _COLUMNS)):
        return next(name for name in _COLUMNS if getattr(leaf, name) != body.get(name))
    for name in ("made_ref", "made_jti"):  # empty in the events of older versions
        made = getattr(leaf, name)
        if made is not None and f'"{made}"' not in leaf.body:
            return name
    moment = leaf.time.isoformat(timespec="microseconds").replace("+00:00", "Z")
    return None if moment == body["time"] else "time"

"""Events as those get them who read the trail, whatever somebody wrote into its rows."""

import hashlib
import json
import re
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from functools import cache
from types import UnionType
from typing import Any, NotRequired, get_args, get_origin, get_type_hints

from broker.audit.catalogue import kinds, makes
from broker.audit.commitment import Body, canonical, leaf_of
from broker.audit.event_ids import moment_of
from broker.audit.events import UnreadableEvent
from broker.audit.model import Actor, Outcome, Part, Recorded, Stamp

TIES = ("subject_ref", "client_id", "auth_event_id", "interaction_id", "txn")
"""Columns that a row without an event is still found by."""
_NAME = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
_TYPE = re.compile(r"[a-z][a-z0-9_.]{0,63}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
_ANY = frozenset({str, int, bool, list, dict})
_OUTCOMES = frozenset(map(str, Outcome))
_NEVER = datetime.fromtimestamp(0, UTC)  # of an id that tells no time


def recorded(row: Any) -> Recorded:  # noqa: ANN401 - a row of ``store.readable``
    """Return the event of a row."""
    body = event_of(row)
    return Recorded(row.event_id, body["type"], datetime.fromisoformat(body["time"]), body)


def event_of(row: Any, sealed: bytes | None = None) -> Body:  # noqa: ANN401 - as ``recorded``
    """Return the event of a row; where it holds none, or another than was *sealed*, a stand-in."""
    if sealed is not None and leaf_of(row.body or "") != sealed:
        return _stand_in(row, "edited")
    return _event(row.body, row.event_id) or _stand_in(row, "unreadable")


def is_stand_in(event: Body) -> bool:
    """Tell whether it only says that there is no event of the service."""
    return bool(event["type"] == UnreadableEvent.type)


def _stand_in(row: Any, reason: str) -> Body:  # noqa: ANN401 - as ``recorded``
    ties = {name: value for name in TIES if _NAME.fullmatch(value := getattr(row, name) or "")}
    at = moment_of(row.event_id) or _NEVER
    event = UnreadableEvent(
        reason_code=reason,
        actor=Actor(kind="system"),
        stored=None if row.body is None else hashlib.sha256(row.body.encode()).hexdigest(),
    )
    return {
        "v": event.v,
        "event_id": row.event_id,
        "type": event.type,
        "outcome": str(event.default_outcome),
        "retention": str(event.retention),
        "time": at.isoformat(timespec="microseconds").replace("+00:00", "Z"),
        **event.facts(),
        **ties,
    }


def _event(text: str | None, event_id: str) -> Body | None:
    """Return the event that a text is, if it is one of that id: spelt and typed as ours are."""
    try:
        body = json.loads(text or "")
        named = isinstance(body, dict) and body.get("event_id") == event_id
        return body if named and canonical(body) == text and _is_event(body) else None
    except (ValueError, RecursionError):
        return None


def _is_event(body: Body) -> bool:
    if not Stamp.__required_keys__ <= body.keys() or not _is_typed(body):
        return False
    if body["outcome"] not in _OUTCOMES or not _TYPE.fullmatch(body["type"]):
        return False
    if not _TIME.fullmatch(body["time"]):
        return False
    datetime.fromisoformat(body["time"])  # or ValueError
    return "kind" in body.get("actor", {}) and _names_what_it_made(body)


def _names_what_it_made(body: Body) -> bool:
    name = makes().get(body["type"])
    made = body.get(name) if name else ""
    return isinstance(made, str) or (made is not None and {"kind", "hash_prefix"} <= made.keys())


def _is_typed(item: Body, above: str = "") -> bool:
    """Tell whether each value is of a type that its field has in some event."""
    types = _types()
    for name, value in item.items():
        path = f"{above}{name}"
        if type(value) not in types.get(path, _ANY):
            return False
        if isinstance(value, dict) and not _is_typed(value, f"{path}."):
            return False
        if isinstance(value, list) and not all(type(each) is str for each in value):
            return False
    return True


@cache
def _types() -> dict[str, set[type]]:
    """Return the types that each field may have, by its path; fields of long ago are not there."""
    found: dict[str, set[type]] = {}
    for event in (*kinds().values(), Stamp):
        _collect(event, "", found)
    return found


def _collect(holder: Any, above: str, found: dict[str, set[type]]) -> None:  # noqa: ANN401 - a class
    hints = get_type_hints(holder)
    names = [each.name for each in fields(holder)] if is_dataclass(holder) else [*hints]
    for name in names:
        path, kind = f"{above}{name}", _without_none(hints[name])
        found.setdefault(path, set()).add(_json_type(kind))
        if _json_type(kind) is dict:
            _collect(kind, f"{path}.", found)


def _json_type(kind: Any) -> type:  # noqa: ANN401 - any annotation
    if get_origin(kind) is tuple:
        return list
    if isinstance(kind, type) and (issubclass(kind, Part) or hasattr(kind, "__required_keys__")):
        return dict
    return next((plain for plain in (bool, int, str) if issubclass(kind, plain)), str)


def _without_none(hint: Any) -> Any:  # noqa: ANN401 - any annotation
    if get_origin(hint) is NotRequired:
        return _without_none(get_args(hint)[0])
    if isinstance(hint, UnionType):
        (kind,) = (each for each in get_args(hint) if each is not type(None))
        return kind
    return hint

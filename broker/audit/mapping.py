"""Writes an event in the words of OCSF or ECS, for tools that know these."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from broker.audit.catalogue import kinds
from broker.audit.taxonomy import ECS_VERSION, OCSF_VERSION, Activity, Mapped, Severity
from broker.audit.vocabulary import VOCABULARY, Word

_STATUS = {"success": 1, "failure": 2}  # of OCSF; an attempt is "other"
_OTHER = 99
_ATTEMPT = {"attempt": "unknown"}  # ECS knows no attempt
_UNKNOWN = Word("of a type or version that this service no longer records")
Body = dict[str, Any]


def ocsf(body: Body) -> Body:
    """Return the event as OCSF has it; what OCSF has no place for is under ``unmapped``."""
    mapped, severity = _kind(body)
    found: Body = {
        "category_uid": mapped.ocsf.category,
        "class_uid": mapped.ocsf.value,
        "activity_id": mapped.activity_id,
        "activity_name": mapped.name,
        "type_uid": mapped.ocsf * 100 + mapped.activity_id,
        "severity_id": severity.value,
        "status_id": _STATUS.get(body["outcome"], _OTHER),
        "time": int(datetime.fromisoformat(body["time"]).timestamp() * 1_000),
        "metadata": {"version": OCSF_VERSION, "product": {"name": "compte ameli"}},
    }
    if mapped.kind == "alert":
        found["finding_info"] = {"uid": body["event_id"], "title": body["type"]}
    for path, value in _leaves(body):
        _put(found, VOCABULARY.get(path, _UNKNOWN).ocsf or f"unmapped.{path}", value)
    return found


def ecs(body: Body) -> Body:
    """Return the event as ECS has it; what ECS has no place for is under ``ameli``."""
    mapped, severity = _kind(body)
    found: Body = {
        "ecs": {"version": ECS_VERSION},
        "event": {
            "kind": mapped.kind,
            "category": list(mapped.category),
            "type": list(mapped.type),
            "severity": severity.value,
        },
    }
    for path, value in _leaves(body):
        _put(found, VOCABULARY.get(path, _UNKNOWN).ecs or f"ameli.{path}", value)
    outcome = body["outcome"]
    found["event"]["outcome"] = _ATTEMPT.get(outcome, outcome)
    return found


def _kind(body: Body) -> tuple[Mapped, Severity]:
    kind = kinds().get(body["type"])
    if kind is None:
        return Activity.UNKNOWN.value, Severity.INFORMATIONAL
    return kind.activity.value, kind.severity


def _leaves(item: Body, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield each value that is no object, by its path."""
    for name, value in item.items():
        if isinstance(value, dict):
            yield from _leaves(value, f"{path}{name}.")
        else:
            yield f"{path}{name}", value


def _put(target: Body, path: str, value: object) -> None:
    *parents, name = path.split(".")
    for parent in parents:
        target = target.setdefault(parent, {})
    target[name] = value

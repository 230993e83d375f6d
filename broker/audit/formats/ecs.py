"""Writes an event in the words of ECS, the Elastic Common Schema."""

from broker.audit.catalogue import activity_of
from broker.audit.formats.leaves import Body, leaves, put
from broker.audit.taxonomy import ECS_VERSION
from broker.audit.vocabulary import VOCABULARY

_ATTEMPT = {"attempt": "unknown"}  # ECS knows no attempt


def ecs(body: Body, position: int | None = None) -> Body:
    """Return the event as ECS has it; what ECS has no place for is under ``ameli``.

    *position*: its place in the sealed trail.
    """
    mapped, severity = activity_of(body["type"])
    found: Body = {
        "ecs": {"version": ECS_VERSION},
        "event": {
            "kind": mapped.kind,
            "category": list(mapped.category),
            "type": list(mapped.type),
            "severity": severity.value,
        },
    }
    if position is not None:
        found["event"]["sequence"] = position
    for path, value in leaves(body):
        word = VOCABULARY.get(path)
        put(found, word.ecs if word and word.ecs else f"ameli.{path}", value)
    outcome = body["outcome"]
    found["event"]["outcome"] = _ATTEMPT.get(outcome, outcome)
    return found

"""The JSON Schema of every event, from the event classes and the vocabulary of their fields."""

from collections.abc import Iterator
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import StrEnum
from types import UnionType
from typing import Any, NotRequired, get_args, get_origin, get_type_hints

from broker.audit.catalogue import kinds
from broker.audit.model import Event, Stamp
from broker.audit.vocabulary import VOCABULARY

Schema = dict[str, Any]
_PLAIN = {str: "string", int: "integer", bool: "boolean"}
_REPLACED = "subject"  # an internal id, which the log replaces by its pseudonym


def schema() -> Schema:
    """Return the schema: one definition for each type of event, and what all of them share."""
    events = kinds()
    shared = {name: _described(hint, name) for name, hint in _shared().items()}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "An event of the audit trail",
        "oneOf": [{"$ref": f"#/$defs/{name}"} for name in events],
        "$defs": {"fields": {"properties": shared}}
        | {name: _of_event(event) for name, event in events.items()},
    }


def own_fields(event: type[Event]) -> Iterator[str]:
    """Yield the names of the fields that not every event has."""
    common = {each.name for each in fields(Event)}
    yield from (each.name for each in fields(event) if each.name not in common)


def types_by_path() -> dict[str, set[str]]:
    """Return what each field may hold, in any event, in the order of their meeting."""
    found: dict[str, set[str]] = {}
    for definition in schema()["$defs"].values():
        for path, described in _paths(definition):
            found.setdefault(path, set()).add(_told(described))
    return found


def _paths(node: Schema, path: str = "") -> Iterator[tuple[str, Schema]]:
    for name, described in node.get("properties", {}).items():
        if not described.keys() & {"$ref", "const"}:  # told with the shared fields
            yield f"{path}{name}", described
        yield from _paths(described, f"{path}{name}.")


def _told(described: Schema) -> str:
    kind = str(described["type"])
    return f"{described['items']['type']}s" if kind == "array" else kind


def _shared() -> dict[str, Any]:
    """Return the annotations of the fields that every event may have, as the trail names them."""
    hints = get_type_hints(Event) | get_type_hints(Stamp)
    names = [*Stamp.__annotations__, *(each.name for each in fields(Event))]
    return {name: hints[name] for name in names if name != _REPLACED}


def _of_event(event: type[Event]) -> Schema:
    hints, shared = get_type_hints(event), _shared()
    own = [each for each in fields(event) if each.name not in {*shared, _REPLACED}]
    constants = {"v": event.v, "type": event.type, "retention": str(event.retention)}
    return {
        "description": " ".join((event.__doc__ or "").split()),
        "type": "object",
        "properties": {name: {"$ref": f"#/$defs/fields/properties/{name}"} for name in shared}
        | {name: {"const": value} for name, value in constants.items()}
        | {each.name: _described(hints[each.name], each.name) for each in own},
        "required": [
            *sorted(Stamp.__required_keys__),
            "actor",
            *(e.name for e in own if _always(e)),
        ],
        "additionalProperties": False,
    }


def _always(field: "Field[Any]") -> bool:
    """Tell whether every such event has it: an empty list is left out."""
    hint = field.type
    return field.default is MISSING and hint is not tuple and get_origin(hint) is not tuple


def _described(hint: Any, path: str) -> Schema:  # noqa: ANN401 - any annotation
    word = VOCABULARY.get(path)
    meaning = {"description": word.meaning} if word else {}
    kind = _without_none(hint)
    if get_origin(kind) is tuple:
        return meaning | {"type": "array", "items": _value(get_args(kind)[0], path)}
    return meaning | _value(kind, path)


def _value(kind: Any, path: str) -> Schema:  # noqa: ANN401 - any annotation
    word = VOCABULARY.get(path)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return {"type": "string", "enum": [str(each) for each in kind]}
    if kind in _PLAIN:
        shape = {"pattern": f"^(?:{word.shape})$"} if word and word.shape else {}
        return {"type": _PLAIN[kind]} | shape
    return _object(kind, path)


def _object(kind: Any, path: str) -> Schema:  # noqa: ANN401 - a dataclass or a TypedDict
    hints = get_type_hints(kind)
    required = [each.name for each in fields(kind) if _always(each)] if is_dataclass(kind) else []
    return {
        "type": "object",
        "properties": {name: _described(hint, f"{path}.{name}") for name, hint in hints.items()},
        "required": required,
        "additionalProperties": False,
    }


def _without_none(hint: Any) -> Any:  # noqa: ANN401 - any annotation
    if get_origin(hint) is NotRequired:
        return _without_none(get_args(hint)[0])
    if isinstance(hint, UnionType):
        (kind,) = (each for each in get_args(hint) if each is not type(None))
        return kind
    return hint

"""The JSON Schema (draft 2020-12) of client files, made of the typed members, for editors.

It says what each member may be. What members must be together, and which addresses are good,
`broker clients check` tells: files.py and consistency.py judge that.
"""

from collections.abc import Callable
from typing import Any

from broker.clients.files import REFUSED, SHORTEST_SECRET
from broker.clients.registration import Registration

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
# Of classes, for engineers.
_NOISE = frozenset({"title", "description"})
Sentence = Callable[[str], str]


def schema(sentence: Sentence) -> dict[str, Any]:
    """Return the schema; *sentence* gives the words of a member by its code."""
    made = Registration.model_json_schema()
    kinds = made["$defs"]
    members = _of_files() | made["properties"]
    return {
        "$schema": _DIALECT,
        "title": "Client",
        "description": sentence("registration"),
        "type": "object",
        "required": made["required"],
        "properties": {
            name: _explained(member, f"registration.{name}", kinds, sentence)
            for name, member in members.items()
        }
        | {
            name: {"enum": [False, None], "description": sentence("registration.refused")}
            for name in REFUSED
        },
    }


def _of_files() -> dict[str, Any]:
    """Return what a file holds beside the registration."""
    return {
        "$schema": {"type": "string", "format": "uri-reference"},
        "client_secret": {
            "anyOf": [{"type": "string", "minLength": SHORTEST_SECRET}, {"type": "null"}],
            "writeOnly": True,
        },
    }


def _explained(
    member: dict[str, Any], code: str, kinds: dict[str, Any], sentence: Sentence
) -> dict[str, Any]:
    """Return a member with its words in French, the types it refers to written out."""
    plain = _written_out(member, kinds)
    for holder in (plain, plain.get("items", {}), *plain.get("anyOf", ())):
        if "properties" in holder:
            holder["properties"] = {
                name: _explained(inner, f"{code}.{name}", kinds, sentence)
                for name, inner in holder["properties"].items()
            }
    return {"description": sentence(code), **plain}


def _written_out(member: dict[str, Any], kinds: dict[str, Any]) -> dict[str, Any]:
    """Return a member with what it refers to in place of the reference."""
    found = dict(member)
    if "$ref" in found:
        found = kinds[found.pop("$ref").rpartition("/")[2]] | found
    if "items" in found:
        found["items"] = _written_out(found["items"], kinds)
    if "anyOf" in found:
        found["anyOf"] = [_written_out(each, kinds) for each in found["anyOf"]]
    if found.get("default", ()) is None or isinstance(found.get("default"), dict):
        del found["default"]  # an absence, or what the members inside say by themselves
    return {name: value for name, value in found.items() if name not in _NOISE}

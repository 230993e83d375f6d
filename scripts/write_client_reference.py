"""Writes docs/client-file.md and docs/client.schema.json from the typed members of client files.

``python -m scripts.write_client_reference``; a test compares.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from broker.base.messages import Messages
from broker.clients.files import REFUSED
from broker.clients.schema import Sentence, schema

_ROOT = Path(__file__).resolve().parent.parent
SCHEMA, REFERENCE = _ROOT / "docs/client.schema.json", _ROOT / "docs/client-file.md"
_INTRODUCTION = """\
<!-- made by python -m scripts.write_client_reference -->
# Le fichier d'un partenaire, membre par membre

"""
_HEADER = "| Membre | Valeur | Par défaut | Sens |\n|---|---|---|---|\n"


def written() -> dict[Path, str]:
    """Return what both documents hold, by their place."""
    sentence = Messages.load(_ROOT / "templates/messages").sentence
    made = schema(sentence)
    lines = (row(name, member, sentence) for name, member in members(made))
    text = _INTRODUCTION + made["description"] + "\n\n" + _HEADER + "".join(lines)
    return {SCHEMA: json.dumps(made, ensure_ascii=False, indent=2) + "\n", REFERENCE: text}


def members(node: dict[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each member, those inside others too, by its path."""
    for name, member in node.get("properties", {}).items():
        if name in REFUSED:
            continue
        full = f"{path}{name}"
        yield full, member | {"required": name in node.get("required", ())}
        yield from members(member, f"{full}.")
        for inner in (member.get("items", {}), *member.get("anyOf", ())):
            yield from members(inner, f"{full}.")


def row(name: str, member: dict[str, Any], sentence: Sentence) -> str:
    """Return the line of a member."""
    default = member.get("default")
    told = f"`{_plain(default)}`" if default not in (None, [], False) else ""
    if member["required"]:
        told = sentence("registration.required")
    return f"| `{name}` | {_values(member, sentence)} | {told} | {member['description']} |\n"


def _values(member: dict[str, Any], sentence: Sentence) -> str:
    for alternative in member.get("anyOf", ()):
        if alternative != {"type": "null"}:
            return _values(alternative, sentence)
    choices = [member["const"]] if "const" in member else member.get("enum")
    if choices:
        return ", ".join(f"`{choice}`" for choice in choices)
    if "items" in member:
        items = _values(member["items"], sentence)
        return sentence("registration.type.array").format(items=items)
    kind = member.get("format", "").removesuffix("-reference") or member["type"]
    return sentence(f"registration.type.{kind}")


def _plain(default: object) -> str:
    return ", ".join(map(str, default)) if isinstance(default, list) else str(default)


if __name__ == "__main__":
    for place, text in written().items():
        place.write_text(text)

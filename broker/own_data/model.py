"""A copy as a tree: names are codes, so that each rendering says them in its own way."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Said:
    """A value that is a sentence of the catalogues."""

    code: str


Value: TypeAlias = "str | int | bool | datetime | Said | None"
Node: TypeAlias = "Value | Mapping[str, Node] | list[Node]"
Told: TypeAlias = "str | int | Mapping[str, Told] | list[Told]"


def told(node: Node, say: Callable[[str], str], moment: Callable[[datetime], str]) -> Told:
    """Return the tree in words: names and answers by *say*, times by *moment*."""
    if isinstance(node, Mapping):
        return {say(name): told(value, say, moment) for name, value in node.items()}
    if isinstance(node, list):
        return [told(value, say, moment) for value in node]
    if isinstance(node, datetime):
        return moment(node)
    if isinstance(node, bool):
        return say("yes" if node else "no")
    if isinstance(node, Said):
        return say(node.code)
    return "" if node is None else node

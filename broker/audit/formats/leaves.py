"""Takes an event apart into its values by path, and puts values together again."""

from collections.abc import Iterator
from typing import Any

Body = dict[str, Any]


def leaves(item: Body, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield each value that is no object, by its path."""
    for name, value in item.items():
        if isinstance(value, dict):
            yield from leaves(value, f"{path}{name}.")
        else:
            yield f"{path}{name}", value


def put(target: Body, path: str, value: object) -> None:
    """Set the value at a path, with the objects above it."""
    *parents, name = path.split(".")
    for parent in parents:
        target = target.setdefault(parent, {})
    target[name] = value

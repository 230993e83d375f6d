"""Background work: what a capability wants done again and again."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Task:
    """One piece of background work.

    ``run`` does as much as is due and returns how much that was; it must bear several workers at
    once and being stopped anywhere.
    """

    name: str
    every: float  # seconds
    run: Callable[[], int]
    apart: bool = False
    """Whether it waits for other machines: it gets a thread of its own, so that no task waits."""

"""Values that live in this process until their time is over."""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

Clock = Callable[[], float]
Value = TypeVar("Value")


class Shelf(Generic[Value]):
    """Keeps values by key for *lifetime* seconds, for several threads."""

    def __init__(self, clock: Clock, lifetime: float) -> None:
        self._clock = clock
        self._lifetime = lifetime
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[float, Value]] = {}

    def put(self, key: str, value: Value) -> None:
        """Keep *value* from now on, in place of any earlier one."""
        now = self._clock()
        with self._lock:
            self._kept = {k: kept for k, kept in self._kept.items() if kept[0] > now}
            self._kept[key] = (now + self._lifetime, value)

    def get(self, key: str) -> Value | None:
        """Return the value, or None when there is none or its time is over."""
        with self._lock:
            return self._alive(self._kept.get(key))

    def take(self, key: str) -> Value | None:
        """Return the value and forget it: of several callers at once, only one has it."""
        with self._lock:
            return self._alive(self._kept.pop(key, None))

    def _alive(self, kept: tuple[float, Value] | None) -> Value | None:
        if kept is None or kept[0] <= self._clock():
            return None
        return kept[1]

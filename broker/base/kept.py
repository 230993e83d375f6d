"""A document that somebody else publishes: kept for a while, the last good one on failure."""

import math
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Generic, TypeVar

_T = TypeVar("_T")
_Part = TypeVar("_Part")
_RETRY = 30.0  # seconds before a failed refresh is tried again
_LONGEST = 86_400.0  # seconds for which a good document may stand in for one that cannot be had
_COOL_DOWN = 5.0  # seconds between two fetches that something missing causes


class Kept(Generic[_T]):
    """One document, fetched again when it is old or lacks what is looked for.

    Times are of the machine's monotonic clock: this is no business time. *life* tells for how many
    seconds a document is good, *failures* is what fetching raises. For *patience* seconds after a
    failure that left nothing, nothing is fetched either, and the failure is raised again. While
    one thread looks for something missing, others wait *company* seconds for what it brings,
    each at a *place* of its own; what that raises where there is none left is a failure too.
    """

    def __init__(
        self,
        life: Callable[[_T], float],
        failures: type[Exception],
        monotonic: Callable[[], float] = time.monotonic,
        patience: float = 0.0,
        company: float = 0.0,
        place: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        self._life, self._failures, self._monotonic = life, failures, monotonic
        self._patience, self._company, self._place = patience, company, place
        self._asking = threading.Lock()
        self._value: _T | None = None
        self._good_at = self._due = 0.0
        self._failed: Exception | None = None
        self._cool_until = 0.0

    def fresh(self, within: float = math.inf) -> _T | None:
        """Return the document unless it is old, or was not fetched within so many seconds."""
        return self._value if self._monotonic() < min(self._due, self._good_at + within) else None

    def recent(self, within: float, fetch: Callable[[], _T]) -> _T:
        """Return the document as fetched within so many seconds: where it cannot be, that fails.

        The last good one stays for ``get``.
        """
        fresh = self.fresh(within)
        return self._renewed(fetch) if fresh is None else fresh

    def get(self, fetch: Callable[[], _T]) -> _T:
        """Return the document; where a refresh fails, the last good one, for a day."""
        fresh = self.fresh()
        if fresh is not None:
            return fresh
        if self._failed is not None and self._monotonic() < self._due:
            raise self._failed
        try:
            return self._renewed(fetch)
        except self._failures as failure:
            now = self._monotonic()
            if self._value is not None and now < self._good_at + _LONGEST:
                self._due = now + _RETRY
                return self._value
            self._value, self._failed, self._due = None, failure, now + self._patience
            raise

    def find(self, choose: Callable[[_T], _Part], fetch: Callable[[], _T]) -> _Part:
        """Return the part that *choose* finds, or its None.

        What is missing has the document fetched once more, by one of several threads; what is
        still missing then makes the next ones wait, so that forged names cannot cause a storm.
        """
        found = choose(self.get(fetch))
        if found is not None or not (self._asking.acquire(blocking=False) or self._waited()):
            return found
        try:
            return self._found_anew(choose, fetch)
        finally:
            self._asking.release()

    def _waited(self) -> bool:
        if not self._company:
            return False
        with self._place():
            return self._asking.acquire(timeout=self._company)

    def _found_anew(self, choose: Callable[[_T], _Part], fetch: Callable[[], _T]) -> _Part:
        found = choose(self.get(fetch))  # whoever asked before may have brought it
        if found is not None or self._monotonic() < self._cool_until:
            return found
        try:
            found = choose(self._renewed(fetch))
        except self._failures:
            self._cool_until = self._monotonic() + self._patience
            raise
        if found is None:
            self._cool_until = self._monotonic() + _COOL_DOWN
        return found

    def _renewed(self, fetch: Callable[[], _T]) -> _T:
        value = fetch()
        self._value, self._failed = value, None
        self._good_at = self._monotonic()
        self._due = self._good_at + self._life(value)
        return value

"""Turns: how many threads may call others at once, and how many may wait to."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self

from broker.base.capped_http import NoAnswer

_PATIENCE = 0.5  # seconds to wait for a turn


class Turns:
    """A thread that waits is as lost to people as one that calls: both are counted.

    Otherwise a slow peer, and many who want to reach it, would hold every thread of the server.
    """

    def __init__(self, calls: int, waiting: int, patience: float = _PATIENCE) -> None:
        self._patience = patience
        self._calls = threading.BoundedSemaphore(calls)
        self._places = threading.BoundedSemaphore(calls + waiting)

    @classmethod
    def of(cls, threads: int, patience: float = _PATIENCE) -> Self:
        """Return the turns of a server of that many threads: half call, some of the rest wait."""
        return cls(max(1, threads // 2), threads // 4, patience)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Take a turn, after a short wait if there is a place to wait; NoAnswer otherwise."""
        with self.place():
            if not self._calls.acquire(timeout=self._patience):
                raise NoAnswer("busy")
            try:
                yield
            finally:
                self._calls.release()

    @contextmanager
    def place(self) -> Iterator[None]:
        """Take a place to wait for what another thread's call brings; NoAnswer otherwise."""
        if not self._places.acquire(blocking=False):
            raise NoAnswer("busy")
        try:
            yield
        finally:
            self._places.release()

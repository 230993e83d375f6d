"""The line to FranceConnect: narrow, and cut when it fails, so that nothing else waits."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import requests

from broker.base.capped_http import BadAnswer, Call, CallFailed, CappedAdapter
from broker.base.turns import Turns
from broker.franceconnect.model import RoundTripRefused, TemporarilyUnavailable, UntrustedAnswer

_T = TypeVar("_T")
_TOTAL = 8.0  # seconds for everything that one person waits for


@contextmanager
def _as_refusals() -> Iterator[None]:
    try:
        yield
    except CallFailed as failure:
        kind = UntrustedAnswer if isinstance(failure, BadAnswer) else TemporarilyUnavailable
        raise kind(failure.reason) from None


class NarrowAdapter(CappedAdapter):
    """Carries requests within their limits; a call that fails is a refusal of the round trip."""

    def send(self, *args: Any, **kwargs: Any) -> requests.Response:  # noqa: ANN401 - as inherited
        """Return the answer, read to its end."""
        with _as_refusals():
            return super().send(*args, **kwargs)


@dataclass
class Breaker:
    """Stops asking after several failures in a row; one call tries again after a while."""

    failures_allowed: int = 5
    pause: float = 20.0  # seconds
    monotonic: Callable[[], float] = time.monotonic
    _failures: int = field(default=0, init=False)
    _closed_until: float = field(default=0.0, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    @property
    def is_open(self) -> bool:
        """Whether calls are refused at present."""
        return self._failures >= self.failures_allowed and self.monotonic() < self._closed_until

    def require_working(self) -> None:
        """Refuse at once while FranceConnect is known to fail."""
        if self.is_open:
            raise TemporarilyUnavailable("breaker")

    def enter(self) -> None:
        """Let a call pass, or refuse it at once; of those after the pause, one tries."""
        with self._lock:
            self.require_working()
            if self._failures >= self.failures_allowed:
                self._closed_until = self.monotonic() + self.pause

    def failed(self) -> None:
        """Count a failure."""
        with self._lock:
            self._failures += 1
            self._closed_until = self.monotonic() + self.pause

    def worked(self) -> None:
        """Forget the failures."""
        with self._lock:
            self._failures = 0


@dataclass(frozen=True)
class Line:
    """Every outgoing call to FranceConnect of one process.

    *turns* are fewer than the threads of the server: a slow FranceConnect never holds them all,
    so that logging in with a password keeps its speed.
    """

    turns: Turns
    breaker: Breaker
    total: float = _TOTAL

    def run(self, work: Callable[[], _T]) -> _T:
        """Do *work* within the limits; RoundTripRefused when it fails."""
        self.breaker.require_working()
        with _as_refusals(), self.turns.turn():
            self.breaker.enter()  # with a turn: who gets none has not tried
            return self._run(work)

    def _run(self, work: Callable[[], _T]) -> _T:
        try:
            with _as_refusals():
                result = Call(self.total).run(work)
        except TemporarilyUnavailable:
            self.breaker.failed()
            raise
        except RoundTripRefused:
            self.breaker.worked()
            raise
        self.breaker.worked()
        return result

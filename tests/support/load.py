"""Acts that are repeated, each in a thread of its own, and what was answered."""

import statistics
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Self

import requests

_PACE = 0.05  # seconds between an answer and the next request of the same thread
Act = Callable[[], requests.Response]
Name = tuple[int, str]
"""Whose act, and which."""


@dataclass(frozen=True)
class Answer:
    """One answer, and the moments of ``time.monotonic`` around it.

    There is no response where the connection broke: nobody was told anything.
    """

    name: Name
    asked: float
    heard: float
    response: requests.Response | None

    @property
    def status(self) -> int | None:
        return None if self.response is None else self.response.status_code


@dataclass
class Load:
    """Repeats every act until it is told to stop."""

    acts: Mapping[Name, Act]
    answers: list[Answer] = field(default_factory=list)
    _over: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Self:
        self._threads = [
            threading.Thread(target=self._repeat, args=item) for item in self.acts.items()
        ]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def between(self, start: float, end: float) -> list[Answer]:
        """Return what was both asked and answered then."""
        return [each for each in tuple(self.answers) if start <= each.asked <= each.heard <= end]

    def _repeat(self, name: Name, act: Act) -> None:
        while not self._over.wait(_PACE):
            asked = time.monotonic()
            try:
                response = act()
            except requests.RequestException:
                response = None
            self.answers.append(Answer(name, asked, time.monotonic(), response))


def medians(answers: Iterable[Answer]) -> dict[Name, float]:
    """Return the usual seconds of each act."""
    taken: dict[Name, list[float]] = {}
    for answer in answers:
        taken.setdefault(answer.name, []).append(answer.heard - answer.asked)
    return {name: statistics.median(seconds) for name, seconds in taken.items()}

"""A small steady load over several connections, and every answer it got."""

import threading
from collections import Counter
from dataclasses import dataclass, field
from typing import Self

import requests

from tests.support.edge_stack import EdgeStack

_LOST = "lost"
_PACE = 0.1  # seconds: together below the rate that the proxy lets through


@dataclass
class Traffic:
    """Pages asked by GET, and forms posted by programs, until it is told to stop."""

    stack: EdgeStack
    connections: int = 3
    kept: bool = True  # whether a connection carries all that one asks, or one request alone
    answers: dict[str, Counter[object]] = field(default_factory=dict)

    def __enter__(self) -> Self:
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=self._run, args=(method, path))
            for method, path in (("GET", "/connexion"), ("POST", "/token"))
            for _ in range(self.connections)
        ]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join()

    def _run(self, method: str, path: str) -> None:
        session, counts = self.stack.session(), self.answers.setdefault(method, Counter())
        if not self.kept:
            session.headers["Connection"] = "close"
        while not self._stopping.wait(_PACE):
            try:
                answer = session.request(method, self.stack.url("broker") + path, timeout=40)
            except requests.RequestException:
                counts[_LOST] += 1
            else:
                counts[answer.status_code] += 1

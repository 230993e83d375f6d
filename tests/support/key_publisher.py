"""A partner's address that publishes a key set, and whatever else a test wants of it."""

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from joserfc.jwk import Key

from broker.base.clock import pause
from tests.support.peer import a_peer


@dataclass
class KeyPublisher:
    """``body`` stands in for the set; ``asked`` counts the requests."""

    port: int = 0
    keys: list[dict[str, Any]] = field(default_factory=list)
    cache_control: str = ""
    status: str = "200 OK"
    body: bytes | None = None
    asked: int = 0
    delay: float = 0.0

    @property
    def address(self) -> str:
        return f"http://localhost:{self.port}/keys"

    def publishes(self, *keys: Key, **members: str) -> None:
        self.keys = [{**key.as_dict(private=False), **members} for key in keys]

    def answer(self, connection: socket.socket, _request: bytes) -> None:
        self.asked += 1
        pause(self.delay)
        document = {"keys": self.keys}
        body = json.dumps(document).encode() if self.body is None else self.body
        head = f"HTTP/1.1 {self.status}\r\nContent-Length: {len(body)}\r\nContent-Type: text/html"
        kept = f"\r\nCache-Control: {self.cache_control}" if self.cache_control else ""
        connection.sendall(f"{head}{kept}\r\n\r\n".encode() + body)


@contextmanager
def a_key_publisher() -> Iterator[KeyPublisher]:
    publisher = KeyPublisher()
    with a_peer(publisher.answer) as publisher.port:
        yield publisher

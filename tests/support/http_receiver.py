"""Somebody who takes batches by HTTP: keeps what is posted, and answers as told."""

import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.support.peer import a_peer

_HEADER = re.compile(rb"^([\w-]+): (.*?)\r?$", re.MULTILINE)


@dataclass(frozen=True)
class Posted:
    """One request."""

    headers: dict[str, str]
    body: bytes

    @property
    def authorization(self) -> str | None:
        return self.headers.get("authorization")

    @property
    def content_type(self) -> str | None:
        return self.headers.get("content-type")


@dataclass
class HttpReceiver:
    """``status`` is its answer."""

    port: int = 0
    status: int = 200
    requests: list[Posted] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"http://localhost:{self.port}/events"

    def answer(self, connection: socket.socket, request: bytes) -> None:
        head, _, body = request.partition(b"\r\n\r\n")
        found = {name.decode().lower(): value.decode() for name, value in _HEADER.findall(head)}
        while len(body) < int(found.get("content-length", 0)):
            body += connection.recv(65_536)
        self.requests.append(Posted(found, body))
        redirect = "Location: http://localhost:1/\r\n" if self.status // 100 == 3 else ""
        connection.sendall(
            f"HTTP/1.1 {self.status} Answer\r\n{redirect}Content-Length: 0\r\n\r\n".encode()
        )


@contextmanager
def a_http_receiver() -> Iterator[HttpReceiver]:
    receiver = HttpReceiver()
    with a_peer(receiver.answer) as receiver.port:
        yield receiver

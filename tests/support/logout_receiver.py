"""A partner's back-channel logout address: it keeps what it is sent, and answers as told."""

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qs

from flask import Flask

from broker.oidc.logout.notices import LogoutNotices
from tests.support.peer import a_peer

_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


@dataclass
class LogoutReceiver:
    """``status`` is its answer; while ``hold`` is set it answers nothing."""

    port: int = 0
    status: str = "200 OK"
    hold: threading.Event | None = None
    forms: list[dict[str, list[str]]] = field(default_factory=list)
    requests: list[bytes] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"http://localhost:{self.port}/deconnexion"

    @property
    def tokens(self) -> list[str]:
        """Every logout token so far."""
        return [form["logout_token"][0] for form in self.forms]

    def answer(self, connection: socket.socket, request: bytes) -> None:
        head, _, body = request.partition(b"\r\n\r\n")
        length = int(found[1]) if (found := _LENGTH.search(head)) else 0
        while len(body) < length:
            body += connection.recv(65_536)
        self.requests.append(head)
        self.forms.append(parse_qs(body.decode()))
        if self.hold is not None:
            self.hold.wait(10)
        connection.sendall(f"HTTP/1.1 {self.status}\r\nContent-Length: 0\r\n\r\n".encode())


@contextmanager
def a_logout_receiver() -> Iterator[LogoutReceiver]:
    receiver = LogoutReceiver()
    with a_peer(receiver.answer) as receiver.port:
        yield receiver


def delivers(app: Flask) -> int:
    """Let the worker make the calls that are due; return how many."""
    return int(app.extensions["broker"][LogoutNotices].deliver())

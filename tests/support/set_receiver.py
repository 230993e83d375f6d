"""A partner's receiver of security events (RFC 8935): it keeps them, and answers as told."""

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from joserfc import jwt
from joserfc.jwk import KeySet

from broker.signals.delivery import Delivery
from tests.support.peer import a_peer

HEADER = "Bearer of-the-receiver-alone-0123456789abcdef"
_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


@dataclass
class SetReceiver:
    """``status`` and ``body`` are its answer; while ``hold`` is set it answers nothing."""

    port: int = 0
    status: str = "202 Accepted"
    body: str = ""
    hold: threading.Event | None = None
    heads: list[str] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"http://localhost:{self.port}/evenements"

    def answer(self, connection: socket.socket, request: bytes) -> None:
        head, _, body = request.partition(b"\r\n\r\n")
        length = int(found[1]) if (found := _LENGTH.search(head)) else 0
        while len(body) < length:
            body += connection.recv(65_536)
        self.heads.append(head.decode())
        self.tokens.append(body.decode())
        if self.hold is not None:
            self.hold.wait(10)
        said = self.body.encode()
        connection.sendall(
            f"HTTP/1.1 {self.status}\r\nContent-Length: {len(said)}\r\n\r\n".encode() + said
        )


@contextmanager
def a_set_receiver() -> Iterator[SetReceiver]:
    receiver = SetReceiver()
    with a_peer(receiver.answer) as receiver.port:
        yield receiver


def a_stream(receiver: SetReceiver, **changes: Any) -> dict[str, Any]:
    """Return what a partner's file says of its stream."""
    stream = {"endpoint_url": receiver.address, "authorization_header": HEADER, **changes}
    return {"ssf": {name: value for name, value in stream.items() if value is not None}}


def delivers(app: Flask) -> int:
    """Let a worker make the calls that are due; return how many events it tried."""
    return int(app.extensions["broker"][Delivery].deliver())


def read(app: Flask, token: str) -> jwt.Token:
    """Return a token of the transmitter, verified by its published keys and one algorithm."""
    keys = KeySet.import_key_set(app.test_client().get("/jwks").get_json())
    return jwt.decode(token, keys, algorithms=["RS256"])


def told(app: Flask, receiver: SetReceiver) -> list[dict[str, Any]]:
    """Deliver, and return the claims of all that the receiver has got so far."""
    delivers(app)
    return [dict(read(app, token).claims) for token in receiver.tokens]


def kinds(claims: list[dict[str, Any]]) -> list[str]:
    """Return the last part of each event's address, in the order of their coming."""
    return [next(iter(each["events"])).rpartition("/")[2] for each in claims]

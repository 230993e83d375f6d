"""An HTTP answer of the back channel, and every way in which it may arrive."""

import json
import os
import socket
import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from itertools import count

from flask import Response, request

JWT_TYPE = "application/jwt; charset=utf-8"
_RESET = struct.pack("ii", 1, 0)  # linger for 0 seconds: closing resets the connection


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What is sent, and how; the defaults are those of a server in good health."""

    body: bytes
    content_type: str = "application/json"
    status: int = HTTPStatus.OK
    headers: Mapping[str, str] = field(default_factory=dict)
    silence: float = 0
    """Seconds before the first byte."""
    pace: float = 0
    """Seconds between two bytes."""
    times: int | None = 1
    """How often the body is sent; None is without end."""
    is_cut: bool = False
    """Whether the connection is reset in the middle of the body."""

    @classmethod
    def of(cls, document: object, **headers: str) -> "Answer":
        """Return *document* as JSON; the names of *headers* have underscores for hyphens."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return cls(body=json.dumps(document).encode(), headers=named)

    def sent(self, sleep: Callable[[float], None]) -> Response:
        """Return it as the response to the present request."""
        sleep(self.silence)
        response = Response(self._parts(sleep), self.status, self.headers)
        response.content_type = self.content_type
        if self.times is not None:
            response.content_length = len(self.body) * self.times
        return response

    def _parts(self, sleep: Callable[[float], None]) -> Iterator[bytes]:
        if self.is_cut:
            return _then_reset(self.body[: len(self.body) // 2], request.environ)
        if self.pace:
            return _dripping(self.body, self.pace, sleep)
        rounds = count() if self.times is None else range(self.times)
        return (self.body for _ in rounds)


def _dripping(body: bytes, pace: float, sleep: Callable[[float], None]) -> Iterator[bytes]:
    for byte in body:
        sleep(pace)
        yield bytes([byte])


def _then_reset(part: bytes, environ: Mapping[str, object]) -> Iterator[bytes]:
    yield part
    connection = environ.get("werkzeug.socket")
    if isinstance(connection, socket.socket):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        # The server goes on using its socket: it gets a closed one under the same number.
        ours, theirs = socket.socketpair()
        with ours, theirs:
            os.dup2(ours.fileno(), connection.fileno())

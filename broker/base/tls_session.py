"""A TLS connection that is written to once and whose end the peer confirms.

``ssl.SSLSocket.unwrap`` takes a fatal alert of the peer for its orderly end (OpenSSL notes both as
"received shutdown"), and with TLS 1.3 a refused client certificate comes as just that.
"""

import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

_T = TypeVar("_T")
_PART = 65_536


@dataclass(frozen=True)
class TlsSession:
    """Our end of the connection; what goes through it stays in memory until it is carried on."""

    connection: socket.socket
    tls: ssl.SSLObject
    incoming: ssl.MemoryBIO
    outgoing: ssl.MemoryBIO

    @classmethod
    def begin(cls, connection: socket.socket, context: ssl.SSLContext, host: str) -> "TlsSession":
        """Do the handshake; SSLError where the peer is not *host*."""
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = context.wrap_bio(incoming, outgoing, server_hostname=host)
        session = cls(connection, tls, incoming, outgoing)
        session._carry(tls.do_handshake)
        return session

    def write(self, data: bytes) -> None:
        """Send all of it."""
        left = memoryview(data)
        while left:
            left = left[self._carry(partial(self.tls.write, left)) :]

    def end(self) -> None:
        """Say that this was all, and wait until the peer says the same; SSLError otherwise."""
        with suppress(ssl.SSLWantReadError):
            self.tls.unwrap()
        with suppress(ssl.SSLZeroReturnError):
            while self._carry(lambda: self.tls.read(_PART)):
                pass  # a receiver that talks: not of interest

    def _carry(self, act: Callable[[], _T]) -> _T:
        """Do what may need bytes of the peer, and carry bytes both ways until it is done."""
        while True:
            try:
                done = act()
            except ssl.SSLWantReadError:
                self._flush()
                part = self.connection.recv(_PART)
                if part:
                    self.incoming.write(part)
                else:
                    self.incoming.write_eof()
            else:
                self._flush()
                return done

    def _flush(self) -> None:
        self.connection.sendall(self.outgoing.read())

"""A FranceConnect that publishes its addresses, then is silent, drips, or refuses, as told."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from tests.support.ports import free_port

_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"
_JUNK = b"{}"


class TroubledFranceConnect:
    """``well`` answers at once, though with nothing to trust beyond its addresses."""

    def __init__(self) -> None:
        self.port = free_port()
        self.issuer = f"http://localhost:{self.port}/api/v2"
        self._answer: Callable[[socket.socket, bytes], None] = self._well
        self._over = threading.Event()
        self._listener: socket.socket | None = None

    @classmethod
    @contextmanager
    def running(cls) -> Iterator["TroubledFranceConnect"]:
        server = cls()
        server._listen()
        yield server
        server.recovers()
        server.refuses()

    def falls_silent(self) -> None:
        """Accept every connection and never answer."""
        self._answer = lambda client, _path: self._hold(client, every=None)

    def drips(self) -> None:
        """Answer one byte per second."""
        self._answer = lambda client, _path: self._hold(client, every=1)

    def refuses(self) -> None:
        """Refuse connections."""
        if self._listener:
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes the thread that accepts
            self._listener.close()
            self._listener = None

    def recovers(self) -> None:
        """Answer at once again; what is held gets its answer now."""
        self._answer = self._well
        self._over.set()
        self._over = threading.Event()
        if self._listener is None:
            self._listen()

    def _listen(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", self.port), backlog=512)
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, suppress(OSError):
            path = client.recv(65_536).split(b" ")[1]
            self._answer(client, path)

    def _well(self, client: socket.socket, path: bytes) -> None:
        found = self._addresses() if path.endswith(b"/openid-configuration") else _JUNK
        client.sendall(_HEAD + b"Content-Length: %d\r\n\r\n" % len(found) + found)

    def _hold(self, client: socket.socket, every: float | None) -> None:
        """Keep the answer back until all is well; or give a byte *every* so many seconds."""
        over = self._over
        rest = _HEAD + b"Content-Length: 2\r\n\r\n" + _JUNK
        while not over.wait(every):
            client.sendall(rest[:1])
            rest = rest[1:]
        client.sendall(rest)

    def _addresses(self) -> bytes:
        names = ("authorization", "token", "userinfo")
        return json.dumps(
            {
                "issuer": self.issuer,
                "jwks_uri": f"{self.issuer}/jwks",
                **{f"{name}_endpoint": f"{self.issuer}/{name}" for name in names},
            }
        ).encode()

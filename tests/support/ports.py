"""Free ports, and one address in front of several server processes."""

import itertools
import random
import selectors
import socket
import threading
from contextlib import closing, suppress

# Below those that systems give to outgoing connections (Linux begins at 32768): nobody takes one
# by chance between its choice here and its use by a program that starts later. And above 10080,
# the highest that browsers refuse.
_CHOSEN = range(12_000, 32_000)
_chance = random.SystemRandom()


def free_port() -> int:
    """Return a port that nobody listens on now."""
    while True:
        port = _chance.choice(_CHOSEN)
        with closing(socket.socket()) as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


class RoundRobin:
    """Forwards each connection to the next server process, as from where it came.

    That may be any of 127.0.0.0/8.
    """

    def __init__(self, port: int, backends: list[int]) -> None:
        self._backends = itertools.cycle(backends)
        self._count = len(backends)
        self._listener = socket.create_server(("127.0.0.1", port), backlog=128)
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, (source, _) = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._forward, args=(client, source), daemon=True).start()

    def _forward(self, client: socket.socket, source: str) -> None:
        with client, suppress(OSError):
            server = self._connect(source)
            if server is None:
                return
            with server, selectors.DefaultSelector() as ready:
                ready.register(client, selectors.EVENT_READ, server)
                ready.register(server, selectors.EVENT_READ, client)
                self._copy(ready)

    def _connect(self, source: str) -> socket.socket | None:
        for _ in range(self._count):  # a process that was killed is passed over
            with suppress(OSError):
                backend = ("127.0.0.1", next(self._backends))
                return socket.create_connection(backend, source_address=(source, 0))
        return None

    @staticmethod
    def _copy(ready: selectors.BaseSelector) -> None:
        while True:
            for key, _ in ready.select():
                chunk = key.fileobj.recv(65_536)
                if not chunk:
                    return
                key.data.sendall(chunk)

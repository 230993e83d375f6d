"""A receiver of syslog over TLS or TCP (RFC 5425): keeps messages, and parses them strictly."""

import re
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

# RFC 5424 §6, with what it allows in each part.
_NAME = r"[\x21\x23-\x3c\x3e-\x5c\x5e-\x7e]{1,32}"
_VALUE = r'"((?:[^"\\\]]|\\["\\\]])*)"'
_ELEMENT = rf"\[({_NAME})((?: {_NAME}={_VALUE})*)\]"
_MESSAGE = re.compile(
    r"<(\d{1,3})>1 "
    r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d)) "
    r"([\x21-\x7e]{1,255}) ([\x21-\x7e]{1,48}) ([\x21-\x7e]{1,128}) ([\x21-\x7e]{1,32}) "
    rf"(?:-|{_ELEMENT})(?: (.*))?",
    re.DOTALL,
)
_PARAMETER = re.compile(rf" ({_NAME})={_VALUE}")
_FRAME = re.compile(rb"([1-9]\d*) ")  # RFC 5425 §4.3.1


@dataclass(frozen=True)
class Parsed:
    """The parts of a message."""

    priority: int
    time: str
    host: str
    application: str
    message_id: str
    element: str | None
    parameters: dict[str, str]
    payload: str | None


def parsed(message: bytes) -> Parsed:
    """Take a message apart, or fail where it is none."""
    found = _MESSAGE.fullmatch(message.decode())
    assert found, message
    priority, time, host, application, _, message_id, element, parameters, _, payload = (
        found.groups()
    )
    told = {
        name: re.sub(r'\\(["\\\]])', r"\1", value)
        for name, value in _PARAMETER.findall(parameters or "")
    }
    return Parsed(int(priority), time, host, application, message_id, element, told, payload)


@dataclass
class SyslogReceiver:
    """``confirms`` is whether it answers the end of a connection once it has read everything."""

    port: int = 0
    context: ssl.SSLContext | None = None
    confirms: bool = True
    frames: list[bytes] = field(default_factory=list)
    connections: int = 0

    @property
    def messages(self) -> list[Parsed]:
        return [parsed(frame) for frame in self.frames]

    def serve(self, connection: socket.socket) -> None:
        self.connections += 1
        with suppress(OSError):
            if self.context:
                connection = self.context.wrap_socket(connection, server_side=True)
            received = b""
            while part := connection.recv(65_536):
                received += part
            self.frames += _unframed(received)
            if isinstance(connection, ssl.SSLSocket) and self.confirms:
                connection.unwrap()
        if not self.confirms:  # as a process does that dies: the peer sees a reset
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        connection.close()


def _unframed(received: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(received):
        found = _FRAME.match(received, at)
        assert found, received[at : at + 20]
        at = found.end() + int(found[1])
        assert at <= len(received)
        yield received[found.end() : at]


@contextmanager
def a_syslog_receiver(context: ssl.SSLContext | None = None) -> Iterator[SyslogReceiver]:
    receiver, listener = SyslogReceiver(context=context), socket.create_server(("127.0.0.1", 0))
    receiver.port = listener.getsockname()[1]
    threads = []

    def accept() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                threads.append(threading.Thread(target=receiver.serve, args=(connection,)))
                threads[-1].start()

    accepting = threading.Thread(target=accept)
    accepting.start()
    try:
        yield receiver
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for thread in (accepting, *threads):
            thread.join()

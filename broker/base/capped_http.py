"""HTTP within limits: one deadline for everything, small answers, no redirect."""

import io
import socket
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import closing, suppress
from contextvars import ContextVar, copy_context
from typing import Any, TypeVar

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection

_T = TypeVar("_T")
_CONNECT = 2.0  # seconds to connect
_MAX_BODY = 65_536  # bytes, after decompression
_CHUNK = 8_192
_REDIRECT, _SERVER_ERROR = 300, 500
Connect = Callable[[str, int, Callable[[], float]], socket.socket]
"""Opens a connection to host and port; the function says how long it may take at each try."""


class CallFailed(Exception):
    """A call gave no answer that may be used; ``reason`` is for the trail and the log."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NoAnswer(CallFailed):
    """The peer cannot be reached, is too slow, or fails."""


class BadAnswer(CallFailed):
    """The peer answers what is not accepted, or stands where nothing may be called."""


class Call:
    """Some exchanges that must all be over by one deadline, however slowly bytes arrive.

    *connect* opens its connections, where not every place may be reached.
    """

    def __init__(self, seconds: float, connect: Connect | None = None) -> None:
        self._ends = time.monotonic() + seconds
        self.connect = connect
        self._sockets: list[socket.socket] = []

    def run(self, work: Callable[[], _T]) -> _T:
        """Do *work* in a thread of its own and stop waiting for it at the deadline.

        A read time-out starts anew at each byte, and name resolution has none at all: only
        another thread can keep the promise. Its connections are then cut, which ends it.
        """
        context, outcome = copy_context(), Future[_T]()
        context.run(_CALL.set, self)

        def perform() -> None:
            try:
                outcome.set_result(context.run(work))
            except BaseException as error:  # noqa: BLE001 - raised again in the caller's thread
                outcome.set_exception(error)

        threading.Thread(target=perform, name="outgoing call", daemon=True).start()
        try:
            return outcome.result(timeout=self.left())
        except TimeoutError:
            self._cut()
            raise NoAnswer("timeout") from None

    def left(self) -> float:
        """Return the seconds left; NoAnswer when there are none."""
        seconds = self._ends - time.monotonic()
        if seconds <= 0:
            raise NoAnswer("timeout")
        return seconds

    def patience(self) -> float:
        """Return the seconds that connecting may take now; NoAnswer when there are none."""
        return min(_CONNECT, self.left())

    def opened(self, connection: socket.socket) -> None:
        """Remember a connection, to cut it at the deadline."""
        self._sockets.append(connection)

    def _cut(self) -> None:
        for connection in self._sockets:
            with suppress(OSError):
                # Not SSLSocket.shutdown, which would touch the state that the reader uses.
                socket.socket.shutdown(connection, socket.SHUT_RDWR)


_CALL: ContextVar[Call] = ContextVar("outgoing_call")


class _Connection(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        return _opened(self, super()._new_conn)

    def connect(self) -> None:
        super().connect()
        _CALL.get().opened(self.sock)


class _SecureConnection(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        return _opened(self, super()._new_conn)

    def connect(self) -> None:
        super().connect()
        if self.sock is not None:
            _CALL.get().opened(self.sock)


def _opened(connection: HTTPConnection, usual: Callable[[], socket.socket]) -> socket.socket:
    """Connect as the call wants it; names of certificates are checked against the host anyway."""
    call = _CALL.get()
    if call.connect is None:
        return usual()
    port = connection.port or connection.default_port
    return call.connect(connection.host, port, call.patience)


class _Pool(urllib3.HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


class CappedAdapter(HTTPAdapter):
    """Carries requests inside a Call: its deadline, no redirect, at most 64 KiB of answer."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - as inherited
        """Use connections that the call can cut."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,  # noqa: ARG002, FBT001, FBT002 - as inherited
        timeout: Any = None,  # noqa: ANN401, ARG002 - as inherited
        verify: bool | str = True,  # noqa: FBT001, FBT002 - as inherited
        cert: Any = None,  # noqa: ANN401 - as inherited
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """Return the answer, read to its end; CallFailed when there is none to be had."""
        call = _CALL.get()
        try:
            response = super().send(
                request,
                stream=True,
                timeout=(call.patience(), call.left()),
                verify=verify,
                cert=cert,
                proxies=proxies,
            )
            with closing(response.raw) as arriving:
                _refuse_status(response.status_code)
                response.raw = io.BytesIO(_read(arriving))
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            raise NoAnswer(_kind(error)) from None
        return response


def _refuse_status(status: int) -> None:
    if status >= _SERVER_ERROR:
        raise NoAnswer(f"http_{status}")
    if status >= _REDIRECT and status // 100 == _REDIRECT // 100:
        raise BadAnswer("redirect")


def _read(arriving: urllib3.BaseHTTPResponse) -> bytes:
    body = bytearray()
    for chunk in arriving.stream(_CHUNK, decode_content=True):
        body += chunk
        if len(body) > _MAX_BODY:
            raise BadAnswer("too_large")
        _CALL.get().left()
    return bytes(body)


def _kind(error: Exception) -> str:
    if isinstance(error, requests.exceptions.SSLError):
        return "tls"
    if isinstance(error, requests.Timeout | TimeoutError | urllib3.exceptions.TimeoutError):
        return "timeout"
    return "unreachable"

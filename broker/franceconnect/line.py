"""The line to FranceConnect: short, narrow, and cut when it fails, so that nothing else waits."""

import io
import socket
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import closing, suppress
from contextvars import ContextVar, copy_context
from dataclasses import dataclass, field
from typing import Any, TypeVar

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection

from broker.franceconnect.model import RoundTripRefused, TemporarilyUnavailable, UntrustedAnswer

_T = TypeVar("_T")
_CONNECT = 2.0  # seconds to connect
_TOTAL = 8.0  # seconds for everything that one person waits for
_QUEUE = 0.5  # seconds to wait for a free slot
_MAX_BODY = 65_536  # bytes, after decompression
_CHUNK = 8_192
_REDIRECT, _SERVER_ERROR = 300, 500


class Call:
    """Some exchanges that must all be over by one deadline, however slowly bytes arrive."""

    def __init__(self, seconds: float) -> None:
        self._ends = time.monotonic() + seconds
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

        threading.Thread(target=perform, name="franceconnect", daemon=True).start()
        try:
            return outcome.result(timeout=self.left())
        except TimeoutError:
            self._cut()
            raise TemporarilyUnavailable("timeout") from None

    def left(self) -> float:
        """Return the seconds left; TemporarilyUnavailable when there are none."""
        seconds = self._ends - time.monotonic()
        if seconds <= 0:
            raise TemporarilyUnavailable("timeout")
        return seconds

    def opened(self, connection: socket.socket) -> None:
        """Remember a connection, to cut it at the deadline."""
        self._sockets.append(connection)

    def _cut(self) -> None:
        for connection in self._sockets:
            with suppress(OSError):
                # Not SSLSocket.shutdown, which would touch the state that the reader uses.
                socket.socket.shutdown(connection, socket.SHUT_RDWR)


_CALL: ContextVar[Call] = ContextVar("franceconnect_call")


class _Connection(HTTPConnection):
    def connect(self) -> None:
        super().connect()
        _CALL.get().opened(self.sock)


class _SecureConnection(HTTPSConnection):
    def connect(self) -> None:
        super().connect()
        if self.sock is not None:
            _CALL.get().opened(self.sock)


class _Pool(urllib3.HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


class NarrowAdapter(HTTPAdapter):
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
        """Return the answer, read to its end."""
        left = _CALL.get().left()
        try:
            response = super().send(
                request,
                stream=True,
                timeout=(min(_CONNECT, left), left),
                verify=verify,
                cert=cert,
                proxies=proxies,
            )
            with closing(response.raw) as arriving:
                _refuse_status(response.status_code)
                response.raw = io.BytesIO(_read(arriving))
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            raise TemporarilyUnavailable(_kind(error)) from None
        return response


def _refuse_status(status: int) -> None:
    if status >= _SERVER_ERROR:
        raise TemporarilyUnavailable(f"http_{status}")
    if status >= _REDIRECT and status // 100 == _REDIRECT // 100:
        raise UntrustedAnswer("redirect")


def _read(arriving: urllib3.BaseHTTPResponse) -> bytes:
    body = bytearray()
    for chunk in arriving.stream(_CHUNK, decode_content=True):
        body += chunk
        if len(body) > _MAX_BODY:
            raise UntrustedAnswer("too_large")
        _CALL.get().left()
    return bytes(body)


def _kind(error: Exception) -> str:
    if isinstance(error, requests.exceptions.SSLError):
        return "tls"
    if isinstance(error, requests.Timeout | TimeoutError | urllib3.exceptions.TimeoutError):
        return "timeout"
    return "unreachable"


@dataclass
class Breaker:
    """Stops asking after several failures in a row; one call tries again after a while."""

    failures_allowed: int = 5
    pause: float = 20.0  # seconds
    monotonic: Callable[[], float] = time.monotonic
    _failures: int = field(default=0, init=False)
    _closed_until: float = field(default=0.0, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    @property
    def is_open(self) -> bool:
        """Whether calls are refused at present."""
        return self._failures >= self.failures_allowed and self.monotonic() < self._closed_until

    def require_working(self) -> None:
        """Refuse at once while FranceConnect is known to fail."""
        if self.is_open:
            raise TemporarilyUnavailable("breaker")

    def enter(self) -> None:
        """Let a call pass, or refuse it at once; of those after the pause, one tries."""
        with self._lock:
            self.require_working()
            if self._failures >= self.failures_allowed:
                self._closed_until = self.monotonic() + self.pause

    def failed(self) -> None:
        """Count a failure."""
        with self._lock:
            self._failures += 1
            self._closed_until = self.monotonic() + self.pause

    def worked(self) -> None:
        """Forget the failures."""
        with self._lock:
            self._failures = 0


@dataclass(frozen=True)
class Line:
    """Every outgoing call to FranceConnect of one process.

    At most *slots* calls at once, fewer than the threads of the server: a slow FranceConnect
    never holds them all, so that logging in with a password keeps its speed.
    """

    slots: threading.Semaphore
    breaker: Breaker
    total: float = _TOTAL

    def run(self, work: Callable[[], _T]) -> _T:
        """Do *work* within the limits; RoundTripRefused when it fails."""
        self.breaker.enter()
        if not self.slots.acquire(timeout=_QUEUE):
            raise TemporarilyUnavailable("busy")
        try:
            result = Call(self.total).run(work)
        except TemporarilyUnavailable:
            self.breaker.failed()
            raise
        except RoundTripRefused:
            self.breaker.worked()
            raise
        finally:
            self.slots.release()
        self.breaker.worked()
        return result

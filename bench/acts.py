"""CPU of the provider's acts within one process on SQLite, and what each spends it on.

No network and no second program: the least of several measurements is what other work on the
machine disturbs least, and small gains show that ``make bench B=provider`` cannot tell apart.
"""

import cProfile
import io
import os
import pstats
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from email.message import Message
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bench.systems import environment_of, logged_in
from bench.table import Table
from bench.visitor import Endpoints, Visitor
from broker.app import create_app
from broker.base.logs import configure_logs
from broker.base.proxies import Wsgi
from broker.base.settings import load_settings

_PORT = 8000  # where nothing listens
_TIMES, _ACTS = 12, 60
_SHOWN = 30


@dataclass
class Answer:
    """What a visitor reads of an answer."""

    status: int = 0
    headers: Message = field(default_factory=Message)
    body: bytes = field(default=b"", repr=False)

    def begin(self, status: str, headers: Iterable[tuple[str, str]], *_: object) -> None:
        """Take what the application says first (``start_response``)."""
        self.status = int(status[:3])
        for name, value in headers:
            self.headers[name] = value

    def read(self) -> bytes:
        """Return the body, as ``http.client`` does."""
        return self.body


@dataclass
class InProcess(Visitor):
    """Calls the application as Granian does, and adds up the CPU of that alone."""

    wsgi: Wsgi = field(kw_only=True)
    profile: cProfile.Profile | None = None
    spent: float = 0.0

    def _asks(
        self, method: str, path: str, body: str | None = None, headers: Mapping[str, str] = {}
    ) -> Any:  # noqa: ANN401 - stands for an answer of http.client
        environ, answer = _environ(method, path, (body or "").encode(), headers), Answer()
        begun = time.thread_time()
        if self.profile:
            self.profile.enable()
        parts = self.wsgi(environ, answer.begin)
        answer.body = b"".join(parts)
        if close := getattr(parts, "close", None):
            close()
        if self.profile:
            self.profile.disable()
        self.spent += time.thread_time() - begun
        return answer


def measure(folder: Path, _size: int) -> Iterator[Table]:
    """Yield the cost of every act, then where it goes, by the profiler."""
    visitor = _visitor(folder)
    acts = visitor.acts
    for act in acts.values():  # what is compiled or fetched at the first use
        _cost(visitor, act, _ACTS)
    least = dict.fromkeys(acts, 1_000.0)
    for _ in range(_TIMES):
        for name, act in acts.items():
            least[name] = min(least[name], 1_000 * _cost(visitor, act, _ACTS))
    yield Table("CPU of one act, without network", ("act", "ms"), [*least.items()])
    for name, act in acts.items():
        visitor.profile = cProfile.Profile(time.thread_time)
        _cost(visitor, act, 3 * _ACTS)
        yield _told(name, visitor.profile, 3 * _ACTS)


def _visitor(folder: Path) -> InProcess:
    environment = environment_of(f"sqlite:///{folder / 'broker.db'}", _PORT)
    command = [sys.executable, "-m", "broker", "migrate"]
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
    (cookies, *_) = logged_in(environment)
    settings = load_settings(environment)
    configure_logs(settings)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)  # as served
    app = create_app(settings, metrics_folder=str(folder))
    at = Endpoints(_PORT, "/authorize", "/token", "/userinfo", "/introspect", "/jwks")
    visitor = InProcess(at, dict(cookies), {}, wsgi=app.wsgi_app)
    visitor.prepares()
    return visitor


def _cost(visitor: InProcess, act: Callable[[], None], times: int) -> float:
    visitor.spent = 0.0
    for _ in range(times):
        act()
    return visitor.spent / times


def _told(name: str, profile: cProfile.Profile, times: int) -> Table:
    found = pstats.Stats(profile)
    rows = [
        (_place(*where), calls / times, 1_000 * own / times, 1_000 * whole / times)
        for where, (_, calls, own, whole, _) in found.stats.items()  # type: ignore[attr-defined]
    ]
    rows.sort(key=lambda row: -row[2])
    columns = ("function", "calls", "ms, own", "ms, with what it calls")
    return Table(f"One {name}, by the profiler", columns, rows[:_SHOWN])


def _place(file: str, line: int, function: str) -> str:
    return f"{'/'.join(file.rsplit('/', 2)[-2:])}:{line} {function}"


def _environ(method: str, path: str, body: bytes, headers: Mapping[str, str]) -> dict[str, Any]:
    parts = urlsplit(path)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": parts.path,
        "QUERY_STRING": parts.query,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": str(_PORT),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "REMOTE_PORT": "40000",
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_HOST": f"127.0.0.1:{_PORT}",
        "HTTP_ACCEPT_ENCODING": "identity",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in headers.items():
        upper = name.upper().replace("-", "_")
        environ[upper if upper == "CONTENT_TYPE" else f"HTTP_{upper}"] = value
    return environ

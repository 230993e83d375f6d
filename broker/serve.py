"""The web service: worker processes, and the background work where the settings ask for it."""

import contextlib
import functools
import gc
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from typing import Any

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels
from prometheus_client import start_http_server
from prometheus_client.registry import Collector

from broker.app import create_app
from broker.base.clock_drift import ClockDrift, DriftMetrics
from broker.base.errors import ServiceNotReady
from broker.base.logs import configure_logs
from broker.base.metrics import FOLDER_VARIABLE, of_folder
from broker.base.proxies import Wsgi
from broker.base.settings import Settings, load_settings
from broker.exports.exports import Exports
from broker.exports.lag_metrics import LagMetrics

_STOP_SECONDS = 10


def wsgi() -> Callable[..., Any]:
    """Build the application of one worker process."""
    settings = load_settings()
    configure_logs(settings)
    application = create_app(
        settings, metrics_folder=os.environ[FOLDER_VARIABLE], spans=spans_of(settings)
    )
    # What is built lives as long as the process: the collector need not look at it ever again.
    gc.collect()
    gc.freeze()
    return application.wsgi_app


def serve(settings: Settings) -> None:
    """Serve until a signal says stop; a worker process that dies is replaced."""
    spans_of(settings)  # told now what each worker process would fail by
    host, _, port = settings.bind.rpartition(":")
    with _shared_metrics(settings), _background(settings):
        Granian(
            "broker.serve:wsgi",
            address=host.strip("[]"),
            port=int(port),
            interface=Interfaces.WSGI,
            factory=True,
            workers=settings.workers,
            blocking_threads=settings.threads,
            respawn_failed_workers=True,
            respawn_interval=0.5,
            workers_kill_timeout=_STOP_SECONDS,
            log_access=False,
            log_level=LogLevels.warning,
        ).serve()


def spans_of(settings: Settings) -> Callable[[Wsgi], Wsgi]:
    """Return what puts requests into traces; ServiceNotReady without the extra ``tracing``."""
    if settings.traces_url is None:
        return lambda application: application
    try:
        from broker.base.spans import TracedRequests  # noqa: PLC0415 - of an extra
    except ModuleNotFoundError:
        raise ServiceNotReady("BROKER_TRACES_URL needs the extra 'tracing'") from None
    return functools.partial(TracedRequests.to, collector=settings.traces_url)


@contextlib.contextmanager
def _shared_metrics(settings: Settings) -> Iterator[None]:
    """Let every worker process count in one folder, and expose it where production wants it."""
    with tempfile.TemporaryDirectory(prefix="broker-metrics-") as shared:
        os.environ[FOLDER_VARIABLE] = shared
        if settings.metrics_bind:
            host, _, port = settings.metrics_bind.rpartition(":")
            registry = of_folder(shared, *_asked(settings))
            start_http_server(int(port), host, registry=registry)
        yield


def _asked(settings: Settings) -> Iterator[Collector]:
    """Yield what asks the database, where there is something to tell of."""
    if settings.exports or not settings.on_sqlite:
        services = create_app(settings).extensions["broker"]
        yield DriftMetrics(services[ClockDrift])
        if settings.exports:
            yield LagMetrics(services[Exports].lags)


@contextlib.contextmanager
def _background(settings: Settings) -> Iterator[None]:
    if not settings.runs_worker:
        yield
        return
    command = [sys.executable, "-m", "broker", "worker", "--parent", str(os.getpid())]
    worker = subprocess.Popen(command)  # noqa: S603 - our own command
    try:
        yield
    finally:
        worker.terminate()
        worker.wait()

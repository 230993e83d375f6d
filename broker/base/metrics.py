"""Prometheus metrics, their labels bounded: routes, methods and statuses, never people."""

from functools import cache

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
    multiprocess,
    values,
)
from prometheus_client.registry import Collector

FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"  # the library's own name
_METHODS = {"GET", "HEAD", "POST"}
_LAGS = (1, 2, 5, 10, 30, 60, 300, 1_800, 7_200)  # seconds


class Metrics:
    """The metrics of this process, or of all that share a folder.

    With *shared_folder* each process writes its values there and any of them exposes the sum.
    """

    def __init__(self, shared_folder: str | None = None) -> None:
        self._shared_folder = shared_folder
        self._watched: list[Collector] = []
        if shared_folder:
            values.ValueClass = values.MultiProcessValue()  # type: ignore[no-untyped-call]
        own = self._own = CollectorRegistry()
        self._requests = Counter(
            "broker_requests", "Requests answered", ["route", "method", "status"], registry=own
        )
        self._duration = Histogram(
            "broker_request_seconds", "Seconds to answer a request", ["route"], registry=own
        )
        self._mails = Counter("broker_mails", "Mails by outcome", ["outcome"], registry=own)
        self._families_ended = Counter(
            "broker_families_ended", "Token families ended by reason", ["reason"], registry=own
        )
        self._signals = Counter(
            "broker_signals", "Tries to send security events by outcome", ["outcome"], registry=own
        )
        self._flooded = Counter(
            "broker_flooded",
            "Requests refused by the limits per address",
            ["traffic"],
            registry=own,
        )
        self._redis_failures = Counter(
            "broker_redis_failures", "Times that Redis did not answer", registry=own
        )
        self._alerts = Counter("broker_alerts", "Alerts raised by rule", ["rule"], registry=own)
        self._witness = Counter(
            "broker_witness",
            "Checkpoints given to the witness by outcome",
            ["outcome"],
            registry=own,
        )
        self._detection_lag = Histogram(
            "broker_detection_lag_seconds",
            "From the oldest event of a turn to the rules having seen it",
            buckets=_LAGS,
            registry=own,
        )

        self._of_answers = cache(self._labelled)  # the library looks labels up under a lock

    def request(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count one answer."""
        counted, lasted = self._of_answers(
            route, method if method in _METHODS else "other", status
        )
        counted.inc()
        lasted.observe(seconds)

    def _labelled(self, route: str, method: str, status: int) -> tuple[Counter, Histogram]:
        return self._requests.labels(route, method, str(status)), self._duration.labels(route)

    def mail(self, outcome: str) -> None:
        """Count one mail handed over, refused or expired."""
        self._mails.labels(outcome).inc()

    def families_ended(self, reason: str, count: int) -> None:
        """Count families of tokens that were ended before their time."""
        self._families_ended.labels(reason).inc(count)

    def signal(self, outcome: str) -> None:
        """Count one try to send a security event: sent, postponed or failed."""
        self._signals.labels(outcome).inc()

    def flooded(self, traffic: str) -> None:
        """Count one request of an address that sends too many."""
        self._flooded.labels(traffic).inc()

    def redis_failure(self) -> None:
        """Count one time that Redis did not answer."""
        self._redis_failures.inc()

    def alert(self, rule: str) -> None:
        """Count one alert of a rule."""
        self._alerts.labels(rule).inc()

    def witness(self, outcome: str) -> None:
        """Count one checkpoint that the witness cosigned, refused or did not get."""
        self._witness.labels(outcome).inc()

    def detection_lag(self, seconds: float) -> None:
        """Note how long after it happened the rules saw an event."""
        self._detection_lag.observe(seconds)

    def watch(self, collector: Collector) -> None:
        """Expose what the collector finds out when somebody asks, too."""
        self._watched.append(collector)
        self._own.register(collector)

    def exposition(self) -> tuple[bytes, str]:
        """Return the metrics in the text format, and its content type."""
        folder = self._shared_folder
        registry = of_folder(folder, *self._watched) if folder else self._own
        return generate_latest(registry), CONTENT_TYPE_LATEST


def of_folder(folder: str, *collectors: Collector) -> CollectorRegistry:
    """Return a registry that adds up what every process wrote in the folder; *collectors* too."""
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry, path=folder)  # type: ignore[no-untyped-call]
    for collector in collectors:
        registry.register(collector)
    return registry

"""Prometheus metrics, their labels bounded: routes, methods and statuses, never people."""

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
    multiprocess,
    values,
)

_METHODS = {"GET", "HEAD", "POST"}
REQUESTS = Counter("broker_requests", "Requests answered", ["route", "method", "status"])
DURATION = Histogram("broker_request_seconds", "Seconds to answer a request", ["route"])
EVENTS = Counter("broker_audit_events", "Events recorded in the trail", ["type", "outcome"])
MAILS = Counter("broker_mails", "Mails handed to the mail server", ["outcome"])


def observe_request(route: str, method: str, status: int, seconds: float) -> None:
    """Count one answer."""
    REQUESTS.labels(route, method if method in _METHODS else "other", str(status)).inc()
    DURATION.labels(route).observe(seconds)


def exposition() -> tuple[bytes, str]:
    """Return the metrics of every worker process, and their content type."""
    registry = REGISTRY
    if values.ValueClass is not values.MutexValue:  # several processes share their values by files
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry), CONTENT_TYPE_LATEST

"""A span of OpenTelemetry per request; only where traces are asked for (extra ``tracing``)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, SpanKind, StatusCode, Tracer
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from broker.base.proxies import Wsgi
from broker.base.trace_context import ANSWERED, HEADER, STATE

_PROPAGATOR = TraceContextTextMapPropagator()
_TIMEOUT = 2  # seconds for a batch; one that stops waits no longer for a collector that is away
_NAMES = {"traceparent": HEADER, "tracestate": STATE}
_METHODS = {"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"}


@dataclass(frozen=True)
class TracedRequests:
    """Puts each request into its trace: that of the proxy, or a new one.

    A span tells route, method and status, never the address: path and query may hold codes, links
    and what people typed. The reference of the request leads to its log line and its events.
    """

    app: Wsgi
    provider: TracerProvider

    @classmethod
    def to(cls, app: Wsgi, collector: str) -> "TracedRequests":
        """Send spans to a collector (OTLP over HTTP), in batches, behind the requests."""
        return cls.by(
            app, BatchSpanProcessor(OTLPSpanExporter(endpoint=collector, timeout=_TIMEOUT))
        )

    @classmethod
    def by(cls, app: Wsgi, processor: SpanProcessor) -> "TracedRequests":
        """Give spans to that processor; sampling is that of OTEL_TRACES_SAMPLER."""
        resource = Resource.create({SERVICE_NAME: "compte-ameli"})
        provider = TracerProvider(resource=resource, shutdown_on_exit=True)
        provider.add_span_processor(processor)
        return cls(app, provider)

    @property
    def _tracer(self) -> Tracer:
        return self.provider.get_tracer("broker")

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Answer within a span; the request carries it on as its ``traceparent``."""
        carrier = {name: environ[key] for name, key in _NAMES.items() if key in environ}
        context = _PROPAGATOR.extract(carrier)
        method = environ["REQUEST_METHOD"]
        method = method if method in _METHODS else "_OTHER"  # as OpenTelemetry calls any other
        with self._tracer.start_as_current_span(
            method,
            context,
            kind=SpanKind.SERVER,
            # The message of an exception may hold what a person typed.
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            given: dict[str, str] = {}
            _PROPAGATOR.inject(given)
            environ.update({_NAMES[name]: value for name, value in given.items()})
            answer = self.app(environ, start_response)
            _describe(span, method, environ.get(ANSWERED))
        return answer


def _describe(span: Span, method: str, answered: dict[str, Any] | None) -> None:
    if answered is None:
        return
    route, status = answered["route"], answered["status"]
    span.update_name(f"{method} {route}")
    span.set_attributes(
        {
            "http.request.method": method,
            "http.route": route,
            "http.response.status_code": status,
            "broker.request_id": answered["reference"],
        }
    )
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        span.set_status(StatusCode.ERROR)

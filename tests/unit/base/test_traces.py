"""Which trace a request belongs to, and who may say so."""

import gzip

import pytest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from broker.app import create_app
from broker.base.context import CURRENT, RequestContext, here
from broker.base.db import Database
from broker.base.logs import with_trace
from broker.base.spans import TracedRequests
from broker.doctor import Verdict, examine
from broker.serve import spans_of
from tests.conftest import test_settings
from tests.support.http_receiver import a_http_receiver

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = f"00-{TRACE}-00f067aa0ba902b7-01"
PROXY, STRANGER = "10.0.0.7", "192.0.2.7"


@pytest.fixture
def traced(sqlite_url, clock):
    """The service behind a trusted proxy, with a page that tells the trace of its request."""
    app = create_app(test_settings(sqlite_url, BROKER_TRUSTED_PROXIES="10.0.0.0/8"), clock=clock)
    app.add_url_rule("/trace", view_func=lambda: here().trace_id or "none")
    yield app
    app.extensions["broker"][Database].engine.dispose()


def asked(app, traceparent, address=PROXY):
    headers = {"traceparent": traceparent, "X-Forwarded-For": STRANGER}
    return (
        app.test_client()
        .get("/trace", headers=headers, environ_base={"REMOTE_ADDR": address})
        .text
    )


def test_a_trusted_proxy_names_the_trace(traced):
    assert asked(traced, PARENT) == TRACE


def test_a_stranger_does_not(traced):
    assert asked(traced, PARENT, STRANGER) == "none"


def test_without_trusted_proxies_nobody_does(client, app):
    app.add_url_rule("/trace", view_func=lambda: here().trace_id or "none")

    assert client.get("/trace", headers={"traceparent": PARENT}).text == "none"


@pytest.mark.parametrize(
    "traceparent",
    [
        "",
        TRACE,
        PARENT.upper(),
        PARENT.replace("4bf9", "zbf9"),
        PARENT.replace("00-4", "ff-4"),
        f"00-{'0' * 32}-00f067aa0ba902b7-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"{PARENT}-more",
    ],
)
def test_what_is_no_traceparent_names_no_trace(traced, traceparent):
    assert asked(traced, traceparent) == "none"


def test_a_log_line_names_the_trace_of_its_request():
    token = CURRENT.set(RequestContext(trace_id=TRACE))
    inside = with_trace(None, "info", {"event": "request"})
    CURRENT.reset(token)

    assert inside == {"event": "request", "trace_id": TRACE}
    assert with_trace(None, "info", {"event": "request"}) == {"event": "request"}


@pytest.fixture
def spans():
    return InMemorySpanExporter()


@pytest.fixture
def recorded(sqlite_url, clock, spans):
    """The service behind a trusted proxy, its requests recorded as spans."""
    app = create_app(
        test_settings(sqlite_url, BROKER_TRUSTED_PROXIES="10.0.0.0/8"),
        clock=clock,
        spans=lambda inner: TracedRequests.by(inner, SimpleSpanProcessor(spans)),
    )
    app.add_url_rule("/trace", view_func=lambda: here().trace_id or "none")
    yield app
    app.extensions["broker"][Database].engine.dispose()


def test_a_span_goes_on_from_the_proxy_and_the_request_knows_its_trace(recorded, spans):
    assert asked(recorded, PARENT) == TRACE

    (span,) = spans.get_finished_spans()
    assert f"{span.context.trace_id:032x}" == TRACE
    assert f"{span.parent.span_id:016x}" == "00f067aa0ba902b7"
    assert (span.name, span.kind) == ("GET /trace", SpanKind.SERVER)


def test_a_span_of_a_stranger_begins_a_trace_of_its_own(recorded, spans):
    told = asked(recorded, PARENT, STRANGER)

    (span,) = spans.get_finished_spans()
    assert told == f"{span.context.trace_id:032x}" != TRACE
    assert span.parent is None


def test_a_span_tells_the_route_and_nothing_of_the_address(recorded, spans):
    link = "/activation/Qm9uam91ckNlY2lFc3RVblNlY3JldA?code=123456&state=tulipe"

    answer = recorded.test_client().get(link, headers={"User-Agent": "violon"})

    (span,) = spans.get_finished_spans()
    assert span.attributes == {
        "http.request.method": "GET",
        "http.route": "/activation/<token>",
        "http.response.status_code": answer.status_code,
        "broker.request_id": span.attributes["broker.request_id"],
    }
    assert span.name == "GET /activation/<token>"


def test_a_fault_is_an_error_without_its_words(recorded, spans):
    def breaks():
        raise ValueError("2640531555982")

    recorded.add_url_rule("/en-panne", view_func=breaks)

    recorded.test_client().get("/en-panne")

    (span,) = spans.get_finished_spans()
    assert (span.status.status_code, span.status.description) == (StatusCode.ERROR, None)
    assert span.events == ()


def test_a_method_that_nobody_knows_names_no_span(recorded, spans):
    recorded.test_client().open("/nulle-part", method="TULIPE")

    (span,) = spans.get_finished_spans()
    assert span.name == "_OTHER none"


def test_a_collector_gets_spans_that_hold_no_secret(sqlite_url, clock):
    with a_http_receiver() as collector:
        settings = test_settings(sqlite_url, BROKER_TRACES_URL=collector.address)
        app = create_app(settings, clock=clock, spans=spans_of(settings))
        app.test_client().get("/activation/Qm9uam91ckNlY2lFc3RVblNlY3JldA?code=123456")
        app.wsgi_app.app.provider.shutdown()
        app.extensions["broker"][Database].engine.dispose()

    (posted,) = collector.requests
    body = gzip.decompress(posted.body) if posted.body[:2] == b"\x1f\x8b" else posted.body
    assert posted.content_type == "application/x-protobuf"
    assert b"/activation/<token>" in body
    assert b"compte-ameli" in body
    assert b"Qm9uam91" not in body
    assert b"123456" not in body


def test_a_collector_that_is_away_stops_no_request(sqlite_url, clock):
    settings = test_settings(sqlite_url, BROKER_TRACES_URL="http://127.0.0.1:1/v1/traces")
    app = create_app(settings, clock=clock, spans=spans_of(settings))

    assert app.test_client().get("/connexion").status_code == 200

    app.wsgi_app.app.provider.shutdown()
    app.extensions["broker"][Database].engine.dispose()


def test_without_a_collector_there_is_no_span(sqlite_url, clock):
    settings = test_settings(sqlite_url)
    app = create_app(settings, clock=clock, spans=spans_of(settings))

    assert not isinstance(app.wsgi_app.app, TracedRequests)

    app.extensions["broker"][Database].engine.dispose()


@pytest.mark.parametrize(
    ("address", "verdict"),
    [
        ("https://traces.example/v1/traces", Verdict.OK),
        ("http://localhost:4318/v1/traces", Verdict.OK),
        ("http://traces.example/v1/traces", Verdict.FAILS),
    ],
)
def test_production_sends_no_trace_in_the_clear_beyond_its_machine(sqlite_url, address, verdict):
    settings = test_settings(sqlite_url, BROKER_TRACES_URL=address)

    found = {finding.rule: finding.verdict for finding in examine(settings)}
    assert found["traces leave encrypted, or not this machine"] is verdict

"""Which trace a request belongs to, and who may say so."""

import pytest

from broker.app import create_app
from broker.base.context import CURRENT, RequestContext, here
from broker.base.db import Database
from broker.base.logs import with_trace
from tests.conftest import test_settings

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

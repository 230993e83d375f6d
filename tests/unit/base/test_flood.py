"""Flood limits: per address, over all nodes with Redis, and never worse without it."""

import time

import pytest

from broker.app import create_app
from broker.base.errors import ServiceNotReady
from broker.base.flood import FloodGate, Traffic
from broker.base.metrics import Metrics
from broker.base.settings import load_settings
from broker.base.shared_counts import SharedCounts
from tests.conftest import test_settings

LIMIT = {"BROKER_LIMIT_ADDRESS_COUNT": "3", "BROKER_LIMIT_ENDPOINT_COUNT": "5"}
PROGRAM = {"Accept": "application/json"}


@pytest.fixture
def visit(sqlite_url, clock):
    """Return a function that asks one node for a page; nodes are built as they are asked."""
    nodes = {}

    def ask(path="/connexion", *, node=0, address="203.0.113.7", headers=None, **settings):
        if node not in nodes:
            chosen = test_settings(sqlite_url, **{**LIMIT, **settings})
            nodes[node] = create_app(chosen, clock=clock).test_client()
        base = {"REMOTE_ADDR": address}
        return nodes[node].get(path, environ_base=base, headers=headers, buffered=True)

    return ask


def statuses(visit, times, **visits):
    return [visit(**visits).status_code for _ in range(times)]


def test_the_request_after_the_last_allowed_one_is_refused_with_the_time(visit):
    assert statuses(visit, 3) == [200] * 3

    answer = visit()

    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "60"
    assert "<strong>12:01</strong>" in answer.get_data(as_text=True)
    assert "Trop de demandes" in answer.get_data(as_text=True)


def test_the_window_ends_on_its_second(visit, clock):
    statuses(visit, 3)

    clock.advance(seconds=59)
    last = visit()
    clock.advance(seconds=1)

    assert (last.status_code, last.headers["Retry-After"]) == (429, "1")
    assert statuses(visit, 4) == [200, 200, 200, 429]


@pytest.mark.parametrize(
    ("other", "status"),
    [
        ("203.0.113.8", 200),
        ("2001:db8:1:2:ffff::9", 429),
        ("2001:db8:1:3::1", 200),
        ("::ffff:203.0.113.7", 429),
    ],
)
def test_a_line_is_an_ipv4_address_or_a_64_of_ipv6(visit, other, status):
    statuses(visit, 3, address="203.0.113.7")
    statuses(visit, 3, address="2001:db8:1:2::1")

    assert visit(address=other).status_code == status


def test_a_program_has_its_own_limit_and_is_refused_in_json(visit):
    statuses(visit, 4)
    assert statuses(visit, 5, path="/jwks", headers=PROGRAM) == [200] * 5

    answer = visit("/jwks", headers=PROGRAM)

    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "60"
    assert answer.get_json() == {
        "error": "temporarily_unavailable",
        "error_description": "too many requests: try again at 2026-03-02T11:01:00Z",
    }


@pytest.mark.parametrize("path", ["/health/live", "/health/ready", "/static/app.css"])
def test_monitors_and_style_sheets_are_not_counted(visit, path):
    assert statuses(visit, 6, path=path) == [200] * 6
    assert statuses(visit, 3) == [200] * 3


def test_what_does_not_exist_is_counted(visit):
    assert statuses(visit, 4, path="/wp-login.php") == [404, 404, 404, 429]


def test_a_refusal_is_in_the_metrics(visit):
    statuses(visit, 5)

    counted = visit("/metrics").get_data(as_text=True)

    assert 'broker_flooded_total{traffic="people"} 2.0' in counted


def test_without_redis_each_process_counts_alone(visit):
    assert statuses(visit, 4, node=0) == [200, 200, 200, 429]
    assert statuses(visit, 4, node=1) == [200, 200, 200, 429]


def test_with_redis_nodes_count_together(visit, redis_server):
    node = {"BROKER_REDIS_URL": redis_server.url}

    assert statuses(visit, 2, node=0, **node) == [200, 200]
    assert statuses(visit, 2, node=1, **node) == [200, 429]


def test_redis_learns_no_address_and_forgets_what_is_over(visit, redis_server):
    statuses(visit, 2, BROKER_REDIS_URL=redis_server.url)

    assert len(redis_server.keys()) == 1
    assert "203.0.113" not in redis_server.keys()[0]
    assert all(0 < life <= 120 for life in redis_server.lives())


@pytest.mark.parametrize("harm", ["kill", "freeze"])
def test_when_redis_is_gone_the_process_counts_by_itself_without_waiting(
    visit, redis_server, harm, capsys
):
    statuses(visit, 1, BROKER_REDIS_URL=redis_server.url)
    getattr(redis_server, harm)()

    visit()  # finds out
    started = time.monotonic()
    answers = statuses(visit, 3)

    assert time.monotonic() - started < 0.1
    assert answers == [200, 200, 429]
    assert "broker_redis_failures_total 1.0" in visit("/metrics").get_data(as_text=True)
    assert capsys.readouterr().out.count("redis does not answer") == 1


def test_readiness_names_redis_and_does_not_depend_on_it(visit, redis_server):
    ready = visit("/health/ready", BROKER_REDIS_URL=redis_server.url).get_json()
    assert ready == {"status": "ok", "dependencies": {"database": "ok", "redis": "ok"}}

    redis_server.kill()
    answer = visit("/health/ready")

    assert answer.status_code == 200
    assert answer.get_json()["dependencies"] == {"database": "ok", "redis": "down"}


def test_redis_is_asked_again_after_five_seconds(redis_server):
    now = [100.0]
    shared = SharedCounts.of(
        load_settings({"BROKER_PROFILE": "test", "BROKER_REDIS_URL": redis_server.url}), Metrics()
    )
    shared.monotonic = lambda: now[0]
    redis_server.kill()
    assert shared.add("a", 60) is None
    redis_server.start()

    now[0] += 4.9
    too_early = shared.add("a", 60)
    now[0] += 0.1

    assert too_early is None
    assert [shared.add("a", 60), shared.add("a", 60)] == [1, 2]


def test_a_flushed_redis_only_forgets_the_window(visit, redis_server):
    assert statuses(visit, 4, BROKER_REDIS_URL=redis_server.url) == [200, 200, 200, 429]

    redis_server.flush()

    assert statuses(visit, 4) == [200, 200, 200, 429]


def test_an_address_that_is_no_redis_stops_the_process_without_being_shown():
    settings = load_settings(
        {"BROKER_PROFILE": "test", "BROKER_REDIS_URL": "http://:geheim@cache"}
    )

    with pytest.raises(ServiceNotReady) as refused:
        SharedCounts.of(settings, Metrics())

    assert "redis_url" in str(refused.value)
    assert "geheim" not in str(refused.value) + repr(settings)


def test_traffic_of_one_kind_does_not_count_for_the_other(sqlite_url, clock):
    gate = create_app(test_settings(sqlite_url, **LIMIT), clock=clock).extensions["broker"][
        FloodGate
    ]
    for _ in range(3):
        gate.enter(Traffic.PEOPLE, "203.0.113.7")

    gate.enter(Traffic.PROGRAMS, "203.0.113.7")

"""A clock that differs from the database server is noticed; whose is wrong, nobody here knows."""

import json
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from broker.app import create_app
from broker.base.clock import utc_now
from broker.base.clock_drift import ClockDrift, ClockState
from broker.base.db import Database
from broker.services import background_tasks
from tests.conftest import ROOT, test_settings
from tests.support.commands import command


class ShiftedClock:
    """The clock of this machine, and seconds beside."""

    def __init__(self, seconds=0.0):
        self.seconds = seconds

    def __call__(self):
        return utc_now() + timedelta(seconds=self.seconds)


@pytest.fixture
def clock():
    return ShiftedClock()


@pytest.fixture
def on_postgres(postgres, clock):
    """The service on a database whose server has a clock of its own."""
    with postgres.database() as url:
        app = create_app(test_settings(url), clock=clock)
        yield app
        app.extensions["broker"][Database].engine.dispose()


@pytest.fixture
def drift(on_postgres):
    return on_postgres.extensions["broker"][ClockDrift]


@pytest.mark.parametrize(
    ("seconds", "state"),
    [
        (0, "ok"),
        (0.8, "ok"),
        (-0.8, "ok"),
        (1.2, "off"),
        (-1.2, "off"),
        (4.8, "off"),
        (5.2, "wrong"),
        (-5.2, "wrong"),
        (86_400 * 30, "wrong"),
    ],
)
def test_the_state_tells_how_far_apart_they_are(drift, clock, seconds, state):
    clock.seconds = seconds

    measured = drift.measure().total_seconds()

    assert measured == pytest.approx(seconds, abs=0.15)
    assert drift.state() == state
    assert drift.judged()[1] is (state == "ok")


def test_the_worker_logs_a_clock_that_goes_wrong_and_comes_right_once_each(
    on_postgres, drift, clock
):
    (task,) = (t for t in background_tasks(on_postgres.extensions["broker"]) if t.name == "clock")

    with capture_logs() as logs:
        for seconds in (0, 2, 2, -9, -9, 0, 0):
            clock.seconds = seconds
            task.run()

    told = [(line["log_level"], line["state"], round(line["ahead_seconds"])) for line in logs]
    assert told == [("warning", "off", 2), ("error", "wrong", -9), ("info", "ok", 0)]
    assert drift.told is ClockState.OK


def test_monitors_see_it_and_the_service_stays_ready(on_postgres, clock):
    client = on_postgres.test_client()
    clock.seconds = 7

    ready, metrics = client.get("/health/ready"), client.get("/metrics").text

    assert (ready.status_code, ready.json["dependencies"]["clock"]) == (200, "wrong")
    (line,) = (line for line in metrics.splitlines() if line.startswith("broker_clock_ahead"))
    name, value = line.split()
    assert name == "broker_clock_ahead_seconds"  # no label
    assert float(value) == pytest.approx(7, abs=0.5)


def test_doctor_compares_where_there_is_another_clock_and_says_where_there_is_none(
    postgres, sqlite_url
):
    with postgres.database() as url:
        assert judged(url) == ("ok", "this machine's clock is within a second of the database's")
    verdict, rule = judged(sqlite_url)
    assert (verdict, rule) == ("ok", "SQLite has no other clock to compare this machine's with")


def test_sqlite_has_no_other_clock(sqlite_url):
    app = create_app(test_settings(sqlite_url), clock=ShiftedClock(3_600))
    client = app.test_client()

    assert app.extensions["broker"][ClockDrift].tasks() == ()
    assert "clock" not in client.get("/health/ready").json["dependencies"]
    assert "broker_clock_ahead_seconds" not in client.get("/metrics").text


def judged(url):
    environment = {
        "BROKER_SETTINGS": str(ROOT / "config/test.toml"),
        "BROKER_DATABASE_URL": url,
    }
    done = command("doctor", "--json", environment=environment)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    (row,) = (row for row in rows if row["subject"] == "clock")
    return row["verdict"], row["rule"]

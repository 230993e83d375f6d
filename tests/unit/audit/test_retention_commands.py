"""``broker audit purge`` and ``hold``, as an operator runs them, and the worker by itself."""

import json
import os
from datetime import timedelta

import pytest

from broker.accounts.events import AccountActivated
from broker.app import create_app
from broker.audit.sealing.sealer import Sealer
from broker.base.clock import utc_now
from broker.base.db import Database
from broker.foundation import Foundation
from broker.services import background_tasks
from tests.conftest import ROOT, FrozenClock, test_settings
from tests.support.commands import command


@pytest.fixture
def environment(sqlite_url):
    return {
        **os.environ,
        "BROKER_SETTINGS": str(ROOT / "config/test.toml"),
        "BROKER_DATABASE_URL": sqlite_url,
    }


@pytest.fixture
def run(environment):
    def invoke(*arguments):
        done = command("audit", *arguments, environment=environment)
        return done.code, [json.loads(line) for line in done.stdout.splitlines()]

    return invoke


@pytest.fixture
def services(sqlite_url):
    """Three events of two years ago, sealed."""
    clock = FrozenClock(utc_now() - timedelta(days=730))
    services = create_app(test_settings(sqlite_url), clock=clock).extensions["broker"]
    for number in range(3):
        services[Foundation].audit.record(
            AccountActivated(subject="person", auth_event_id=f"login-{number}")
        )
    services[Sealer].seal()
    clock.advance(days=730)
    yield services
    services[Database].engine.dispose()


@pytest.mark.usefixtures("services")
def test_an_operator_sees_what_is_over_holds_a_login_and_removes_the_rest(run):
    ((_, (before,)), held, (_, listed)) = (
        run("purge", "--dry-run", "--json"),
        run("hold", "login-1", "--reason", "requisition 2026-17", "--json"),
        run("holds", "--json"),
    )
    code, done = run("purge", "--json")

    assert (before["type"], before["events"], before["held"]) == ("account.activated", 3, 0)
    assert (held, [each["held"] for each in listed]) == (
        (0, [{"held": "login-1", "events": 1}]),
        ["login-1"],
    )
    assert (code, done) == (0, [{"removed": 2}])
    assert [each["auth_event_id"] for each in run("search", "login-1", "--json")[1]] == ["login-1"]
    assert run("release", "login-1", "--reason", "closed")[0] == 0
    assert run("release", "login-1", "--reason", "closed")[0] == 1
    assert run("purge", "--json") == (0, [{"removed": 1}])


@pytest.mark.usefixtures("services")
def test_a_hold_that_no_event_answers_to_is_questioned(environment):
    words = ("hold", "login-l", "--reason", "requisition 2026-17")

    done = command("audit", *words, environment=environment)

    assert done.code == 0
    assert "is it a typing error?" in done.stderr


@pytest.mark.usefixtures("services")
def test_a_verification_tells_how_many_events_were_removed(run):
    run("purge", "--json")

    code, (summary,) = run("verify", "--json")

    assert (code, summary["events"], summary["purged"], summary["flaws"]) == (0, 3, 3, 0)


def test_the_worker_removes_what_is_over(services, run):
    (purge,) = (task for task in background_tasks(services) if task.name == "purge trail")

    assert purge.run() == 3

    assert run("search", "--type", "account.", "--json") == (0, [])


@pytest.mark.parametrize("months", ["5", "37"])
def test_no_period_is_outside_of_what_may_be_kept(sqlite_url, months):
    with pytest.raises(Exception, match="audit_security_months"):
        test_settings(sqlite_url, BROKER_AUDIT_SECURITY_MONTHS=months)

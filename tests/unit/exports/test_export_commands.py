"""The commands, the settings and what monitors see of the exports."""

import json
import re

import pytest

from broker.app import create_app
from broker.base.db import Database
from broker.base.errors import ServiceNotReady
from broker.doctor import Verdict, examine
from broker.exports.exports import Exports
from broker.services import background_tasks
from broker.worker import Worker
from tests.conftest import ROOT, test_settings
from tests.support.commands import command
from tests.support.syslog_receiver import a_syslog_receiver
from tests.unit.exports.conftest import sealed


def entry(**changes: object) -> dict[str, object]:
    return {"name": "siem", "form": "cef", "to": "syslog+tcp://127.0.0.1:1"} | changes


def environment(database_url: str, *entries: dict[str, object]) -> dict[str, str]:
    return {
        "BROKER_SETTINGS": str(ROOT / "config/test.toml"),
        "BROKER_DATABASE_URL": database_url,
        "BROKER_EXPORTS": json.dumps(entries),
    }


def test_an_operator_sends_and_sees_how_far_a_sink_is(trail, database_url):
    sealed(trail, 4)
    with a_syslog_receiver() as receiver:
        place = f"syslog+tcp://127.0.0.1:{receiver.port}"
        given = environment(database_url, entry(to=place))
        behind = command("audit", "exports", "--json", environment=given)
        sent = command("audit", "export", "--sink", "siem", "--from", "1", environment=given)
        # The trail says that somebody did: one event more, not sealed yet.
        level = command("audit", "exports", "--json", environment=given)

    assert (sent.code, sent.stderr) == (0, "3 events sent; 0 wait, from position 4\n")
    assert len(receiver.frames) == 3
    assert behind.code == 1, "the events of the frozen clock are months old"
    assert json.loads(behind.stdout)["events"] == 4
    assert (level.code, json.loads(level.stdout)["position"]) == (0, 4)


def test_a_sink_that_takes_nothing_is_said(trail, database_url):
    sealed(trail, 1)

    told = command(
        "audit", "export", "--sink", "siem", environment=environment(database_url, entry())
    )

    assert told.code == 1
    assert told.stderr.endswith("broker: siem does not take them: unreachable\n")


def test_only_a_sink_of_the_settings_is_sent_to(database_url):
    told = command("audit", "export", "--sink", "other", environment=environment(database_url))

    assert (told.code, told.stderr) == (1, "broker: sink-unknown\n")


@pytest.mark.parametrize(
    "arguments", [(), ("--sink", "siem", "--type", "otp"), ("--out", "x", "--from", "1")]
)
def test_a_file_and_a_sink_are_not_mixed(sqlite_url, arguments):
    assert command("audit", "export", *arguments, environment=environment(sqlite_url)).code == 2


@pytest.mark.parametrize(
    ("changes", "flaw"),
    [
        ({"form": "evidence"}, "evidence does not go to syslog+tcp:"),
        ({"form": "cef", "to": "https://siem.example"}, "cef does not go to https:"),
        ({"to": "siem.example"}, "cef does not go to no scheme:"),
        ({"to": "syslog+tls://me:secret@siem.example"}, "credentials stand in a file"),
        ({"form": "ocsf", "to": "file://relative"}, "a folder is file:///absolute/path"),
        ({"name": "SIEM 1"}, "should match pattern"),
        ({"colour": "blue"}, "not permitted"),
    ],
)
def test_an_entry_that_cannot_work_stops_the_start_and_shows_no_value(sqlite_url, changes, flaw):
    given = json.dumps([entry(**changes)])

    with pytest.raises(ServiceNotReady, match=re.escape(flaw)) as refusal:
        test_settings(sqlite_url, BROKER_EXPORTS=given)
    assert "secret" not in str(refusal.value)


def test_two_sinks_have_two_names(sqlite_url):
    with pytest.raises(ServiceNotReady, match="two exports have one name"):
        test_settings(sqlite_url, BROKER_EXPORTS=json.dumps([entry(), entry()]))


@pytest.mark.parametrize(
    ("place", "verdict"),
    [("syslog+tls://siem.example", Verdict.OK), ("syslog+tcp://siem.example", Verdict.FAILS)],
)
def test_production_exports_nothing_in_the_clear(sqlite_url, place, verdict):
    settings = test_settings(sqlite_url, BROKER_EXPORTS=json.dumps([entry(to=place)]))

    found = {finding.rule: finding.verdict for finding in examine(settings)}
    assert found["the trail is exported encrypted"] is verdict


@pytest.fixture
def behind(trail, clock, database_url):
    """The service with a sink that is down, and two events for it."""
    sealed(trail, 2)
    given = test_settings(database_url, BROKER_EXPORTS=json.dumps([entry()]))
    app = create_app(given, clock=clock)
    yield app
    app.extensions["broker"][Database].engine.dispose()


def test_a_monitor_sees_the_lag_and_the_service_stays_ready(behind, clock):
    behind.extensions["broker"][Exports].send("siem")
    clock.advance(minutes=16)
    client = behind.test_client()

    told, ready = client.get("/metrics").text, client.get("/health/ready")

    assert 'broker_export_lag_events{sink="siem"} 2.0' in told
    assert 'broker_export_lag_seconds{sink="siem"} 961.0' in told
    assert 'broker_export_failures{sink="siem"} 1.0' in told
    assert ready.status_code == 200
    assert ready.json["dependencies"]["exports"] == "late"


def test_a_sink_that_is_down_stops_no_other_work(behind):
    tasks = background_tasks(behind.extensions["broker"])

    assert [task.name for task in tasks if task.name.startswith("export ")] == ["export siem"]
    Worker(tasks).run_once()

    assert behind.extensions["broker"][Exports].store.progress("siem").failures == 1
    assert behind.test_client().get("/connexion").status_code == 200

"""Whatever somebody writes into a row, exports go on past it, and say where it stands."""

import hashlib
import json
from dataclasses import replace

import pytest

from broker.app import create_app
from broker.audit.sealing.sealed import Sealed
from broker.base.db import Database
from broker.base.sink_settings import SinkSettings
from broker.exports.exports import Exports
from broker.exports.sinks import TOLD, sink_of
from broker.exports.syslog_message import SyslogMessages
from scripts.verify_evidence import NotProved, judge
from tests.conftest import test_settings
from tests.support.ocsf import ocsf_flaws
from tests.support.partner import events
from tests.support.syslog_receiver import parsed
from tests.unit.audit.test_garbage import AT_4, BODIES, FORGED, ON_POSTGRESQL, on_each, unkeyed
from tests.unit.exports.conftest import sealed
from tests.unit.exports.test_export_commands import entry

pytestmark = pytest.mark.forges_events
STRUCTURED = SyslogMessages("compte-ameli.example", 32_473)
OF_THE_BODY = [f"body = '{body}'" for body in BODIES.values()]
BESIDE_IT = ["type = 'audit.restored'", "time = '0001-01-01 00:00:00'", "txn = 'another'"]
BESIDE_IT_ON_SQLITE = [
    "txn = CAST(x'ff' AS TEXT)",
    "client_id = x'ff'",
    "time = 'yesterday'",
    "time = 7",
    "time = x'ff'",
]


@pytest.fixture
def exported(trail, exports, basket):
    """Return a function that seals seven events, lets somebody write, and exports all of it."""

    def written(*statements: str) -> list[Sealed]:
        sealed(trail, 7)
        trail.tampers(*statements)
        trail.sealer.seal()
        while exports.send("siem"):
            pass
        assert basket.positions == list(range(len(basket.kept)))
        return basket.kept

    return written


def in_every_form(sealed: Sealed) -> list[str]:
    """What each form says of the kind of event; each is valid."""
    told = json.loads(TOLD["ocsf"](sealed))
    assert ocsf_flaws(told) == []
    message = parsed(STRUCTURED.message(sealed))
    ecs = json.loads(TOLD["ecs"](sealed))
    cef = TOLD["cef"](sealed).split("|")
    return [told["metadata"]["event_code"], message.message_id, ecs["event"]["action"], cef[4]]


@on_each(OF_THE_BODY, ["body = CAST(x'ff' AS TEXT)", "body = x'ff00'"], [])
def test_a_body_that_was_written_over_is_told_in_every_form(app, exported, change):
    kept = exported(f"UPDATE audit_event SET {change} WHERE event_id = {AT_4}")

    told = kept[4].event
    assert len(kept) >= 7
    assert (told["reason_code"], told["outcome"]) == ("edited", "failure")
    assert told["time"] == kept[3].event["time"].replace("04.000", "05.000")
    assert in_every_form(kept[4]) == ["audit.event.unreadable"] * 4
    (incomplete,) = events(app, "audit.export.incomplete")
    assert (incomplete["sink"], incomplete["positions"]) == ("siem", ["4"])


@on_each(BESIDE_IT, BESIDE_IT_ON_SQLITE, ON_POSTGRESQL)
def test_what_was_sealed_is_exported_whatever_stands_beside_it(app, exported, change):
    kept = exported(f"UPDATE audit_event SET {change} WHERE event_id = {AT_4}")

    assert len(kept) == 7
    assert {each.event["type"] for each in kept} == {"key.retired"}
    assert events(app, "audit.export.incomplete") == []


@pytest.mark.parametrize("column", ["body", "time", "type", "mac"])
def test_an_emptied_column_stops_nothing(exported, column):
    kept = exported(
        *unkeyed("audit_event"),
        f"UPDATE audit_event SET {column} = NULL WHERE event_id = {AT_4}",
    )

    assert kept[4].is_stand_in == (column == "body")
    assert "stored" not in kept[4].event


@pytest.mark.parametrize("body", [*BODIES.values(), "{}", '{"event_id":7}'])
def test_what_never_was_an_event_is_told_with_the_digest_of_it(exported, body):
    kept = exported(
        "INSERT INTO audit_event (event_id, type, time, body, txn) SELECT"
        f" '{FORGED}', type, time, '{body}', 'K7TP-4WQD-2M' FROM audit_event"
        f" WHERE event_id = {AT_4}"
    )

    told = kept[7].event
    assert (told["event_id"], told["reason_code"]) == (FORGED, "unreadable")
    assert told["stored"] == hashlib.sha256(body.encode()).hexdigest()
    assert told["txn"] == "K7TP-4WQD-2M"
    assert in_every_form(kept[7]) == ["audit.event.unreadable"] * 4


def test_a_file_of_evidence_proves_the_others_and_hides_nothing(trail, exports, tmp_path):
    entry = SinkSettings.model_validate(
        {"name": "siem", "form": "evidence", "to": f"file://{tmp_path}"}
    )
    sink = sink_of(entry, "compte-ameli.example", trail.store)
    trail.records(7)
    trail.signs()
    trail.tampers(f"UPDATE audit_event SET body = 'gone' WHERE event_id = {AT_4}")

    assert replace(exports, sinks={"siem": sink}).send("siem") == 7

    (file,) = (path for path in tmp_path.rglob("*.jsonl"))
    lines, keys = file.read_text().splitlines(), [str(trail.sealer.key.verifier)]
    with pytest.raises(NotProved, match="missing, 4"):
        judge(lines, keys, None)
    missing = json.loads(lines.pop(5))
    assert judge(lines, keys, None)[1] == 6
    assert missing["event"]["reason_code"] == "edited"
    assert {"leaf", "proof"} <= missing.keys()


def test_who_kept_the_event_proves_it_in_the_place_of_what_is_missing(trail, exports, tmp_path):
    entry = SinkSettings.model_validate(
        {"name": "siem", "form": "evidence", "to": f"file://{tmp_path}"}
    )
    sink = sink_of(entry, "compte-ameli.example", trail.store)
    trail.records(7)
    trail.signs()
    copy = exports.events.page(4, 1)[0].event
    trail.tampers(f"UPDATE audit_event SET body = 'gone' WHERE event_id = {AT_4}")
    replace(exports, sinks={"siem": sink}).send("siem")

    (file,) = (path for path in tmp_path.rglob("*.jsonl"))
    lines = file.read_text().splitlines()
    lines[5] = json.dumps(json.loads(lines[5]) | {"kind": "event", "event": copy})

    assert judge(lines, [str(trail.sealer.key.verifier)], None)[1] == 7


@on_each(["body = 'gone'", "time = '0001-01-01 00:00:00'"], ["time = 'yesterday'"], ON_POSTGRESQL)
def test_a_monitor_sees_the_true_lag(trail, clock, database_url, change):
    sealed(trail, 2)
    trail.tampers(
        f"UPDATE audit_event SET {change} WHERE event_id ="
        " (SELECT event_id FROM audit_leaf WHERE position = 0)"
    )
    given = test_settings(database_url, BROKER_EXPORTS=json.dumps([entry()]))
    app = create_app(given, clock=clock)
    app.extensions["broker"][Exports].send("siem")
    clock.advance(minutes=16)

    told, ready = app.test_client().get("/metrics").text, app.test_client().get("/health/ready")

    assert 'broker_export_lag_events{sink="siem"} 2.0' in told
    assert 'broker_export_lag_seconds{sink="siem"} 96' in told
    assert (ready.status_code, ready.json["dependencies"]["exports"]) == (200, "late")
    app.extensions["broker"][Database].engine.dispose()

"""Events in the words of OCSF and ECS."""

import json

import pytest

from broker.audit.formats.ecs import ecs
from broker.audit.formats.ocsf import ocsf
from tests.support.commands import command

REUSE = {
    "v": 1,
    "event_id": "019cae34-7780-7003-ab09-b0b182720191",
    "type": "refresh.reuse",
    "time": "2026-03-02T11:00:05.250000Z",
    "outcome": "failure",
    "retention": "security",
    "subject_ref": "VqBA9tAcMtzMrdeKQTWsisSZcSRVVO1jdYtHP5CBwp8",
    "actor": {"kind": "user"},
    "auth_event_id": "K7TP-4WQD-2M",
    "src": {"ip": "192.0.2.7", "port": 40123},
    "client_id": "partenaire",
    "scopes": ["openid"],
    "token": {"kind": "refresh", "family_id": "0f8f13ee5ff31621e0faac11b3027378"},
}


def test_ocsf_takes_a_stolen_token_for_a_finding():
    told = ocsf(REUSE)

    assert (told["category_uid"], told["class_uid"], told["type_uid"]) == (2, 2004, 200401)
    assert (told["activity_id"], told["activity_name"]) == (1, "Create")
    assert (told["severity_id"], told["status_id"], told["status"]) == (4, 2, "failure")
    assert told["time"] == 1_772_449_205_250
    assert told["finding_info"] == {"uid": REUSE["event_id"], "title": "refresh.reuse"}
    assert told["metadata"]["uid"] == REUSE["event_id"]
    assert told["metadata"]["event_code"] == "refresh.reuse"
    (evidence,) = told["evidences"]
    assert evidence["src_endpoint"] == {"ip": "192.0.2.7", "port": 40123}
    assert evidence["user"]["uid"] == REUSE["subject_ref"]
    assert evidence["actor"]["session"] == {"uid_alt": "K7TP-4WQD-2M"}
    assert told["unmapped"]["client_id"] == "partenaire"
    assert told["unmapped"]["token"] == REUSE["token"]


def test_ecs_takes_a_stolen_token_for_an_alert():
    told = ecs(REUSE)

    assert told["@timestamp"] == REUSE["time"]
    assert told["event"] == {
        "kind": "alert",
        "category": ["intrusion_detection"],
        "type": ["info"],
        "severity": 4,
        "id": REUSE["event_id"],
        "action": "refresh.reuse",
        "outcome": "failure",
    }
    assert told["source"] == {"ip": "192.0.2.7", "port": 40123}
    assert told["user"] == {"hash": REUSE["subject_ref"]}
    assert told["ameli"]["token"] == REUSE["token"]


def test_a_person_acts_under_the_pseudonym_and_the_system_under_its_kind():
    person = ocsf(REUSE | {"type": "fc.start"})
    system = ocsf(REUSE | {"type": "fc.start", "actor": {"kind": "system"}})

    assert person["actor"]["user"] == {"type_id": 1, "uid": REUSE["subject_ref"]}
    assert system["actor"]["user"] == {"type_id": 3, "name": "system"}


def test_an_event_that_names_nobody_says_so_where_ocsf_wants_a_user():
    nameless = {name: value for name, value in REUSE.items() if name != "subject_ref"}

    assert ocsf(nameless | {"type": "fc.start"})["user"] == {"type_id": 0, "name": "unknown"}


def test_the_place_in_the_trail_goes_along():
    assert ocsf(REUSE, 41)["metadata"]["sequence"] == 41
    assert ecs(REUSE, 41)["event"]["sequence"] == 41


@pytest.mark.parametrize(
    ("outcome", "status_id", "in_ecs"),
    [("success", 1, "success"), ("failure", 2, "failure"), ("attempt", 99, "unknown")],
)
def test_an_outcome_is_told_in_the_words_of_each(outcome, status_id, in_ecs):
    event = REUSE | {"type": "fc.start", "outcome": outcome}

    assert (ocsf(event)["status_id"], ecs(event)["event"]["outcome"]) == (status_id, in_ecs)


def test_an_event_of_a_type_that_is_no_more_is_told_whole():
    event = REUSE | {"type": "retired.kind", "colour": "blue"}

    assert ocsf(event)["class_uid"] == 0
    assert ocsf(event)["unmapped"]["colour"] == ecs(event)["ameli"]["colour"] == "blue"


def test_the_search_writes_events_for_a_siem(trail, database_url):
    trail.records(2)
    environment = {
        "BROKER_PROFILE": "test",
        "BROKER_DATABASE_URL": database_url,
    }

    told = command("audit", "search", "--as", "ocsf", environment=environment)

    assert (told.code, told.stderr) == (0, "")
    lines = [json.loads(line) for line in told.stdout.splitlines()]
    assert [(line["type_uid"], line["severity_id"]) for line in lines] == [(300404, 4)] * 2

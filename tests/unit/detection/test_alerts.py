"""One alert for a rule, a group and a window, however late and by whichever worker found."""

import pytest
from sqlalchemy import text

from broker.audit.model import Actor, TokenFacts
from broker.audit.sealing.sealer import Sealer
from broker.detection.detection import Detection
from broker.detection.model import AlertAcknowledged, Key, Share
from broker.oidc.exchange.events import RefreshReused
from broker.otp.events import CodeAccepted, CodeFailed
from broker.sessions.events import PasswordAccepted, PasswordRefused
from tests.support.partner import events
from tests.unit.ties.test_parallel_ties import at_once

ALICE = Actor(kind="analyst", ref="alice")
SOURCE = "203.0.113.66"


def wrong(person="one"):
    return PasswordRefused(subject=person, reason_code="password")


@pytest.fixture
def spray(under):
    """The rule on sprayed passwords, where three people within ten minutes are enough."""
    return under(password_spray={"threshold": 3})


def try_people(watch, *people, address=SOURCE):
    for person in people:
        watch.sees(wrong(person), address=address)


def test_one_alert_stands_for_its_window_and_what_follows_is_counted_anew(spray, clock):
    try_people(spray, "one", "two", "two")
    assert spray.looks() == []

    try_people(spray, "three", "four", "five", "six")
    (first,) = spray.looks()
    clock.advance(minutes=9, seconds=59)
    try_people(spray, "seven", "eight", "nine")
    assert spray.looks() == [first]
    clock.advance(seconds=1)
    try_people(spray, "ten", "eleven")
    assert spray.looks() == [first]
    try_people(spray, "twelve")

    _, second = spray.looks()
    assert (first.counted, second.counted) == (3, 3)
    assert second.last_at == clock.now


def test_what_is_older_than_the_window_does_not_count(spray, clock):
    try_people(spray, "one")
    clock.advance(minutes=10)
    try_people(spray, "two", "three")
    assert spray.looks() == []

    clock.advance(minutes=9, seconds=59)
    try_people(spray, "four")

    (alert,) = spray.looks()
    assert (alert.last_at - alert.first_at).total_seconds() == 599


def test_the_turns_of_the_worker_are_no_boundary(spray):
    for person in ("one", "two"):
        try_people(spray, person)
        assert spray.looks() == []

    try_people(spray, "three")

    assert spray.rules() == ["password-spray"]


def test_an_event_that_is_sealed_late_completes_a_window_that_was_looked_at(spray, clock):
    begun = clock.now
    clock.advance(minutes=5)
    try_people(spray, "two", "three")
    assert spray.looks() == []
    noticed, clock.now = clock.now, begun
    try_people(spray, "one")
    clock.now = noticed

    (alert,) = spray.looks()
    assert (alert.first_at, alert.last_at) == (begun, noticed)


def test_people_who_mistype_behind_one_address_are_no_attack(under, clock):
    watch = under(
        password_spray={
            "threshold": 3,
            "share": Share(beside=("login.password.ok",), at_least=0.75),
        }
    )
    watch.sees(PasswordAccepted(subject="zero", auth_event_id="K7TP-4WQD-2M"), address=SOURCE)
    watch.sees(PasswordAccepted(subject="zero", auth_event_id="K7TP-4WQD-2N"), address=SOURCE)
    clock.advance(seconds=1)
    try_people(watch, "one", "two", "three", "four", "five")
    assert watch.looks() == []  # five of seven
    clock.advance(seconds=1)

    try_people(watch, "six")

    (alert,) = watch.looks()
    assert alert.counted == 6


def test_sources_are_told_apart_those_of_one_ipv6_line_are_not(spray):
    try_people(spray, "one", address="203.0.113.1")
    try_people(spray, "two", address="203.0.113.2")
    try_people(spray, "three", address="203.0.113.3")
    try_people(spray, "one", address="2001:db8:1:1::5")
    try_people(spray, "two", address="2001:db8:1:2::6")
    try_people(spray, "three", address="2001:DB8:1:1:ffff::7")
    assert spray.looks() == []

    try_people(spray, "four", address="2001:db8:1:1::8")
    try_people(spray, "five", "six", "seven", address="::ffff:203.0.113.9")

    found = {alert.group_value for alert in spray.looks()}
    assert found == {"2001:db8:1:1::/64", "203.0.113.9"}


def test_a_group_that_is_excepted_does_not_alert(under):
    watch = under(password_spray={"threshold": 3, "excepted": (SOURCE,)})
    try_people(watch, "one", "two", "three")
    try_people(watch, "one", "two", "three", address="203.0.113.67")

    assert [alert.group_value for alert in watch.looks()] == ["203.0.113.67"]


def test_the_codes_of_a_source_count_by_person(under):
    watch = under(codes_of_one_source={"threshold": 2})
    failed = [CodeFailed(subject=who, code_ref="abcdefgh") for who in ("one", "one", "two")]
    watch.sees(*failed[:2], CodeAccepted(subject="one", code_ref="abcdefgh"), address=SOURCE)
    assert watch.looks() == []

    watch.sees(failed[2], failed[2], failed[2], address=SOURCE)

    assert watch.rules() == ["codes-of-one-source"]


def test_an_alert_is_in_the_trail_with_the_place_that_was_reached(spray):
    try_people(spray, "one", "two", "three")
    (alert,) = spray.looks()

    (event,) = events(spray.app, "detection.alerted")
    assert event["alert"] == {
        "reference": alert.reference,
        "rule": "password-spray",
        "severity": "high",
        "group_by": "src.ip",
        "group": SOURCE,
    }
    assert [each.type for each in spray.detection.events_of(alert)] == [
        "login.password.failed"
    ] * 3
    assert event["actor"] == {"kind": "system"}
    assert spray.looks() == [alert]


def test_an_alert_on_a_person_is_found_among_what_is_about_them(under):
    watch = under(codes_of_one_person={"threshold": 1})
    watch.sees(CodeFailed(subject="one", code_ref="abcdefgh"))
    (alert,) = watch.looks()

    (event,) = events(watch.app, "detection.alerted")
    assert (alert.group_by, event["subject_ref"]) == (Key.PERSON, alert.group_value)


def test_nothing_is_raised_where_the_trail_cannot_be_written(spray):
    try_people(spray, "one", "two", "three")
    spray.app.extensions["broker"][Sealer].seal()
    db, position = spray.detection.db, spray.detection.store.position()
    with db.transaction():
        db.execute(text("ALTER TABLE audit_event RENAME TO elsewhere"))

    with pytest.raises(Exception, match="audit_event"):
        spray.detection.evaluate()

    with db.transaction():
        db.execute(text("ALTER TABLE elsewhere RENAME TO audit_event"))
    assert spray.detection.store.position() == position
    assert list(spray.detection.every()) == []
    assert spray.rules() == ["password-spray"]


def test_many_workers_at_once_raise_one_alert_for_each(spray):
    for number in range(5):
        try_people(spray, "one", "two", "three", address=f"203.0.113.{number}")
    spray.app.extensions["broker"][Sealer].seal()

    at_once(lambda _number: spray.detection.evaluate(), 8)

    assert len(spray.detection.every()) == len(events(spray.app, "detection.alerted")) == 5


def test_a_worker_that_was_overtaken_writes_nothing(spray):
    try_people(spray, "one", "two", "three")
    spray.app.extensions["broker"][Sealer].seal()
    store = spray.detection.store
    seen = store.position()
    spray.looks()

    with store.db.transaction():
        assert not store.advance(seen, seen + 1)
    assert len(spray.detection.every()) == 1


def test_what_raises_an_alert_at_once_does_so_for_each_group(watch):
    for family in ("a", "b", "a"):
        token = TokenFacts(kind="refresh", hash_prefix=family * 32)
        watch.sees(
            RefreshReused(client_id="mutuelle", code_ref=family * 32, scopes=(), token=token)
        )

    assert sorted(alert.group_value[0] for alert in watch.looks()) == ["a", "b"]


def test_twenty_acknowledgements_at_once_are_one(spray):
    try_people(spray, "one", "two", "three")
    (alert,) = spray.looks()

    def acknowledge(number):
        try:
            spray.detection.acknowledge(alert.reference, f"note {number}", ALICE)
        except AlertAcknowledged:
            return False
        return True

    assert sum(at_once(acknowledge, 20)) == 1
    assert list(spray.detection.every()) == []
    (kept,) = spray.detection.every(acknowledged=True)
    (event,) = events(spray.app, "detection.acknowledged")
    assert event["after"] == {"reason": kept.note}
    assert event["actor"] == {"kind": "analyst", "ref": kept.acknowledged_by}


def test_alerts_end_after_three_years(spray, clock):
    try_people(spray, "one", "two", "three")
    spray.looks()
    (purge,) = (each for each in spray.detection.tasks() if each.name == "detection purge")
    clock.advance(days=3 * 365)
    assert purge.run() == 0

    clock.advance(seconds=1)

    assert purge.run() == 1
    assert list(spray.detection.every()) == []


def test_alerts_and_their_delay_are_measured(spray, clock):
    try_people(spray, "one", "two", "three")
    clock.advance(seconds=4)
    spray.looks()

    exposed = spray.detection.metrics.exposition()[0].decode()
    assert 'broker_alerts_total{rule="password-spray"} 1.0' in exposed
    assert 'broker_detection_lag_seconds_bucket{le="2.0"} 0.0' in exposed
    assert 'broker_detection_lag_seconds_bucket{le="5.0"} 1.0' in exposed


def test_the_background_work_looks_every_few_seconds(spray):
    services = spray.app.extensions["broker"]
    (task,) = (each for each in services[Detection].tasks() if each.name == "detection")

    assert task.every <= 5

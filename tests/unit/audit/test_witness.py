"""A witness elsewhere takes each checkpoint, and none that does not go on from what it knows."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from broker.app import create_app
from broker.audit.proofs.evidence import Evidence, NotSigned
from broker.audit.proofs.verification import Report, Verification
from broker.audit.proofs.witness import NotWitnessed, Place, Witness
from broker.audit.sealing.outside import notes_in
from broker.base.capped_http import NoAnswer
from broker.base.errors import ServiceNotReady
from tests.conftest import test_settings
from tests.support.witness import WitnessDouble, a_witness
from tests.unit.audit.conftest import Trail


@pytest.fixture
def elsewhere(tmp_path: Path, trail: Trail) -> Iterator[WitnessDouble]:
    with a_witness(tmp_path, trail.sealer.key.verifier) as running:
        yield running


@pytest.fixture
def told(app: Flask, trail: Trail) -> Callable[[Place | None], Witness]:
    """Return a function that makes the task which tells a witness."""
    ours: Witness = app.extensions["broker"][Witness]
    return lambda place: replace(ours, place=place, outside=trail.sealer.outside)


@pytest.fixture
def witness(told, elsewhere: WitnessDouble) -> Witness:
    return told(elsewhere.place)


@pytest.fixture
def verify(app: Flask, elsewhere: WitnessDouble, outside: Path) -> Callable[[], Report]:
    ours: Verification = app.extensions["broker"][Verification]
    return lambda: replace(ours, witness=elsewhere.key).run([outside])


def refusals(trail: Trail) -> list[tuple[str, int, str]]:
    """Return reason, size and witness of each event that tells of a refusal."""
    rows = trail.asks("SELECT body FROM audit_event WHERE type = 'audit.witness.refused'")
    bodies = [json.loads(body) for (body,) in rows]
    return [(each["reason_code"], each["size"], each["actor"]["ref"]) for each in bodies]


def counted(witness: Witness, outcome: str, times: int = 1) -> bool:
    exposed = witness.metrics.exposition()[0].decode()
    return f'broker_witness_total{{outcome="{outcome}"}} {times}.0' in exposed


def test_the_witness_takes_each_checkpoint_that_goes_on(trail, witness, elsewhere):
    signed = []
    for count in (3, 5, 0, 9):
        trail.records(count)
        signed.append(trail.signs())

        assert witness.give() == 1

    assert elsewhere.taken == signed


def test_the_same_checkpoint_may_be_given_again(trail, witness, elsewhere):
    trail.records(3)
    made = trail.signs()

    assert [witness.give(), witness.give()] == [1, 1]
    assert set(elsewhere.taken) == {made}


def test_before_the_first_checkpoint_nothing_is_given(witness, elsewhere):
    assert witness.give() == 0
    assert elsewhere.taken == []


def test_a_witness_that_was_down_is_told_the_newest_when_it_is_back(trail, witness, elsewhere):
    trail.records(3)
    trail.signs()
    witness.give()
    elsewhere.down = True
    trail.records(4)
    trail.signs()
    with pytest.raises(NoAnswer, match="503"):
        witness.give()
    trail.records(5)
    newest = trail.signs()
    elsewhere.down = False

    assert witness.give() == 1
    assert elsewhere.taken[-1] == newest


def test_its_cosignature_is_kept_with_the_checkpoint_here_and_outside(
    trail, witness, elsewhere, outside
):
    trail.records(3)
    made = trail.signs()
    witness.give()

    line = elsewhere.cosigned(made)
    assert trail.asks("SELECT number, line FROM audit_cosignature") == [(1, line)]
    ((place, note),) = [each for each in notes_in(outside) if "cosigned" in each[0].name]
    assert note == trail.store.newest_checkpoint() + line
    assert place.name.endswith("-3.cosigned.checkpoint")
    assert counted(witness, "cosigned")


def test_only_the_first_cosignature_of_a_checkpoint_is_kept(trail, witness, elsewhere):
    trail.records(3)
    made = trail.signs()
    first = elsewhere.cosigned(made)
    witness.give()
    elsewhere.seconds = 20

    assert witness.give() == 1
    assert trail.asks("SELECT line FROM audit_cosignature") == [(first,)]


def test_verification_tells_how_far_the_witness_confirms_the_trail(trail, witness, verify):
    trail.records(3)
    trail.signs()
    witness.give()
    trail.records(2)
    trail.signs()

    report = verify()

    assert (report.cosigned, report.agreed, report.flaws) == (3, 5, [])


def test_a_trail_that_no_witness_saw_is_confirmed_by_none(trail, verify):
    trail.records(3)
    trail.signs()

    assert (verify().cosigned, verify().agreed) == (0, 3)


def test_a_cosignature_that_was_put_in_place_of_its_own_is_a_flaw(
    trail, witness, elsewhere, verify
):
    trail.records(3)
    trail.signs()
    witness.give()
    forged = elsewhere.key.line(bytes(72))
    trail.tampers(f"UPDATE audit_cosignature SET line = '{forged}'")

    (flaw,) = verify().flaws

    assert flaw.kind == "unsigned"
    assert flaw.what == "checkpoint 1: not signed by temoin.test"


def test_evidence_for_others_is_under_a_checkpoint_that_the_witness_signed(trail, witness):
    trail.records(3)
    trail.signs()
    witness.give()
    trail.records(2)
    trail.signs()

    assert Evidence.newest(trail.store).checkpoint.size == 5
    assert Evidence.for_others(trail.store).checkpoint.size == 3


@pytest.mark.parametrize(("later", "size"), [(3, 3), (4, 7)])
def test_a_witness_that_fell_silent_does_not_hold_evidence_up(trail, witness, later, size):
    trail.records(3)
    trail.signs()
    witness.give()

    for _ in range(later):
        trail.records(1)
        trail.signs()

    assert Evidence.for_others(trail.store).checkpoint.size == size


def test_without_a_witness_evidence_is_under_the_newest_checkpoint(trail):
    with pytest.raises(NotSigned):
        Evidence.for_others(trail.store)

    trail.records(2)
    trail.signs()

    assert Evidence.for_others(trail.store).checkpoint.size == 2


BAD = {
    "a page": "<p>Bonjour</p>\n",
    "nothing": "",
    "somebody else's": "\u2014 autre.test AAAAAAAA\n",
}


@pytest.mark.parametrize("says", BAD.values(), ids=BAD)
def test_a_bad_cosignature_is_told_loudly_and_stops_nothing(trail, witness, elsewhere, says):
    trail.records(3)
    trail.signs()
    elsewhere.says = says

    with pytest.raises(NotWitnessed, match="bad_cosignature"):
        witness.give()

    assert refusals(trail) == [("bad_cosignature", 3, "temoin.test")]
    assert trail.asks("SELECT * FROM audit_cosignature") == []
    assert counted(witness, "bad_cosignature")
    assert trail.signs().size == 4


def test_a_refusal_is_told_once_an_hour_for_each_reason_and_counted_each_time(
    trail, witness, elsewhere
):
    trail.records(1)
    trail.signs()
    elsewhere.says = ""
    for _ in range(3):
        with pytest.raises(NotWitnessed):
            witness.give()
    elsewhere.log = replace(elsewhere.log, name="autre.test")
    with pytest.raises(NotWitnessed):
        witness.give()
    reasons = [reason for reason, _, _ in refusals(trail)]
    trail.clock.advance(hours=1)
    with pytest.raises(NotWitnessed):
        witness.give()

    assert sorted(reasons) == ["bad_cosignature", "unknown_log"]
    assert len(refusals(trail)) == 3
    assert counted(witness, "bad_cosignature", 3)
    assert counted(witness, "unknown_log", 2)


@pytest.mark.forges_events
def test_no_refusal_is_silenced_by_one_that_the_service_did_not_write(trail, witness, elsewhere):
    trail.records(1)
    trail.signs()
    elsewhere.says = ""
    with pytest.raises(NotWitnessed):
        witness.give()
    trail.tampers("UPDATE audit_event SET mac = NULL WHERE type = 'audit.witness.refused'")

    with pytest.raises(NotWitnessed):
        witness.give()

    assert len(refusals(trail)) == 2


def test_a_cosignature_of_another_checkpoint_is_a_bad_one(trail, witness, elsewhere):
    trail.records(3)
    elsewhere.says = elsewhere.cosigned(trail.signs())
    trail.records(1)
    trail.signs()

    with pytest.raises(NotWitnessed, match="bad_cosignature"):
        witness.give()


def test_a_cosignature_of_tomorrow_is_a_bad_one(trail, witness, elsewhere):
    trail.records(3)
    trail.signs()
    elsewhere.seconds = 86_400

    with pytest.raises(NotWitnessed, match="bad_cosignature"):
        witness.give()


def test_what_does_not_go_on_from_what_the_witness_knows_is_not_taken(trail, witness, elsewhere):
    trail.records(6)
    known = trail.signs()
    witness.give()
    trail.records(2)
    trail.sealer.seal()
    elsewhere.taken[-1] = type(known)(known.origin, known.size, bytes(32), known.made_at)
    trail.signs()

    with pytest.raises(NotWitnessed, match="inconsistent"):
        witness.give()

    assert refusals(trail) == [("inconsistent", 8, "temoin.test")]


def test_another_tree_of_the_same_size_is_a_conflict(trail, witness, elsewhere):
    trail.records(6)
    known = trail.signs()
    elsewhere.taken.append(type(known)(known.origin, known.size, bytes(32), known.made_at))

    with pytest.raises(NotWitnessed, match="conflict"):
        witness.give()

    assert refusals(trail) == [("conflict", 6, "temoin.test")]


def test_a_trail_that_is_shorter_than_the_witness_knows_is_told(trail, witness, elsewhere):
    trail.records(6)
    known = trail.signs()
    elsewhere.taken.append(type(known)(known.origin, 7, known.root, known.made_at))

    with pytest.raises(NotWitnessed, match="knows_more"):
        witness.give()

    assert refusals(trail) == [("knows_more", 6, "temoin.test")]


def test_what_another_worker_gave_meanwhile_is_no_refusal(trail, witness, elsewhere):
    trail.records(6)
    known = trail.signs()
    trail.records(1)
    trail.sealer.seal()  # signed, and given, by a worker that is a moment ahead
    elsewhere.taken.append(type(known)(known.origin, 7, known.root, known.made_at))

    with pytest.raises(NoAnswer):
        witness.give()

    assert refusals(trail) == []


def test_a_witness_that_does_not_know_the_log_or_its_key_says_so(trail, witness, elsewhere):
    trail.records(1)
    trail.signs()
    ours = elsewhere.log

    for known in (replace(ours, name="autre.test"), replace(ours, raw=elsewhere.key.raw)):
        elsewhere.log = known
        with pytest.raises(NotWitnessed):
            witness.give()

    assert sorted(reason for reason, _, _ in refusals(trail)) == ["unknown_key", "unknown_log"]


def test_a_certificate_that_nobody_vouches_for_gets_nothing(trail, told, elsewhere, tmp_path):
    trail.records(1)
    trail.signs()
    stranger = tmp_path / "stranger"
    stranger.mkdir()

    with a_witness(stranger, trail.sealer.key.verifier):  # now this one's authority is trusted
        witness = told(elsewhere.place)
        with pytest.raises(NoAnswer):
            witness.give()

    assert elsewhere.taken == []
    assert counted(witness, "unreachable")


def test_the_worker_has_that_task_where_there_is_a_witness(witness, told):
    assert [task.name for task in witness.tasks()] == ["witness"]
    assert told(None).tasks() == ()


KEY = "temoin.test+4a7a3a4c+BAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g"


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("http://temoin.test", KEY),
        ("https://temoin.test/", KEY),
        ("https://temoin.test", ""),
        ("https://temoin.test", "temoin.test"),
    ],
)
def test_a_witness_without_tls_or_key_or_with_a_trailing_slash_is_refused(
    sqlite_url, address, key
):
    with pytest.raises(ServiceNotReady, match="audit_witness"):
        test_settings(sqlite_url, BROKER_AUDIT_WITNESS=address, BROKER_AUDIT_WITNESS_KEY=key)


def test_a_key_that_does_not_belong_to_its_name_stops_the_start(sqlite_url):
    settings = test_settings(
        sqlite_url, BROKER_AUDIT_WITNESS="https://temoin.test", BROKER_AUDIT_WITNESS_KEY=KEY
    )

    with pytest.raises(ServiceNotReady, match="does not belong to its name"):
        create_app(settings)

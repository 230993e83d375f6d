"""A witness elsewhere takes each checkpoint, and none that does not go on from what it knows."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from broker.audit.witness import NotWitnessed, Witness
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
def witness(trail: Trail, elsewhere: WitnessDouble) -> Witness:
    return Witness(elsewhere.address, trail.store)


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


def test_what_does_not_go_on_from_what_the_witness_knows_is_not_taken(trail, witness, elsewhere):
    trail.records(6)
    known = trail.signs()
    witness.give()
    trail.records(2)
    trail.sealer.seal()
    elsewhere.taken[-1] = type(known)(known.origin, known.size, bytes(32), known.made_at)
    trail.signs()

    with pytest.raises(NotWitnessed, match="422"):
        witness.give()


def test_a_trail_that_is_shorter_than_the_witness_knows_is_told(trail, witness, elsewhere):
    trail.records(6)
    known = trail.signs()
    elsewhere.taken.append(type(known)(known.origin, 7, known.root, known.made_at))

    with pytest.raises(NotWitnessed, match="7 events"):
        witness.give()


def test_a_certificate_that_nobody_vouches_for_gets_nothing(trail, elsewhere, tmp_path):
    trail.records(1)
    trail.signs()
    stranger = tmp_path / "stranger"
    stranger.mkdir()

    with a_witness(stranger, trail.sealer.key.verifier):  # now this one's authority is trusted
        witness = Witness(elsewhere.address, trail.store)
        with pytest.raises(NoAnswer):
            witness.give()

    assert elsewhere.taken == []


@pytest.mark.parametrize(("address", "names"), [(None, []), ("https://temoin.test", ["witness"])])
def test_the_worker_has_that_task_where_there_is_a_witness(trail, address, names):
    assert [task.name for task in Witness(address, trail.store).tasks()] == names


@pytest.mark.parametrize("address", ["http://temoin.test", "https://temoin.test/"])
def test_a_witness_without_tls_or_with_a_trailing_slash_is_refused(sqlite_url, address):
    with pytest.raises(ServiceNotReady, match="audit_witness"):
        test_settings(sqlite_url, BROKER_AUDIT_WITNESS=address)

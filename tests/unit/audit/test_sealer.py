"""Events are sealed once, none is lost, and each minute says what the trail is."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from broker.audit.sealing.checkpoint import Checkpoint
from broker.audit.sealing.sealer import TrailForked
from broker.audit.tree import GrowingRoot, leaf_hash
from tests.unit.audit.conftest import event


def test_committed_events_are_sealed_once_in_their_order(trail):
    trail.records(3)
    first = trail.sealer.seal()
    trail.records(2)

    second = trail.sealer.seal()
    third = trail.sealer.seal()

    assert (first, second, third) == (3, 2, 0)
    assert trail.sealed() == trail.recorded()


def test_the_leaf_is_the_hash_of_the_body_as_it_is_stored(trail):
    trail.records(1)
    trail.sealer.seal()

    ((body,),) = trail.asks("SELECT body FROM audit_event")

    assert bytes(trail.asks("SELECT hash FROM audit_leaf")[0][0]) == leaf_hash(body.encode())


@pytest.mark.parametrize("late", [timedelta(seconds=2), timedelta(minutes=4)])
def test_an_event_that_commits_after_younger_ones_is_sealed_behind_them(trail, late):
    (row,) = trail.audit.ready([event(1)])
    trail.clock.advance(seconds=late.total_seconds())
    trail.records(2)
    trail.sealer.seal()

    trail.audit.append([row])
    trail.sealer.seal()

    assert trail.sealed()[-1] == row["event_id"] == trail.recorded()[0]
    assert len(trail.sealed()) == 3


def test_an_event_that_commits_hours_late_is_found_by_the_sweep(trail):
    (row,) = trail.audit.ready([event(1)])
    trail.clock.advance(hours=5)
    trail.records(2)
    trail.sealer.seal()
    trail.audit.append([row])

    found_at_once = trail.sealer.seal()
    checkpoint = trail.signs()

    assert found_at_once == 0
    assert trail.sealed()[-1] == row["event_id"]
    assert checkpoint.size == 3


def test_an_idle_trail_is_not_looked_at_again_for_good(trail):
    trail.records(2)
    trail.signs()
    trail.clock.advance(hours=1)

    trail.sealer.sign_when_due()

    first = trail.store.standing().first_of_interest(trail.clock())
    assert first > trail.recorded()[-1]


def test_a_clock_that_is_set_back_hides_no_event(trail):
    trail.records(2)
    trail.sealer.seal()
    trail.clock.advance(days=-30)
    trail.records(2)

    trail.sealer.seal()

    assert sorted(trail.sealed()) == trail.recorded()


def test_what_a_transaction_takes_back_is_not_sealed(trail):
    with pytest.raises(RuntimeError), trail.db.transaction():
        trail.audit.record(event(1))
        raise RuntimeError

    assert trail.sealer.seal() == 0


def test_a_sealer_that_is_stopped_in_between_leaves_nothing_half_done(trail):
    trail.records(300)
    with pytest.raises(RuntimeError), trail.db.transaction():
        trail.store.hold()
        trail.store.seal(trail.store.unsealed("", 300))
        raise RuntimeError

    before = trail.asks("SELECT count(*) FROM audit_leaf")
    trail.sealer.seal()

    assert before == [(0,)]
    assert trail.sealed() == trail.recorded()


def test_several_workers_at_once_seal_each_event_once(trail, another_worker):
    trail.records(30)
    workers = [another_worker() for _ in range(4)]

    with ThreadPoolExecutor(4) as pool:
        for round_ in range(5):
            counts = [pool.submit(worker.seal) for worker in workers]
            trail.records(20)
            assert all(count.result() >= 0 for count in counts), round_
    trail.sealer.seal()

    assert sorted(trail.sealed()) == trail.recorded()
    assert [row[0] for row in trail.asks("SELECT position FROM audit_leaf ORDER BY 1")] == list(
        range(130)
    )


def test_several_workers_at_once_sign_one_checkpoint(trail, another_worker):
    trail.records(2)
    trail.sealer.seal()
    workers = [another_worker() for _ in range(4)]

    with ThreadPoolExecutor(4) as pool:
        signed = sum(pool.map(lambda worker: worker.sign_when_due(), workers))

    assert signed == 1
    assert trail.asks("SELECT count(*) FROM audit_checkpoint") == [(1,)]


def test_a_checkpoint_is_signed_each_minute_idle_or_not(trail):
    trail.records(2)
    first = trail.signs()
    trail.clock.advance(seconds=54)
    too_early = trail.sealer.sign_when_due()
    trail.clock.advance(seconds=1)

    in_time = trail.sealer.sign_when_due()

    second = trail.newest()
    assert (too_early, in_time) == (0, 1)
    assert (second.size, second.root) == (first.size, first.root) == (2, first.root)
    assert second.made_at - first.made_at == timedelta(seconds=55)


def test_a_checkpoint_has_the_root_of_all_that_is_sealed_and_is_signed(trail):
    trail.records(600)

    made = trail.signs()

    growing = GrowingRoot()
    for (body,) in trail.asks("SELECT body FROM audit_event ORDER BY event_id"):
        growing.add(leaf_hash(body.encode()))
    note = trail.store.newest_checkpoint()
    assert (made.size, made.root, made.origin) == (600, growing.root(), "localhost:8000/audit")
    assert Checkpoint.parse(trail.sealer.key.verifier.open(note)) == made


def test_each_checkpoint_is_a_file_outside_that_nobody_overwrites(trail, outside):
    trail.records(1)
    trail.signs()
    trail.records(1)
    trail.signs()

    trail.sealer.publish()

    files = sorted(outside.rglob("*"))
    notes = [file.read_text() for file in files if file.is_file()]
    assert notes == [row[0] for row in trail.asks("SELECT note FROM audit_checkpoint ORDER BY 1")]
    assert [file.name for file in files] == [
        "2026-03-02",
        "110101.000000-1.checkpoint",
        "110202.000000-2.checkpoint",
    ]


def test_a_checkpoint_that_did_not_get_outside_is_published_later(trail, outside):
    trail.records(1)
    trail.signs()
    next(outside.rglob("*.checkpoint")).unlink()

    trail.sealer.sign_when_due()

    assert len(list(outside.rglob("*.checkpoint"))) == 1


def test_nothing_is_signed_that_does_not_go_on_from_what_the_outside_knows(trail):
    trail.records(3)
    trail.signs()
    trail.tampers(
        "DELETE FROM audit_leaf WHERE position > 0",
        "DELETE FROM audit_event WHERE event_id NOT IN (SELECT event_id FROM audit_leaf)",
        "DELETE FROM audit_checkpoint",
    )
    trail.records(5)

    with pytest.raises(TrailForked):
        trail.signs()

    assert trail.asks("SELECT count(*) FROM audit_checkpoint") == [(0,)]


def test_nothing_is_signed_over_a_changed_leaf(trail):
    trail.records(3)
    trail.signs()
    trail.tampers(
        "UPDATE audit_leaf SET hash = (SELECT hash FROM audit_leaf WHERE position = 0)"
        " WHERE position = 1"
    )
    trail.records(1)

    with pytest.raises(TrailForked):
        trail.signs()


def test_after_a_declared_restore_the_trail_goes_on_under_another_origin(trail):
    trail.records(3)
    trail.signs()
    trail.tampers(
        "DELETE FROM audit_leaf WHERE position = 2",
        "DELETE FROM audit_event WHERE event_id = (SELECT max(event_id) FROM audit_event)",
        "DELETE FROM audit_checkpoint",
        "UPDATE audit_sealer SET restored = true",
    )

    first = trail.signs()
    second = trail.signs()

    assert first.origin == second.origin == "localhost:8000/audit/20260302T110203Z"
    assert (first.size, second.size) == (3, 3)  # with the event that says so
    (body,) = trail.asks("SELECT body FROM audit_event WHERE type = 'audit.restored'")[0]
    assert '"known_size":3' in body
    assert '"size":2' in body


def test_events_carry_the_mark_of_the_service(trail):
    trail.records(1)

    ((body, mac),) = trail.asks("SELECT body, mac FROM audit_event")

    assert trail.audit.marks([body]) == [bytes(mac)]
    assert trail.audit.marks([body.replace("test", "best")]) != [bytes(mac)]

"""Whatever is done to the trail in the database, the verification names the place."""

from dataclasses import replace

import pytest

from broker.audit.proofs.verification import Verification
from broker.audit.sealing.outside import Outside
from broker.sessions.events import SessionCreated
from tests.unit.audit.conftest import event

TABLES = ("audit_event", "audit_leaf", "audit_node", "audit_checkpoint")
LEAVES_OF_THE_FORGED = "(SELECT event_id FROM audit_leaf WHERE position = {})"


@pytest.fixture
def verification(app) -> Verification:
    return app.extensions["broker"][Verification]


@pytest.fixture
def flaws(verification, outside):
    """Return a function that lists the flaws: kind, first and last position."""

    def find(**options) -> list[tuple[str, int | None, int | None]]:
        report = verification.run([outside], **options)
        return [(flaw.kind, flaw.first, flaw.last) for flaw in report.flaws]

    return find


@pytest.fixture
def signed(trail):
    """A trail of seven events under three checkpoints: of 3, 5 and 7."""
    for count in (3, 2, 2):
        trail.records(count)
        trail.signs()
    return trail


def test_a_trail_that_nobody_touched_has_no_flaw(signed, verification, outside):
    report = verification.run([outside])

    assert report.flaws == []
    assert (report.size, report.agreed, report.checkpoints) == (7, 7, 3)
    assert report.signed_at == signed.newest().made_at


def test_a_trail_larger_than_a_page_and_a_block_has_no_flaw(trail, verification, outside):
    for _ in range(3):
        with trail.db.transaction():
            trail.records(800)
        trail.signs()

    report = verification.run([outside])

    assert (report.flaws, report.size, report.agreed) == ([], 2_400, 2_400)


def test_processes_that_judge_together_find_what_one_finds(trail, verification, outside):
    trail.audit.append(trail.audit.ready([event(number) for number in range(10_000)]))
    trail.signs()
    trail.tampers(
        "UPDATE audit_event SET txn = 'other' WHERE event_id ="
        f" {LEAVES_OF_THE_FORGED.format(2_047)}",
        f"DELETE FROM audit_event WHERE event_id = {LEAVES_OF_THE_FORGED.format(9_000)}",
        "UPDATE audit_leaf SET position = 1000000000000 WHERE position = 9999",
    )

    alone = verification.run([outside])
    together = verification.run([outside], processes=2)

    assert together == alone
    assert [(flaw.kind, flaw.first, flaw.last) for flaw in together.flaws[:3]] == [
        ("edited", 2_047, 2_047),
        ("deleted", 9_000, 9_000),
        ("removed", 9_999, 999_999_999_999),
    ]


@pytest.mark.parametrize(
    "change",
    [
        "body = replace(body, 'test', 'best')",
        "subject_ref = 'somebody else'",
        "type = 'key.rotated'",
        "txn = NULL, client_id = 'partner'",
        "made_ref = '0f8f13ee5ff31621e0faac11b3027378'",
        "time = '2026-03-01 00:00:00+00:00'",
    ],
)
def test_an_edited_event_is_named(signed, flaws, change):
    (where,) = signed.asks("SELECT event_id FROM audit_leaf WHERE position = 4")[0]
    signed.tampers(f"UPDATE audit_event SET {change} WHERE event_id = '{where}'")

    assert flaws() == [("edited", 4, 4)]


@pytest.mark.parametrize(
    "change", ["made_ref = NULL", "made_ref = 'another'", "made_jti = 'another'"]
)
def test_an_event_that_a_session_is_no_longer_found_by_is_named(trail, flaws, change):
    trail.audit.record(SessionCreated(session_ref="s", acr="eidas1", amr=("pwd",), auth_time=1))
    trail.signs()
    trail.tampers(f"UPDATE audit_event SET {change}")

    assert flaws() == [("edited", 0, 0)]


def test_an_edited_event_with_its_leaf_is_found_by_mark_and_checkpoint(signed, flaws):
    signed.tampers(
        "UPDATE audit_event SET body = (SELECT body FROM audit_event WHERE event_id ="
        f" {LEAVES_OF_THE_FORGED.format(0)}) WHERE event_id = {LEAVES_OF_THE_FORGED.format(3)}",
        "UPDATE audit_leaf SET hash = (SELECT hash FROM audit_leaf WHERE position = 0)"
        " WHERE position = 3",
    )

    assert flaws() == [("inserted", 3, 3), ("rewritten", 3, 4)]


def test_a_deleted_event_is_named(signed, flaws):
    signed.tampers(f"DELETE FROM audit_event WHERE event_id = {LEAVES_OF_THE_FORGED.format(2)}")

    assert flaws() == [("deleted", 2, 2)]


def test_an_event_deleted_with_its_leaf_leaves_a_gap(signed, flaws):
    signed.tampers(
        f"DELETE FROM audit_event WHERE event_id = {LEAVES_OF_THE_FORGED.format(2)}",
        "DELETE FROM audit_leaf WHERE position = 2",
    )

    assert ("removed", 2, 2) in flaws()


def test_a_gap_that_was_closed_is_found_at_the_next_checkpoint(signed, flaws):
    signed.tampers(
        f"DELETE FROM audit_event WHERE event_id = {LEAVES_OF_THE_FORGED.format(3)}",
        "DELETE FROM audit_leaf WHERE position = 3",
        *(f"UPDATE audit_leaf SET position = {at} WHERE position = {at + 1}" for at in (3, 4, 5)),
    )

    assert ("rewritten", 3, 4) in flaws()
    assert ("truncated", 6, 6) in flaws()


def test_reordered_events_are_found(signed, flaws):
    signed.tampers(
        "UPDATE audit_leaf SET position = 99 WHERE position = 3",
        "UPDATE audit_leaf SET position = 3 WHERE position = 4",
        "UPDATE audit_leaf SET position = 4 WHERE position = 99",
    )

    assert flaws() == [("rewritten", 3, 4)]


def test_a_trail_that_was_cut_is_found_by_the_checkpoints_outside(signed, flaws):
    signed.tampers(
        "DELETE FROM audit_event WHERE event_id IN"
        " (SELECT event_id FROM audit_leaf WHERE position >= 5)",
        "DELETE FROM audit_leaf WHERE position >= 5",
        "DELETE FROM audit_checkpoint WHERE number > 2",
    )

    assert flaws() == [("truncated", 5, 6)]


def test_an_inserted_event_is_found_though_it_was_sealed(signed, flaws):
    signed.tampers(
        "INSERT INTO audit_event (event_id, type, time, body, mac) SELECT"
        " 'ffffffff-ffff-7fff-bfff-ffffffffffff', type, time, body, mac FROM audit_event LIMIT 1"
    )
    signed.signs()

    assert flaws() == [("edited", 7, 7)]


def test_an_inserted_event_without_mark_is_found_though_it_was_sealed(signed, flaws):
    forged = "ffffffff-ffff-7fff-bfff-ffffffffffff"
    signed.tampers(
        "INSERT INTO audit_event (event_id, type, time, body) SELECT"
        f" '{forged}', type, time, replace(body, event_id, '{forged}') FROM audit_event LIMIT 1"
    )
    signed.signs()

    assert flaws() == [("inserted", 7, 7)]


def test_a_whole_trail_from_an_old_backup_is_found(signed, flaws):
    backup = {name: signed.asks(f"SELECT * FROM {name}") for name in TABLES}
    signed.records(4)
    signed.signs()
    mark = "?" if signed.db.engine.dialect.name == "sqlite" else "%s"
    with signed.db.transaction() as transaction:
        for name, rows in backup.items():
            transaction.driver.execute(f"DELETE FROM {name}")
            for row in rows:
                places = ", ".join([mark] * len(row))
                transaction.driver.execute(f"INSERT INTO {name} VALUES ({places})", row)

    assert flaws() == [("truncated", 7, 10)]


def test_two_signed_checkpoints_of_one_size_are_a_fork(signed, flaws, outside):
    signed.clock.advance(seconds=1)
    forked = replace(signed.newest(), root=bytes(32), made_at=signed.clock())
    Outside(outside).publish(forked, signed.sealer.key.sign(forked.text))

    assert flaws() == [("forked", 5, 6)]


@pytest.mark.usefixtures("signed")
def test_a_checkpoint_that_the_log_did_not_sign_is_named(flaws, outside):
    file = next(outside.rglob("*-5.checkpoint"))
    file.chmod(0o644)
    file.write_text(file.read_text().replace("\n5\n", "\n6\n"))

    assert flaws() == [("unsigned", None, None)]


def test_a_damaged_inner_node_is_found(trail, flaws):
    with trail.db.transaction():
        trail.records(300)
    trail.signs()
    trail.tampers("UPDATE audit_node SET hash = (SELECT max(hash) FROM audit_leaf)")

    assert flaws() == [("nodes", 0, 255)]


def test_an_event_that_nobody_seals_is_named(signed, flaws):
    signed.records(1)
    signed.clock.advance(minutes=9)
    before = flaws()
    signed.clock.advance(minutes=2)

    assert before == []
    assert flaws() == [("unsealed", None, None)]


def test_what_a_restore_lost_is_told_until_an_operator_says_that_it_is_known(signed, flaws):
    signed.tampers(
        "DELETE FROM audit_event WHERE event_id IN"
        " (SELECT event_id FROM audit_leaf WHERE position >= 4)",
        "DELETE FROM audit_leaf WHERE position >= 4",
        "DELETE FROM audit_checkpoint WHERE number > 1",
        "UPDATE audit_sealer SET restored = true",
    )
    signed.signs()
    signed.records(9)
    signed.signs()
    ((declared,),) = signed.asks("SELECT event_id FROM audit_event WHERE type = 'audit.restored'")

    assert flaws() == [("lost", 4, 6)]
    assert flaws(restored=[declared]) == []
    assert flaws(restored=["another"]) == [("lost", 4, 6)]


def test_events_from_before_the_marks_are_believed_as_far_as_the_operator_says(trail, flaws):
    trail.records(3)
    trail.tampers("UPDATE audit_event SET mac = NULL")
    trail.signs()
    trail.tampers("DELETE FROM audit_checkpoint")  # as if there had been none before

    assert flaws(unmarked_until=3) == []
    assert flaws(unmarked_until=2) == [("inserted", 2, 2)]
    assert flaws() == [("inserted", at, at) for at in range(3)]

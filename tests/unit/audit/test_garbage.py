"""Whatever somebody writes into the trail in the database, the verification names the place."""

import pytest

from broker.audit.proofs.verification import Verification
from tests.unit.audit.conftest import Trail

pytestmark = pytest.mark.forges_events
AT_4 = "(SELECT event_id FROM audit_leaf WHERE position = 4)"
FORGED = "ffffffff-ffff-7fff-bfff-ffffffffffff"
BODIES = {
    "nothing": "",
    "no JSON": '{"salt":',
    "no object": '[{"salt":1}]',
    "a number that nobody reads": '{"salt":' + "1" * 5_000 + "}",
    "a thousand doors": '{"salt":' + "[" * 100_000,
}
ANYWHERE = [
    *(f"body = '{body}'" for body in BODIES.values()),
    "type = 'audit.restored'",
    "time = '0001-01-01 00:00:00'",
]
ON_SQLITE = [
    "body = CAST(body AS BLOB)",
    "body = CAST(x'ff' AS TEXT)",
    "txn = CAST(x'ff' AS TEXT)",
    "client_id = x'ff'",
    "time = 'yesterday'",
    "time = 7",
    "time = x'ff'",
    "time = CAST(time AS BLOB)",
    "time = replace(time, ' ', 'T')",
]
ON_POSTGRESQL = [
    "time = 'infinity'",
    "time = '-infinity'",
    "time = (time::text || ' BC')::timestamptz",
]


def on_each(anywhere: list[str], on_sqlite: list[str], on_postgresql: list[str]):
    """Run a test with each of these on the databases that take it."""
    each = [
        *(("sqlite", change) for change in (*anywhere, *on_sqlite)),
        *(("postgresql", change) for change in (*anywhere, *on_postgresql)),
    ]
    ids = [f"{database}-{change[:40]}" for database, change in each]
    return pytest.mark.parametrize(
        ("database_url", "change"), each, indirect=["database_url"], ids=ids
    )


def unkeyed(table: str) -> tuple[str, ...]:
    """Take keys and constraints from a table, as its owner can."""
    return (
        f"CREATE TABLE unkeyed AS SELECT * FROM {table}",
        f"DROP TABLE {table}",
        f"ALTER TABLE unkeyed RENAME TO {table}",
    )


@pytest.fixture
def signed(trail: Trail) -> Trail:
    """A trail of seven events under two checkpoints: of 4 and 7."""
    for count in (4, 3):
        trail.records(count)
        trail.signs()
    return trail


@pytest.fixture
def flaws(app, outside):
    """Return a function that lists the flaws: kind, first and last position."""

    def find(**options: int) -> list[tuple[str, int | None, int | None]]:
        report = app.extensions["broker"][Verification].run([outside], **options)
        return [(flaw.kind, flaw.first, flaw.last) for flaw in report.flaws]

    return find


@on_each(ANYWHERE, ON_SQLITE, ON_POSTGRESQL)
def test_what_is_written_into_an_event_is_named(signed, flaws, change):
    signed.tampers(f"UPDATE audit_event SET {change} WHERE event_id = {AT_4}")

    assert flaws() == [("edited", 4, 4)]


@on_each(["mac = NULL", "mac = 'text'"], ["mac = 7", "mac = 7e30"], [])
def test_what_is_written_over_the_mark_is_named(signed, flaws, change):
    signed.tampers(f"UPDATE audit_event SET {change} WHERE event_id = {AT_4}")

    assert flaws() == [("inserted", 4, 4)]


@pytest.mark.parametrize("column", ["body", "time", "type", "mac"])
def test_what_is_emptied_is_named(signed, flaws, column):
    signed.tampers(
        *unkeyed("audit_event"),
        f"UPDATE audit_event SET {column} = NULL WHERE event_id = {AT_4}",
    )

    assert flaws() == [("inserted" if column == "mac" else "edited", 4, 4)]


def test_another_event_of_the_same_id_is_named(signed, flaws):
    signed.tampers(
        *unkeyed("audit_event"),
        "INSERT INTO audit_event (event_id, type, time, body, mac, txn)"
        " SELECT event_id, type, time, body, mac, 'forged' FROM audit_event"
        f" WHERE event_id = {AT_4}",
    )

    assert flaws() == [("inserted", 4, 4)]


def test_an_event_that_only_a_column_calls_a_purge_covers_nothing(signed, flaws):
    signed.tampers(
        "UPDATE audit_event SET type = 'audit.purge.done', txn = 'purge-0'"
        f" WHERE event_id = {AT_4}",
        "DELETE FROM audit_event WHERE event_id ="
        " (SELECT event_id FROM audit_leaf WHERE position = 2)",
    )

    assert flaws() == [("deleted", 2, 2), ("edited", 4, 4)]


@on_each(
    ["hash = 'short'"], ["hash = 7", "event_id = CAST(x'ff' AS TEXT)", "event_id = x'ff'"], []
)
def test_what_is_written_into_a_leaf_is_named(signed, flaws, change):
    signed.tampers(f"UPDATE audit_leaf SET {change} WHERE position = 4")

    assert flaws()[0][1:] == (4, 4)


@pytest.mark.parametrize("column", ["hash", "event_id"])
def test_what_is_emptied_in_a_leaf_is_named(signed, flaws, column):
    signed.tampers(
        *unkeyed("audit_leaf"), f"UPDATE audit_leaf SET {column} = NULL WHERE position = 4"
    )

    assert flaws()[0][1:] == (4, 4)


def test_a_leaf_beyond_all_positions_leaves_a_gap(signed, flaws):
    signed.tampers(f"UPDATE audit_leaf SET position = {2**63 - 1} WHERE position = 6")

    assert ("removed", 6, 2**63 - 2) in flaws()


@on_each(["-1"], ["'x'", "2.5", "x'ff'"], [])
def test_an_event_is_not_hidden_by_a_leaf_at_no_position(signed, flaws, change):
    signed.tampers(
        "INSERT INTO audit_event (event_id, type, time, body) SELECT"
        f" '00000000-0000-7000-8000-000000000000', type, time, body FROM audit_event"
        f" WHERE event_id = {AT_4}",
        "INSERT INTO audit_leaf (position, event_id, hash) SELECT"
        f" {change}, '00000000-0000-7000-8000-000000000000', hash FROM audit_leaf"
        " WHERE position = 4",
    )

    assert flaws() == [("inserted", None, None)]


@on_each(["hash = 'short'"], ["hash = 7"], [])
def test_what_is_written_into_an_inner_node_is_named(trail, flaws, change):
    with trail.db.transaction():
        trail.records(600)
    trail.signs()
    trail.tampers(f"UPDATE audit_node SET {change} WHERE number = 1")

    assert flaws() == [("nodes", 256, 511)]


@on_each(["''", "'a note'"], ["CAST(x'ff' AS TEXT)", "x'ff'"], [])
def test_what_is_written_over_a_checkpoint_is_named(signed, flaws, change):
    signed.tampers(f"UPDATE audit_checkpoint SET note = {change} WHERE number = 1")

    assert flaws() == [("unsigned", None, None)]


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_what_the_service_never_writes_is_sealed_as_it_is_and_named(signed, flaws, body):
    signed.tampers(
        "INSERT INTO audit_event (event_id, type, time, body) SELECT"
        f" '{FORGED}', type, time, '{body}' FROM audit_event WHERE event_id = {AT_4}"
    )
    signed.signs()

    assert flaws() == [("inserted", 7, 7)]


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_what_stands_before_the_marks_and_is_no_event_is_named(trail, flaws, body):
    trail.records(2)
    trail.tampers(
        f"UPDATE audit_event SET body = '{body}', mac = NULL"
        " WHERE event_id = (SELECT max(event_id) FROM audit_event)"
    )
    trail.signs()

    assert flaws(unmarked_until=2) == [("inserted", 1, 1)]

"""Events go at the end of their time; the trail stays what was signed, and says what went."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from broker.accounts.events import AccountActivated, UpstreamUntied
from broker.audit.model import Actor, Retention
from broker.audit.proofs.evidence import Evidence
from broker.audit.proofs.verification import Verification
from broker.audit.retention.holds import Holds
from broker.audit.retention.periods import Classes, Periods
from broker.audit.retention.purge import Purger
from broker.audit.retention.purge_store import PurgeStore
from broker.audit.retention.purged import STRETCH, expanded, ranges
from broker.audit.tree import leaf_hash, proves_inclusion
from tests.conftest import test_settings
from tests.unit.audit.conftest import event

OPERATOR = Actor(kind="admin", ref="test")
BEGUN = datetime(2025, 1, 15, 10, 0, tzinfo=UTC)


@pytest.fixture
def services(app):
    return app.extensions["broker"]


@pytest.fixture
def purger(services) -> Purger:
    return services[Purger]


@pytest.fixture
def holds(services) -> Holds:
    return services[Holds]


@pytest.fixture
def verify(services, outside):
    return lambda: services[Verification].run([outside])


@pytest.fixture
def written(trail):
    """Two events of each class on 15 January 2025, sealed and signed."""
    trail.clock.now = BEGUN
    fc = trail.audit.upstream("https://fc.example", "sub")
    for number in range(2):
        for each in (
            AccountActivated(subject=f"person-{number}", auth_event_id=f"login-{number}"),
            UpstreamUntied(subject="person-0", upstream=fc),
            event(number),
        ):
            trail.audit.record(each)
            trail.clock.advance(seconds=1)
    trail.signs()
    return trail


def types(trail):
    rows = trail.asks("SELECT type FROM audit_event WHERE type <> 'audit.purge.done'")
    return sorted(kind for (kind,) in rows)


def told(trail):
    rows = trail.asks("SELECT body FROM audit_event WHERE type = 'audit.purge.done'")
    return [json.loads(body) for (body,) in rows]


SECURITY, FEDERATION, ADMINISTRATION = "account.activated", "fc.unlinked", "key.retired"
MORNINGS = {
    "the day of the twelve months": (datetime(2026, 1, 15, 23, 59, tzinfo=UTC), 0),
    "the day after": (datetime(2026, 1, 16, 0, 0, tzinfo=UTC), 4),
    "the day of the thirty-six months": (datetime(2028, 1, 15, 23, 59, tzinfo=UTC), 4),
    "the day after those": (datetime(2028, 1, 16, 0, 0, tzinfo=UTC), 6),
}


@pytest.mark.parametrize(("now", "removed"), MORNINGS.values(), ids=MORNINGS)
def test_an_event_goes_the_day_after_its_months(written, purger, now, removed):
    written.clock.now = now

    assert purger.purge() == removed
    assert len(types(written)) == 6 - removed


def test_an_event_of_midnight_belongs_to_the_day_that_begins(trail, purger):
    trail.clock.now = datetime(2025, 1, 16, tzinfo=UTC) - timedelta(microseconds=1)
    trail.audit.record(AccountActivated(subject="person", auth_event_id="before"))
    trail.clock.advance(microseconds=1)
    trail.audit.record(AccountActivated(subject="person", auth_event_id="midnight"))
    trail.signs()
    trail.clock.now = datetime(2026, 1, 16, 12, tzinfo=UTC)

    assert purger.purge() == 1
    assert trail.asks("SELECT auth_event_id FROM audit_event WHERE auth_event_id > ''") == [
        ("midnight",)
    ]


def test_federation_is_kept_longer_only_where_a_legal_basis_is_named(
    written, purger, database_url
):
    named = test_settings(database_url, BROKER_AUDIT_FEDERATION_BASIS="arrêté du 8 novembre 2018")
    written.clock.now = datetime(2026, 1, 16, tzinfo=UTC)

    assert replace(purger, periods=Periods.of(named)).purge() == 2

    assert types(written) == [FEDERATION] * 2 + [ADMINISTRATION] * 2
    assert told(written)[0]["months"] == {"security": 12, "federation": 36, "administration": 36}


def test_the_trail_says_what_went(written, purger):
    written.clock.now = datetime(2026, 1, 16, tzinfo=UTC)
    purger.purge()

    (done,) = told(written)
    assert done["counts"] == {"security": 2, "federation": 2}
    assert set(expanded(done["positions"])) == {0, 1, 3, 4}
    assert done["oldest"] == "2025-01-15T10:00:00.000000Z"
    assert done["youngest"] == "2025-01-15T10:00:04.000000Z"
    assert (done["basis"], done["actor"]) == ("GDPR 5(1)(e)", {"kind": "system"})


def test_a_purged_trail_is_verified_and_tells_how_many_went(written, purger, verify):
    written.clock.now = datetime(2026, 1, 16, tzinfo=UTC)
    purger.purge()
    written.signs()

    report = verify()

    assert (report.flaws, report.purged, report.size, report.agreed) == ([], 4, 7, 7)


def test_proofs_from_before_and_after_hold(written, purger):
    kept, gone = (
        written.asks(f"SELECT body FROM audit_event WHERE type = '{kind}' ORDER BY event_id")[0][0]
        for kind in (ADMINISTRATION, SECURITY)
    )
    before = Evidence.newest(written.store)
    written.clock.now = datetime(2026, 1, 16, tzinfo=UTC)
    purger.purge()
    written.signs()
    now = Evidence.newest(written.store)

    assert now.event(kept)["position"] == 2
    assert now.consistency(before.checkpoint)["old_size"] == 6
    path = now.tree.inclusion(0, now.checkpoint.size)
    size, root = now.checkpoint.size, now.checkpoint.root
    assert proves_inclusion(leaf_hash(gone.encode()), 0, size, root, path)


DELETIONS = {
    "an event beside those that went": "type = 'key.retired'",
    "the event that tells of them": "type = 'audit.purge.done'",
}


@pytest.mark.parametrize("whom", DELETIONS.values(), ids=DELETIONS)
@pytest.mark.forges_events
def test_a_deletion_that_nothing_tells_of_is_found(written, purger, verify, whom):
    written.clock.now = datetime(2026, 1, 16, tzinfo=UTC)
    purger.purge()
    written.signs()
    lost = written.asks(
        f"SELECT position FROM audit_leaf NATURAL JOIN audit_event WHERE {whom} ORDER BY 1"
    )

    written.tampers(f"DELETE FROM audit_event WHERE {whom}")

    found = [flaw.first for flaw in verify().flaws if flaw.kind == "deleted"]
    assert set(found) >= {position for (position,) in lost}


@pytest.mark.forges_events
def test_a_forged_word_of_a_purge_covers_nothing(written, purger, verify):
    written.clock.now = datetime(2026, 1, 16, tzinfo=UTC)
    purger.purge()
    written.signs()
    (body,) = (json.dumps(each) for each in told(written))
    forged = body.replace('"0-1", "3-4"', '"0-4"')
    assert forged != body

    written.tampers(
        "DELETE FROM audit_event WHERE type = 'key.retired'",
        f"UPDATE audit_event SET body = '{forged}' WHERE type = 'audit.purge.done'",
    )

    assert {flaw.first for flaw in verify().flaws if flaw.kind == "deleted"} == {0, 1, 2, 3, 4, 5}


ALTERATIONS = {
    "its date": "UPDATE audit_event SET time = '2024-01-01 00:00:00.000000+00:00'",
    "its type": "UPDATE audit_event SET type = 'account.activated'",
    "its mark": "UPDATE audit_event SET mac = NULL",
}


@pytest.mark.parametrize("altered", ALTERATIONS.values(), ids=ALTERATIONS)
@pytest.mark.forges_events
def test_what_was_altered_to_be_purged_stays_and_is_found(trail, purger, verify, altered):
    trail.clock.now = BEGUN
    trail.records(1)
    trail.signs()
    trail.records(2)
    trail.signs()
    trail.clock.now = datetime(2027, 1, 1, tzinfo=UTC)
    trail.tampers(f"{altered} WHERE event_id = '{trail.sealed()[2]}'")

    purger.purge()

    assert len(trail.recorded()) == 3
    assert [flaw.first for flaw in verify().flaws] == [2]


NO_DATES = [
    *(("sqlite", date) for date in ("' '", "7", "x'ff'")),
    ("postgresql", "'-infinity'"),
]


@pytest.mark.parametrize(("database_url", "date"), NO_DATES, indirect=["database_url"])
@pytest.mark.forges_events
def test_an_event_without_a_date_stays_and_holds_up_no_other(trail, purger, verify, date):
    trail.clock.now = BEGUN
    trail.records(4)
    trail.signs()
    _, second, third, _ = trail.sealed()
    trail.tampers(
        "UPDATE audit_event SET type = 'a.former.type', body = '{}'"
        f" WHERE event_id = '{second}'",
        f"UPDATE audit_event SET time = {date} WHERE event_id = '{third}'",
    )
    trail.clock.now = datetime(2028, 2, 1, tzinfo=UTC)

    assert purger.purge() == 2
    assert [flaw.first for flaw in verify().flaws] == [1, 2]


@pytest.mark.parametrize("held", ["person", "login-0"])
def test_what_is_held_stays_until_it_is_let_go(written, purger, holds, verify, held):
    ref = written.audit.subject_ref("person-0") if held == "person" else held
    theirs = 3 if held == "person" else 1
    assert holds.place(ref, "requisition 2026-17", OPERATOR)
    assert not holds.place(ref, "requisition 2026-17", OPERATOR)
    written.clock.now = datetime(2026, 1, 16, tzinfo=UTC)

    assert sum(due.held for due in purger.due()) == theirs
    assert purger.purge() == 4 - theirs
    assert purger.purge() == 0
    assert [held for held, _ in holds.all()] == [ref]
    assert holds.lift(ref, "inquiry closed", OPERATOR)
    assert not holds.lift(ref, "inquiry closed", OPERATOR)
    assert purger.purge() == theirs
    written.signs()

    assert verify().flaws == []
    assert {"audit.hold.placed", "audit.hold.lifted"} <= set(types(written))


def test_what_tells_of_a_purge_and_of_a_restore_is_kept_for_ever(written, purger, verify):
    written.tampers("UPDATE audit_sealer SET restored = true")
    written.signs()
    written.clock.now = datetime(2028, 1, 16, tzinfo=UTC)
    purger.purge()
    written.clock.now = datetime(2040, 1, 1, tzinfo=UTC)

    assert purger.purge() == 0
    assert types(written) == ["audit.restored"]
    written.signs()
    assert verify().flaws == []


@pytest.mark.parametrize(
    ("kind", "recorded", "kept"),
    [
        (SECURITY, "administration", Retention.SECURITY),
        ("account.former", "administration", Retention.ADMINISTRATION),
        ("account.former", "former", Retention.TRAIL),
    ],
)
def test_a_type_has_its_class_of_today_and_one_that_is_gone_what_it_recorded(kind, recorded, kept):
    assert Classes.of_today().of(kind, json.dumps({"retention": recorded})) is kept


def test_several_workers_at_once_remove_each_event_once(written, purger):
    written.clock.now = datetime(2026, 1, 16, tzinfo=UTC)
    engine = written.db.engine

    def work(_):
        db = type(written.db)(engine)
        store = replace(written.audit.store, db=db)
        audit = replace(written.audit, store=store)
        return replace(purger, store=PurgeStore(db), audit=audit, db=db).purge()

    with ThreadPoolExecutor(4) as pool:
        removed = list(pool.map(work, range(8)))

    assert sum(removed) == 4
    assert len(told(written)) == 1


def test_dry_run_says_what_would_go_and_removes_nothing(written, purger):
    written.clock.now = datetime(2026, 1, 16, tzinfo=UTC)

    listed = {(due.type, due.retention, due.events, due.held) for due in purger.due()}

    assert listed == {
        (SECURITY, Retention.SECURITY, 2, 0),
        (FEDERATION, Retention.FEDERATION, 2, 0),
    }
    assert len(types(written)) == 6


def test_one_event_tells_of_one_stretch_of_the_tree(trail, purger, verify):
    trail.clock.now = BEGUN
    trail.audit.record(*(AccountActivated(subject="person") for _ in range(STRETCH + 1)))
    trail.signs()
    trail.clock.now = datetime(2026, 1, 16, tzinfo=UTC)

    assert purger.purge() == STRETCH + 1

    assert [each["positions"] for each in told(trail)] == [[f"0-{STRETCH - 1}"], [f"{STRETCH}"]]
    trail.signs()
    assert (verify().flaws, verify().purged) == ([], STRETCH + 1)


@pytest.mark.parametrize("positions", [[7], [0, 1, 2], [0, 2, 3, 9], [5, 7, 9]])
def test_positions_are_written_as_ranges_and_read_again(positions):
    assert list(expanded(ranges(positions))) == positions


def test_months_end_on_the_last_day_of_a_shorter_month():
    periods = Periods({Retention.SECURITY: 6})

    over = periods.over_before(Retention.SECURITY, datetime(2026, 8, 31, 15, tzinfo=UTC))

    assert over == datetime(2026, 2, 28, tzinfo=UTC)

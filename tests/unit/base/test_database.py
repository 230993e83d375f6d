"""Transactions lose nothing, on both databases."""

import threading
import time
from datetime import UTC, datetime, timedelta, timezone

import psycopg
import pytest
from flask import Flask
from sqlalchemy import bindparam, delete, literal_column, select
from sqlalchemy.exc import DBAPIError, MultipleResultsFound

from broker.base.counters import COUNTER
from broker.base.errors import Throttled
from broker.base.own_secrets import OWN_SECRET
from broker.base.statements import Prepared
from broker.foundation import Foundation


def foundation(app: Flask) -> Foundation:
    return app.extensions["broker"][Foundation]


def test_an_exception_rolls_everything_back(app):
    db = foundation(app).db

    with pytest.raises(RuntimeError), db.transaction():
        db.insert_unless_present(OWN_SECRET, {"name": "n", "value": "v"})
        raise RuntimeError

    assert db.scalar(select(OWN_SECRET.c.value).where(OWN_SECRET.c.name == "n")) is None


def test_an_inner_transaction_joins_the_outer_one(app):
    db = foundation(app).db

    with pytest.raises(RuntimeError), db.transaction():
        with db.transaction():
            db.insert_unless_present(OWN_SECRET, {"name": "n", "value": "v"})
        raise RuntimeError

    assert db.scalar(select(OWN_SECRET.c.value).where(OWN_SECRET.c.name == "n")) is None


def test_a_write_outside_a_transaction_is_an_error(app):
    db = foundation(app).db

    with pytest.raises(RuntimeError):
        db.insert_unless_present(OWN_SECRET, {"name": "n", "value": "v"})


EVERY = Prepared(select(COUNTER).where(COUNTER.c.tries >= bindparam("least")))
GONE = Prepared(delete(COUNTER).where(COUNTER.c.tries >= bindparam("least")))
AT = datetime(2026, 3, 2, 12, 0, 0, 123456, tzinfo=timezone(timedelta(hours=1)))


def a_counter(name: str, **values: object) -> dict[str, object]:
    return {
        "name": name,
        "key": b"k",
        "tries": 1,
        "started_at": AT,
        "blocked_until": None,
    } | values


def test_a_prepared_statement_gives_the_values_that_went_in(app):
    db = foundation(app).db
    with db.transaction():
        db.insert_rows(COUNTER, [a_counter("one"), a_counter("two", tries=2, key=b"\xff")])

    row = db.one(EVERY, least=2)

    assert (row.name, bytes(row.key), row.tries, row.blocked_until) == ("two", b"\xff", 2, None)
    assert row.started_at == AT
    assert row.started_at.tzinfo is UTC
    assert db.one(EVERY, least=3) is None
    with pytest.raises(MultipleResultsFound):
        db.one(EVERY, least=1)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_sqlite_inserts_row_by_row_and_so_keeps_no_copy_of_each_page(app):
    db, seen = foundation(app).db, list[str]()

    with db.transaction() as transaction:
        transaction.driver.set_trace_callback(seen.append)
        db.insert_rows(COUNTER, [a_counter("one"), a_counter("two"), a_counter("three")])
        transaction.driver.set_trace_callback(None)

    inserts = [statement for statement in seen if statement.startswith("INSERT")]
    assert [[name in each for name in ("'one'", "'two'", "'three'")] for each in inserts] == [
        [True, False, False],
        [False, True, False],
        [False, False, True],
    ]


def test_a_prepared_write_joins_the_transaction_and_tells_how_many(app):
    db = foundation(app).db
    with db.transaction():
        db.insert_rows(COUNTER, [a_counter(str(number)) for number in range(7)])

    with pytest.raises(RuntimeError), db.transaction():
        count = db.count(GONE, least=1)
        raise RuntimeError

    assert count == 7
    assert len(db.all(select(COUNTER))) == 7


@pytest.mark.parametrize("act", ["one", "count"])
def test_a_prepared_write_outside_a_transaction_is_an_error(app, act):
    with pytest.raises(RuntimeError):
        getattr(foundation(app).db, act)(GONE, least=1)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # SQLite has no server
def test_a_connection_that_the_server_ended_is_replaced(app, settings):
    db = foundation(app).db
    assert db.one(EVERY, least=1) is None
    with psycopg.connect(settings.database_url.replace("+psycopg", "")) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    time.sleep(1.1)

    with db.transaction():
        db.insert_rows(COUNTER, [a_counter("one")])

    assert db.one(EVERY, least=1).name == "one"


def test_an_error_of_a_statement_does_not_hold_its_values(app):
    db, value = foundation(app).db, "2640531555982"

    with pytest.raises(DBAPIError) as raised:
        db.scalar(select(literal_column("missing")).where(COUNTER.c.name == value))

    assert "missing" in str(raised.value)
    assert value not in str(raised.value)


def test_twenty_parallel_tries_take_exactly_the_count(app):
    f = foundation(app)
    taken: list[bool] = []

    def attempt() -> None:
        try:
            with f.db.transaction():
                f.counters.take("test", "key", count=5, window=60)
            taken.append(True)
        except Throttled:
            taken.append(False)

    threads = [threading.Thread(target=attempt) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(taken) == [False] * 15 + [True] * 5


def test_a_window_starts_with_the_first_try_and_ends_to_the_second(app, clock):
    f = foundation(app)
    with f.db.transaction():
        f.counters.take("test", "key", count=1, window=60)

    clock.advance(seconds=59)
    with pytest.raises(Throttled) as refusal, f.db.transaction():
        f.counters.take("test", "key", count=1, window=60)
    clock.advance(seconds=1)
    with f.db.transaction():
        left = f.counters.take("test", "key", count=1, window=60)

    assert refusal.value.retry_after == 2
    assert left == 0


@pytest.mark.parametrize(("failures", "minutes"), [(5, 15), (6, 30), (7, 60), (12, 24 * 60)])
def test_the_wait_doubles_up_to_its_ceiling(app, clock, failures, minutes):
    f = foundation(app)

    def fail() -> None:
        with f.db.transaction():
            f.counters.take_slowing("test", "key", free=5, wait=900, ceiling=86_400)

    for _ in range(failures):
        with f.db.transaction():
            row = f.counters._locked("test", "key")
        if row.blocked_until:
            clock.now = row.blocked_until
        fail()

    clock.advance(minutes=minutes, seconds=-1)
    with pytest.raises(Throttled):
        fail()
    clock.advance(seconds=1)
    fail()


def test_success_forgets_the_failures(app):
    f = foundation(app)
    with f.db.transaction():
        f.counters.take("test", "key", count=1, window=60)
        f.counters.forget("test", "key")

        left = f.counters.take("test", "key", count=1, window=60)

    assert left == 0


def test_a_counter_is_kept_while_it_may_matter_and_then_forgotten(app, clock):
    f = foundation(app)
    with f.db.transaction():
        f.counters.take("test", "key", count=5, window=60)

    clock.advance(days=31)
    kept = f.counters.purge()
    clock.advance(seconds=1)
    forgotten = f.counters.purge()

    assert (kept, forgotten) == (0, 1)

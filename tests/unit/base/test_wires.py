"""Statements that wait leave together; whatever fails on the way undoes all of them."""

import os
import socket
import sqlite3
import threading

import psycopg
import pytest
from flask import Flask
from sqlalchemy import bindparam, select, text

from broker.base.db import Database
from broker.base.own_secrets import OWN_SECRET
from broker.base.statements import Prepared
from broker.base.wires import SqliteWire
from broker.foundation import Foundation

VALUE = Prepared(select(OWN_SECRET.c.value).where(OWN_SECRET.c.name == bindparam("name")))
POSTGRESQL = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
UNIQUE = (psycopg.errors.UniqueViolation, sqlite3.IntegrityError)


@pytest.fixture
def db(app: Flask) -> Database:
    return app.extensions["broker"][Foundation].db


def keep(db: Database, name: str, value: str = "v") -> None:
    db.insert_rows(OWN_SECRET, [{"name": name, "value": value}])


def test_what_waits_is_seen_by_the_next_statement_of_either_kind(db):
    with db.transaction():
        keep(db, "one")
        prepared = db.scalar(VALUE, name="one")
        keep(db, "two")
        ordinary = db.scalar(select(OWN_SECRET.c.value).where(OWN_SECRET.c.name == "two"))

    assert (prepared, ordinary) == ("v", "v")


def test_one_that_fails_while_it_waits_undoes_the_whole_transaction(db):
    with db.transaction():
        keep(db, "taken")

    with pytest.raises(UNIQUE), db.transaction():
        keep(db, "first")
        keep(db, "taken")
        keep(db, "last")

    found = [db.scalar(VALUE, name=name) for name in ("first", "taken", "last")]
    assert found == [None, "v", None]


def test_a_transaction_that_failed_unheard_is_not_taken_for_committed(db):
    with db.transaction():
        keep(db, "taken")

    with pytest.raises((psycopg.errors.InFailedSqlTransaction, *UNIQUE)), db.transaction():
        keep(db, "taken")
        with pytest.raises(UNIQUE):
            db.scalar(VALUE, name="taken")
        keep(db, "after")

    assert db.scalar(VALUE, name="after") is None


def test_nothing_of_a_transaction_that_was_given_up_is_ever_sent(db):
    with pytest.raises(RuntimeError), db.transaction():
        keep(db, "never")
        raise RuntimeError

    with db.transaction():
        keep(db, "kept")

    assert (db.scalar(VALUE, name="never"), db.scalar(VALUE, name="kept")) == (None, "v")


@POSTGRESQL
def test_a_connection_lost_with_statements_waiting_keeps_none_of_them(db):
    with pytest.raises(psycopg.OperationalError), db.transaction():
        backend = db.scalar(select(text("pg_backend_pid()")))
        keep(db, "lost")
        _end(db, backend)
        keep(db, "too")

    with db.transaction():
        keep(db, "after")

    found = [db.scalar(VALUE, name=name) for name in ("lost", "too", "after")]
    assert found == [None, None, "v"]


@POSTGRESQL
def test_a_connection_that_breaks_without_a_word_is_told_from_a_wrong_statement(db):
    with pytest.raises(psycopg.OperationalError), db.transaction() as transaction:
        assert db.scalar(VALUE, name="any") is None
        with socket.socket(fileno=os.dup(transaction.driver.fileno())) as line:
            line.shutdown(socket.SHUT_RDWR)
        db.scalar(VALUE, name="any")


@POSTGRESQL
def test_statements_that_the_server_forgot_are_prepared_again(db):
    assert db.scalar(VALUE, name="one") is None

    with pytest.raises(psycopg.errors.InvalidSqlStatementName), db.transaction():
        db.execute(text("DEALLOCATE ALL"))
        db.scalar(VALUE, name="one")

    assert db.scalar(VALUE, name="one") is None


@POSTGRESQL
def test_an_ordinary_transaction_that_is_undone_lets_the_server_forget_nothing(db):
    db.scalar(VALUE, name="any")

    with db.engine.connect() as connection:  # its end undoes what it read
        for _ in range(9):  # psycopg prepares what it runs often
            connection.execute(select(OWN_SECRET.c.value)).all()

    assert db.scalar(VALUE, name="any") is None


@POSTGRESQL
def test_others_go_on_while_one_waits_for_its_lock(db):
    with db.transaction():
        keep(db, "held")
    holds, lets_go, waited = threading.Event(), threading.Event(), []

    def hold() -> None:
        with db.transaction():
            db.execute(text("LOCK TABLE own_secret"))
            holds.set()
            lets_go.wait(30)

    def wait() -> None:
        with db.transaction():
            keep(db, "waiting")
        waited.append(True)

    threads = [threading.Thread(target=each) for each in (hold, wait)]
    threads[0].start()
    holds.wait(30)
    threads[1].start()
    threads[1].join(0.3)

    assert waited == []
    lets_go.set()
    for thread in threads:
        thread.join(30)
    assert waited == [True]


def _end(db: Database, backend: int) -> None:
    url = db.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [backend])


def test_threads_that_write_to_sqlite_wait_for_each_other_without_asking_again(tmp_path):
    turn = threading.Lock()

    def wire() -> SqliteWire:
        driver = sqlite3.connect(
            tmp_path / "one.db", isolation_level=None, check_same_thread=False, timeout=0
        )
        return SqliteWire(driver, turn)  # whose driver gives up at once where somebody writes

    first, second, third = wire(), wire(), wire()
    first.driver.execute("CREATE TABLE kept (value)")

    def writes() -> None:
        second.begin()
        second.later("INSERT INTO kept VALUES (?)", ("second",))
        second.roll_back()
        third.later("INSERT INTO kept VALUES (?)", ("third",))

    first.begin()
    first.later("INSERT INTO kept VALUES (?)", ("first",))
    other = threading.Thread(target=writes)
    other.start()
    other.join(timeout=0.1)
    waited = other.is_alive()
    first.commit()
    other.join(timeout=30)

    assert waited
    assert first.rows("SELECT value FROM kept", ()) == [("first",), ("third",)]
    assert not turn.locked()

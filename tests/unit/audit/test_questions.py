"""What the trail is asked every day is answered from indexes, however long it has grown."""

from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import Select, or_, select, text
from sqlalchemy.dialects import postgresql, sqlite

from broker.audit.event_ids import first_id
from broker.audit.questions.asking import Asked
from broker.audit.questions.of_trail import waiting_in
from broker.audit.store import EVENT, FAILED
from broker.base.db import Database

_DAY = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 2, tzinfo=UTC)
_IDENTIFIERS = ("subject_ref", "client_id", "auth_event_id", "interaction_id", "txn", "request_id",
                "made_ref", "made_jti")  # fmt: skip


@pytest.fixture
def database(app: Flask) -> Database:
    return app.extensions["broker"][Database]


def _plan(database: Database, question: Select) -> str:
    """Return how the database would answer over many rows."""
    on_postgresql = database.engine.dialect.name == "postgresql"
    named = postgresql.dialect(paramstyle="named")  # as a placeholder no sign of LIKE is doubled
    dialect = named if on_postgresql else sqlite.dialect()
    asked = str(question.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
    with database.engine.begin() as connection:
        if on_postgresql:
            connection.execute(text("SET LOCAL enable_seqscan = off"))
        explain = "EXPLAIN" if on_postgresql else "EXPLAIN QUERY PLAN"
        return "\n".join(map(str, connection.execute(text(f"{explain} {asked}"))))


@pytest.mark.parametrize("name", _IDENTIFIERS)
def test_an_identifier_is_looked_up(database: Database, name: str):
    plan = _plan(database, select(EVENT.c.body).where(EVENT.c[name] == "x"))

    assert f"ix_audit_event_{name}" in plan


def test_any_identifier_is_looked_up_in_all_the_indexes(database: Database):
    any_of_them = or_(*(EVENT.c[name] == "x" for name in _IDENTIFIERS))

    plan = _plan(database, select(EVENT.c.body).where(any_of_them))

    assert [name for name in _IDENTIFIERS if f"ix_audit_event_{name}" not in plan] == []


def test_a_day_is_looked_up(database: Database):
    since, until = _DAY

    plan = _plan(database, select(EVENT.c.body).where(EVENT.c.time >= since, EVENT.c.time < until))

    assert "ix_audit_event" in plan  # which one, PostgreSQL decides by how many events there are


def test_a_day_of_one_kind_is_looked_up(database: Database):
    since, until = _DAY
    of_a_kind = EVENT.c.type == "login.password.failed"

    plan = _plan(
        database,
        select(EVENT.c.body).where(of_a_kind, EVENT.c.time >= since, EVENT.c.time < until),
    )

    assert "ix_audit_event_type_time" in plan


def test_what_failed_is_looked_up_without_what_did_not(database: Database):
    since, _ = _DAY
    of_a_kind = EVENT.c.type == "userinfo.read"

    plan = _plan(database, select(EVENT.c.body).where(of_a_kind, EVENT.c.time >= since, FAILED))

    assert "ix_audit_event_failed" in plan


def test_what_waits_for_the_tree_is_compared_with_the_leaves_of_the_window_alone(
    database: Database,
):
    since, until = _DAY

    plan = _plan(database, waiting_in(Asked(since=since, until=until)))

    if database.engine.dialect.name == "sqlite":  # which asks the index for each event
        assert "SEARCH audit_leaf" in plan
    else:
        conditions = [line for line in plan.splitlines() if "Index Cond" in line]
        assert any(first_id(since) in each and first_id(until) in each for each in conditions)


def test_when_somebody_logged_in_before_is_looked_up(database: Database):
    since, _ = _DAY
    logins = select(EVENT.c.time).where(EVENT.c.subject_ref == "x", EVENT.c.time < since)

    plan = _plan(database, logins.where(EVENT.c.type == "session.created"))

    assert "ix_audit_event_login" in plan

"""What partners' programs ask most often costs so many statements and round trips, no more."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine, event

from broker.base.db import Database
from tests.support.partner import API, REFRESHING, Holder, Partner, register, sample_account

ANSWERED = "ReadyForQuery"  # ends each round trip, as libpq writes it down
TRIES = 4  # at some, on a slow machine, a copy of partners or keys is compared besides
COST = {  # statements on SQLite, where each row is one: cheaper there; round trips to PostgreSQL
    "authorization": {"sqlite": 8, "postgresql": 4},
    "code": {"sqlite": 8, "postgresql": 2},
    "refresh": {"sqlite": 8, "postgresql": 3},
    "userinfo": {"sqlite": 4, "postgresql": 4},
    "introspection": {"sqlite": 2, "postgresql": 2},
}
Acts = dict[str, Callable[[], object]]


@pytest.fixture
def acts(app: Flask) -> Acts:
    """Everything once more, by a partner that has done it so often that all is prepared."""
    holder = Holder(app, sample_account(app))
    holder.logs_in()
    partner = Partner(app, holder, register(app, **REFRESHING))
    asks = {"ameli": {"introspects": True, "resource": API}}
    without = ("redirect_uris", "post_logout_redirect_uris", "scope", "client_name")
    api = dict.fromkeys((*without, "id_token_signed_response_alg"))
    server = Partner(app, holder, register(app, client_id="api", **asks, **api))
    for_api = partner.tokens(scope="openid", resource=API)["access_token"]
    tokens = partner.tokens(scope="openid profile email")
    query, codes = partner.request(), [partner.code() for _ in range(1 + TRIES)]
    return {
        "authorization": lambda: holder.client.get("/authorize", query_string=query),
        "code": lambda: partner.redeems(codes.pop()),
        "refresh": lambda: partner.refreshes(tokens["refresh_token"]),
        "userinfo": lambda: partner.userinfo(tokens["access_token"]),
        "introspection": lambda: server.introspects(for_api),
    }


@pytest.fixture
def cost(app: Flask, tmp_path: Path) -> Callable[[Callable[[], object]], int]:
    """Count what an act asks of the database, whoever asks it."""
    engine = app.extensions["broker"][Database].engine
    return (_statements if engine.dialect.name == "sqlite" else _round_trips)(engine, tmp_path)


def test_what_programs_ask_most_often_costs_no_more_than_it_has_to(app, acts, cost):
    database = app.extensions["broker"][Database].engine.dialect.name
    for act in acts.values():
        act()

    found = {name: min(cost(act) for _ in range(TRIES)) for name, act in acts.items()}

    assert found == {name: most[database] for name, most in COST.items()}


def _statements(engine: Engine, _: Path) -> Callable[[Callable[[], object]], int]:
    asked: list[str] = []
    event.listen(engine, "checkout", lambda lent, *_: lent.set_trace_callback(asked.append))

    def count(act: Callable[[], object]) -> int:
        asked.clear()
        act()
        return len(asked)

    return count


def _round_trips(engine: Engine, folder: Path) -> Callable[[Callable[[], object]], int]:
    trace = folder / "trace"
    written = os.open(trace, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    event.listen(engine, "checkout", lambda lent, *_: lent.pgconn.trace(written))
    event.listen(engine, "checkin", lambda lent, *_: lent.pgconn.untrace())

    def count(act: Callable[[], object]) -> int:
        os.truncate(trace, 0)
        act()
        return trace.read_text().count(ANSWERED)

    return count

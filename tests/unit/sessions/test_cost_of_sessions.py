"""What a session's cookie costs: one statement, whether it goes on or its end is told already."""

import pytest
from sqlalchemy import event

from broker.app import create_app
from broker.base.crypto import Secret
from broker.base.db import Database
from broker.sessions.sessions import Sessions
from tests.conftest import test_settings
from tests.support.partner import Holder, sample_account


@pytest.fixture
def app(sqlite_url, clock):
    made = create_app(test_settings(sqlite_url), clock=clock)
    yield made
    made.extensions["broker"][Database].engine.dispose()


@pytest.fixture
def asked(app):
    """What SQLite is asked, whoever asks it."""
    engine, statements = app.extensions["broker"][Database].engine, []
    event.listen(engine, "checkout", lambda lent, *_: lent.set_trace_callback(statements.append))
    return statements


def test_one_statement_finds_a_session_or_its_end_once_that_is_told(app, asked):
    holder, sessions = Holder(app, sample_account(app)), app.extensions["broker"][Sessions]
    holder.logs_in()
    cookie = Secret(holder.client.get_cookie("ameli_session").value)

    asked.clear()
    session = sessions.of(cookie)
    assert session is not None
    assert len(asked) == 1

    sessions.end(session, "cut")
    assert sessions.of(cookie) is None
    asked.clear()
    assert sessions.of(cookie) is None
    assert len(asked) == 1

    asked.clear()
    assert sessions.of(Secret("made-up")) is None
    assert len(asked) == 1

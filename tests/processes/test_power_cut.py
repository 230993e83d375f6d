"""A server process is killed around the commit of a creation: all of it is there, or nothing."""

import contextlib
import threading
import time
from collections.abc import Iterator

import psycopg
import pytest
import requests

from tests.support.account_holder import LINK
from tests.support.stack import Stack, wait_for

pytestmark = pytest.mark.processes
_SLOW = """
CREATE OR REPLACE FUNCTION slow_down() RETURNS trigger AS $$
BEGIN PERFORM pg_sleep(4); RETURN NULL; END $$ LANGUAGE plpgsql
"""
_TABLES = ("account", "account_consent", "mailed_link", "outgoing_mail", "audit_event")


@pytest.fixture
def database(stack: Stack) -> Iterator[psycopg.Connection]:
    url = stack.database_url.replace("postgresql+psycopg", "postgresql")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(_SLOW)
        yield connection
        for table in _TABLES:
            connection.execute(f"DROP TRIGGER IF EXISTS slow ON {table}")


def facts(database: psycopg.Connection) -> dict[str, int]:
    """Count what a creation adds."""
    counted = {}
    for table in ("account", "mailed_link"):
        row = database.execute(f"SELECT count(*) FROM {table}").fetchone()
        counted[table] = row[0] if row else 0
    row = database.execute(
        "SELECT count(*) FROM audit_event WHERE type = 'account.created'"
    ).fetchone()
    counted["event"] = row[0] if row else 0
    row = database.execute(
        "SELECT count(*) FROM outgoing_mail WHERE kind = 'activation'"
    ).fetchone()
    counted["mail"] = row[0] if row else 0
    return counted


def kill_during(stack: Stack, person) -> None:
    """Post the last form, and kill both servers while the database is held up."""
    form, browser = person.browser.forms[0], person.browser
    url = requests.compat.urljoin(browser.url, form.action)
    data, cookies = {**form.fields, **person.contact}, browser.http.cookies.get_dict()

    def post() -> None:
        with contextlib.suppress(requests.RequestException):
            requests.post(url, data=data, cookies=cookies, timeout=30)

    thread = threading.Thread(target=post)
    thread.start()
    time.sleep(1.5)
    for number in range(len(stack.backends)):
        stack.kill(f"server{number}")
    thread.join()


def restart(stack: Stack) -> None:
    for number, port in enumerate(stack.backends):
        stack.start_server(number, port)
        wait_for(f"http://localhost:{port}/health/ready")


@pytest.mark.parametrize("table", _TABLES)
def test_killed_before_the_commit_nothing_is_half_done(stack, database, newcomer, table):
    person = newcomer()
    person.reaches_contact()
    before = facts(database)
    database.execute(
        f"CREATE TRIGGER slow AFTER INSERT ON {table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION slow_down()"
    )

    kill_during(stack, person)

    database.execute(f"DROP TRIGGER slow ON {table}")
    time.sleep(4)
    assert facts(database) == before
    restart(stack)
    person.browser.submits(**person.contact)
    assert facts(database) == {name: number + 1 for name, number in before.items()}


def test_killed_during_the_commit_everything_is_there(stack, database, newcomer):
    person = newcomer()
    person.reaches_contact()
    before = facts(database)
    database.execute(
        "CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON account DEFERRABLE INITIALLY DEFERRED"
        " FOR EACH ROW EXECUTE FUNCTION slow_down()"
    )

    kill_during(stack, person)

    time.sleep(5)
    database.execute("DROP TRIGGER slow ON account")
    restart(stack)
    assert facts(database) == {name: number + 1 for name, number in before.items()}
    person.browser.opens(person.newest(LINK)).submits()
    assert "activé" in person.browser.text

"""Rows that somebody filled with what is no event: each page shows what is there, and says so."""

import json
from html import unescape

import pytest

from broker.audit.questions.every import SAVED
from broker.audit.sealing.sealer import Sealer
from broker.audit.store import EVENT
from broker.base.db import Database
from tests.support.commands import command
from tests.support.page_rules import broken_rules
from tests.unit.audit.test_garbage import BODIES, on_each
from tests.unit.console.timeline import REFERENCE, story

__all__ = ["story"]
pytestmark = pytest.mark.forges_events
WHERE = f"WHERE type = 'session.created' AND auth_event_id = '{REFERENCE}'"
WRONG_TYPES = [
    "body = replace(body, '\"eidas1\"', '{\"a\":1}')",
    "body = replace(body, '[\"pwd\"]', '7')",
    "body = replace(body, '\"success\"', '[]')",
    'body = replace(body, \'{"kind":"user"}\', \'"user"\')',
    "body = replace(body, '\"session_ref\":', '\"session\":')",
    'body = replace(body, \'"time":"2026\', \'"time":"yesterday\')',
]
DEEP = BODIES["a thousand doors"]
ANYWHERE = ["body = ''", f"body = '{DEEP}'", *WRONG_TYPES]
ON_SQLITE = ["body = CAST(x'ff' AS TEXT)", "time = 'yesterday'"]
ON_POSTGRESQL = ["time = 'infinity'"]
every_row = on_each(ANYWHERE, ON_SQLITE, ON_POSTGRESQL)
ASKED = {"indice": REFERENCE, "reseau": "203.0.113.0/24"}


@pytest.fixture
def written(app, story):  # noqa: ARG001 - the row is of that story
    """Return a function that writes into the row of the login's session, and tells its id."""

    def write(change: str) -> str:
        db: Database = app.extensions["broker"][Database]
        with db.transaction() as transaction:
            transaction.driver.execute(f"UPDATE audit_event SET {change} {WHERE}")
        return db.scalar(
            EVENT.select()
            .with_only_columns(EVENT.c.event_id)
            .where(EVENT.c.type == "session.created", EVENT.c.auth_event_id == REFERENCE)
        )

    return write


@every_row
def test_the_page_of_the_row_shows_what_is_there(alice, written, change):
    event_id = written(change)

    page = alice.opens(f"/audit/evenements/{event_id}")

    assert page.status_code == 200
    assert broken_rules(page.text) == []
    if change.startswith("body"):
        assert "Le service n'écrit rien de tel" in unescape(page.text)
    else:
        assert "session.created" in page.text


def test_what_is_there_is_shown_as_text(alice, written):
    event_id = written("body = '<script>alert(1)</script>'")

    page = alice.opens(f"/audit/evenements/{event_id}").text

    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert" not in page


def test_a_long_one_is_cut_and_a_sealed_one_is_told(app, alice, written):
    event_id = written(f"body = '{'x' * 5_000}'")
    assert (
        "Il y a encore 1000\u00a0caractères" in alice.opens(f"/audit/evenements/{event_id}").text
    )

    app.extensions["broker"][Sealer].seal()

    assert "scellée telle quelle" in alice.opens(f"/audit/evenements/{event_id}").text


@every_row
def test_lists_trees_and_questions_go_on_past_it(alice, written, change):
    event_id = written(change)

    pages = [
        alice.opens(f"/audit/evenements?terme={REFERENCE}"),
        alice.opens(f"/audit/lignee/arbre?indice={REFERENCE}&motif=alert&dossier=SOC-1"),
        alice.opens(f"/audit/lignee/arbre.json?indice={event_id}&motif=alert&dossier=SOC-1"),
    ]
    answered = {
        name: alice.client.get(f"/audit/questions/{name}", query_string=ASKED).status_code
        for name in ("connexions", *SAVED)
    }

    told = "audit.event.unreadable" if change.startswith("body") else "session.created"
    assert [page.status_code for page in pages] == [200, 200, 200]
    assert all(event_id in page.text for page in pages)
    assert told in pages[0].text
    assert told in pages[2].text
    assert {name for name, status in answered.items() if status != 200} == set()


@on_each(["body = 'gone'"], ["body = x'ff00'"], ["time = 'infinity'"])
def test_commands_go_on_past_it(written, database_url, change):
    written(change)
    environment = {"BROKER_PROFILE": "test", "BROKER_DATABASE_URL": database_url}

    found = command("audit", "search", REFERENCE, "--json", environment=environment)
    tree = command("audit", "lineage", REFERENCE, "--reason", "why", environment=environment)

    told = [json.loads(line)["type"] for line in found.stdout.splitlines()]
    expected = "audit.event.unreadable" if change.startswith("body") else "session.created"
    assert told == ["login.password.ok", expected]
    assert expected in tree.stdout

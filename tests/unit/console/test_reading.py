"""A page for each event, with its proof; each look is on record, without numbers."""

import pytest

from broker.audit.sealing.sealer import Sealer
from broker.audit.store import EVENT
from broker.base.db import Database
from broker.console.model import Role
from tests.support.page_rules import broken_rules
from tests.unit.console.timeline import REFERENCE, SESSION, story, types

__all__ = ["story", "types"]


@pytest.mark.usefixtures("story")
def test_an_event_waits_is_sealed_and_is_signed(app, alice, clock):
    sealer: Sealer = app.extensions["broker"][Sealer]
    sealer.seal()
    sealer.sign_when_due()
    clock.advance(seconds=1)
    alice.logs_in()
    found = alice.opens("/audit/evenements?type=console.login.ok").text
    path = f"/audit/evenements/{found.split('/audit/evenements/')[1][:36]}"
    assert "Pas encore scellé" in alice.opens(path).text

    sealer.seal()
    assert "le prochain point de contrôle" in alice.opens(path).text
    clock.advance(minutes=1)
    sealer.sign_when_due()
    clock.advance(minutes=1)
    sealer.sign_when_due()

    page = alice.opens(path).text
    assert "Scellé et signé" in page
    assert "numéro 2, signé le 02/03/2026" in page.replace("\u00a0", " ")


@pytest.mark.usefixtures("story")
def test_an_event_that_was_touched_is_told(app, alice):
    services = app.extensions["broker"]
    services[Sealer].seal()
    services[Sealer].sign_when_due()
    db = services[Database]
    event_id = db.scalar(EVENT.select().where(EVENT.c.client_id == "impots"))
    with db.transaction() as transaction:
        transaction.driver.execute(
            "UPDATE audit_event SET body = REPLACE(body, 'impots', 'autres')"
            f" WHERE event_id = '{event_id}'"
        )

    page = alice.opens(f"/audit/evenements/{event_id}").text

    assert "plus celui qui a été scellé" in page


@pytest.mark.usefixtures("story")
def test_the_page_of_an_event_shows_all_of_it_and_leads_on(app, alice):
    db = app.extensions["broker"][Database]
    event_id = db.scalar(EVENT.select().where(EVENT.c.type == "session.created"))

    page = alice.opens(f"/audit/evenements/{event_id}").text

    assert f'href="/audit/evenements?terme={SESSION}"' in page
    assert "02/03/2026, 12:00:03" in page
    assert "2026-03-02T11:00:03.000000Z" in page
    assert broken_rules(page) == []


def test_an_unknown_event_is_told(alice):
    answer = alice.opens("/audit/evenements/019ac5d2-0000-7000-8000-000000000000")

    assert answer.status_code == 404
    assert "Cet événement est introuvable" in answer.text


@pytest.mark.usefixtures("story")
def test_each_look_is_on_record_as_structure(alice, trail, clock):
    asked = (
        f"/audit/evenements?terme={REFERENCE}+mutuelle&client=impots&issue=failure",
        "/audit/evenements?type=session.&avant=019ac5d2-0000-7000-8000-000000000000",
    )

    for path in asked:
        clock.advance(seconds=1)
        alice.opens(path)

    first, second = trail("console.viewed")
    assert first["actor"] == {"kind": "analyst", "ref": "alice"}
    assert first["query"] == {
        "client": True,
        "outcome": "failure",
        "terms": [f"reference:{REFERENCE}", "other"],
    }
    assert (second["page"], second["query"]) == (
        "timeline",
        {"type": "session.", "direction": "older"},
    )


def test_pages_keep_the_rules(enrolled):
    analyst = enrolled(role=Role.INVESTIGATOR)
    paths = ["/audit", "/audit/evenements", "/audit/personne", "/audit/connexion"]

    pages = {path: analyst.opens(path) for path in paths}

    assert {path: page.status_code for path, page in pages.items()} == dict.fromkeys(paths, 200)
    assert [rule for page in pages.values() for rule in broken_rules(page.text)] == []

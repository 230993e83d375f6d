"""An event that went at the end of its time is not an unknown one, nor one that was deleted."""

import re
from datetime import UTC, datetime

import pytest

from broker.audit.log import AuditLog
from broker.audit.retention.purge import Purger
from broker.audit.sealing.sealer import Sealer
from broker.audit.store import EVENT
from broker.base.db import Database
from broker.sessions.events import PasswordRefused
from tests.support.page_rules import broken_rules


@pytest.fixture
def old(app, clock):
    """Return the id of an event of January 2025, sealed and signed."""
    services, now = app.extensions["broker"], clock.now
    clock.now = datetime(2025, 1, 15, 10, 0, tzinfo=UTC)
    services[AuditLog].record(PasswordRefused(subject="one", reason_code="password"))
    services[Sealer].seal()
    services[Sealer].sign_when_due()
    clock.now = now
    return services[Database].scalar(EVENT.select().where(EVENT.c.type == "login.password.failed"))


@pytest.fixture
def purged(app, old):
    assert app.extensions["broker"][Purger].purge() == 1
    return old


@pytest.fixture
def change(app):
    """Return a function that changes the database as its administrator can."""

    def changed(statement: str) -> None:
        with app.extensions["broker"][Database].transaction() as transaction:
            transaction.driver.execute(statement)

    return changed


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("&#39;", "'")


def test_its_page_says_when_it_went_and_that_its_proof_stays(purged, alice, trail):
    page = alice.opens(f"/audit/evenements/{purged}")

    assert page.status_code == 410
    said = plain(page.text)
    assert "Supprimé à l'échéance de conservation le 02/03/2026, " in said
    assert "la preuve d'intégrité subsiste" in said
    assert "numéro 1, signé le 15/01/2025" in said
    assert broken_rules(page.text) == []
    assert trail("console.viewed")[-1]["query"] == {"event_id": purged}


def test_its_page_leads_to_the_event_that_tells_of_it(purged, alice):
    page = alice.opens(f"/audit/evenements/{purged}").text

    (link,) = re.findall(
        r'<a href="([^"]+)">L&#39;événement qui le dit|<a href="([^"]+)">L\'év', page
    )

    told = alice.opens("".join(link))
    assert told.status_code == 200
    assert "audit.purge.done" in told.text


def test_a_search_for_it_leads_to_its_page(purged, alice):
    page = alice.opens(f"/audit/evenements?terme={purged}").text

    assert f'href="/audit/evenements/{purged}"' in page
    assert "n'y est plus" in plain(page)


def test_an_event_that_somebody_deleted_is_not_said_to_be_purged(old, alice, change):
    change(f"DELETE FROM audit_event WHERE event_id = '{old}'")

    page = alice.opens(f"/audit/evenements/{old}")

    assert page.status_code == 410
    assert "rien dans la piste ne le dit" in plain(page.text)
    assert "subsiste" not in page.text


def test_a_purge_that_somebody_else_wrote_is_not_believed(purged, alice, change):
    change("UPDATE audit_event SET mac = NULL WHERE type = 'audit.purge.done'")

    assert "rien dans la piste ne le dit" in plain(alice.opens(f"/audit/evenements/{purged}").text)


def test_a_leaf_that_was_altered_proves_nothing(app, purged, alice, change):
    hexed = (
        "X'00'" if app.extensions["broker"][Database].engine.dialect.name == "sqlite" else "'0'"
    )
    change(f"UPDATE audit_leaf SET hash = {hexed} WHERE event_id = '{purged}'")

    said = plain(alice.opens(f"/audit/evenements/{purged}").text)

    assert "n'est plus celle qui a été scellée" in said
    assert "subsiste" not in said


def test_an_event_that_never_was_stays_unknown(purged, alice):
    assert purged
    assert alice.opens("/audit/evenements/019ac5d2-0000-7000-8000-000000000000").status_code == 404
    page = alice.opens("/audit/evenements?terme=019ac5d2-0000-7000-8000-000000000000").text
    assert "n'y est plus" not in plain(page)

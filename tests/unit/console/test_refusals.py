"""What is refused within the console is told in its own frame."""

import pytest

from broker.app import create_app
from tests.conftest import test_settings
from tests.support.page_rules import broken_rules
from tests.unit.console.test_console_host import CONSOLE, PEOPLE, apart

__all__ = ["apart"]
FOOTER = "chaque connexion et chaque consultation sont enregistrées"
MENU = 'aria-label="Console"'


@pytest.mark.parametrize(
    ("path", "status"), [("/audit/inconnue", 404), ("/audit/evenements/%00", 400)]
)
def test_an_unknown_address_keeps_the_menu_of_whoever_is_logged_in(alice, path, status):
    page = alice.opens(path)

    assert page.status_code == status
    assert MENU in page.text
    assert FOOTER in page.text
    assert 'href="/audit">Continuer dans la console' in page.text
    assert broken_rules(page.text) == []


def test_a_stranger_gets_the_frame_without_a_menu(client):
    page = client.get("/audit/inconnue")

    assert page.status_code == 404
    assert FOOTER in page.text
    assert MENU not in page.text


def test_another_method_and_a_forged_form_are_told_there_too(alice):
    other = alice.client.put("/audit/connexion")
    forged = alice.client.post("/audit/recherche", data={"terme": "x"})

    assert other.status_code == 405
    assert set(other.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS", "POST"}
    assert forged.status_code == 400
    assert FOOTER in other.text
    assert FOOTER in forged.text


def test_too_many_requests_are_told_there_too(sqlite_url, clock):
    busy = create_app(test_settings(sqlite_url, BROKER_LIMIT_ADDRESS_COUNT="3"), clock=clock)
    client = busy.test_client()

    *_, stopped = (client.get("/audit/connexion") for _ in range(4))

    assert stopped.status_code == 429
    assert FOOTER in stopped.text
    assert MENU not in stopped.text
    assert "Vous pourrez réessayer" in stopped.text
    assert stopped.headers["Retry-After"]
    assert broken_rules(stopped.text) == []


def test_insured_people_keep_their_own_frame(client, apart):
    assert FOOTER not in client.get("/inconnue").text
    assert FOOTER not in apart.get("/audit/inconnue", base_url=PEOPLE).text
    assert FOOTER in apart.get("/connexion", base_url=CONSOLE).text

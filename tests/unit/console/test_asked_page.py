"""Who opens a page of the console without a session lands there after the login."""

import re

import pytest

from broker.console.asked_page import asked

OURS = [
    "/audit/alertes?etat=vues",
    "/audit/evenements?terme=2001:db8::7&debut=27/11/2026+14:05",
    "/audit/evenements/019ac0de-0000-7000-8000-000000000000",
    "/audit/questions/codes_guessed?seuil=4",
    "/audit/coupures/K7TP-4WQD-2M",
    "/audit/lignee/arbre.json?indice=K7TP-4WQD-2M&motif=alert&dossier=S-1",
]
NOT_OURS = [
    "",
    "/audit",
    "/audit/",
    "https://ailleurs.example/audit/alertes",
    "//ailleurs.example/audit/alertes",
    "/\\ailleurs.example/audit/alertes",
    "/audit//ailleurs.example",
    "/audit/alertes/..",
    "/audit/alertes/../../mon-compte",
    "/audit/%2e%2e/mon-compte",
    "/audit/alertes/",
    "/audit/alertes#ailleurs",
    "/audit/alertes\n",
    "/audit/alertes?etat=vues\r\nSet-Cookie: a=b",
    "/audit/alertes?" + "a" * 1_001,
    " /audit/alertes",
    "javascript:alert(1)",
    "/audit/nulle-part",
    "/audit/connexion",
    "/audit/invitation",
    "/audit/reste",
    "/audit/deconnexion",
    "/audit/recherche",
    "/mon-compte/recus",
]


def carried(page) -> list[str]:
    return re.findall(r'name="vers" value="([^"]+)"', page.text.replace("&amp;", "&"))


@pytest.mark.parametrize("address", OURS)
def test_the_login_goes_on_to_the_page_asked_after_a_wrong_code_too(alice, address):
    away = alice.elsewhere()
    shown = away.opens(away.opens(address).location)
    (towards,) = carried(shown)

    refused = away.logs_in(code="000000", vers=towards)
    (again,) = carried(refused)

    assert refused.status_code == 422
    assert away.logs_in(vers=again).location == address
    assert away.is_in()


@pytest.mark.parametrize("address", NOT_OURS)
def test_no_other_address_is_carried(app, address):
    with app.test_request_context("/audit/connexion"):
        assert asked(address) is None


@pytest.mark.parametrize(
    "address", ["//ailleurs.example/audit/alertes", "/audit/deconnexion", "/audit/alertes\n"]
)
def test_a_login_goes_nowhere_but_to_a_page_behind_it(alice, address):
    away = alice.elsewhere()
    page = away.client.get("/audit/connexion", query_string={"vers": address})

    assert carried(page) == []
    assert away.logs_in(vers=address).location == "/audit"


def test_the_role_is_asked_of_the_page_as_ever(alice, trail):
    answer = alice.elsewhere().logs_in(vers="/audit/coupures")

    assert answer.location == "/audit/coupures"
    assert alice.opens("/audit/coupures").status_code == 403
    assert len(trail("console.refused")) == 1


def test_what_was_posted_without_a_session_is_not_carried(alice):
    assert alice.elsewhere().posts("/audit/coupures", genre="everybody").status_code == 401


@pytest.mark.parametrize("page", ["/audit/alertes", "/mon-compte/recus"])
def test_bytes_that_are_no_text_lead_to_the_login_all_the_same(client, page):
    answer = client.get(page, environ_overrides={"QUERY_STRING": "a=\xff"})

    assert answer.status_code == 303
    assert "vers" not in answer.location

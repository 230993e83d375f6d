"""The statement that French law asks of a public service, and the way to it."""

import re

import pytest

PARTS = [
    "État de conformité",
    "Résultats des tests",
    "Contenus non accessibles",
    "Établissement de cette déclaration",
    "Retour d'information et contact",
    "Voies de recours",
]


def test_the_statement_has_its_legal_parts_in_their_order(client):
    page = client.get("/accessibilite").text

    assert re.findall("<h2>(.+?)</h2>", page) == PARTS


def test_nothing_is_claimed_that_nobody_outside_has_judged(client):
    page = client.get("/accessibilite").text

    assert "<strong>non conforme</strong>" in page
    assert "aucun audit" in page
    assert "partiellement conforme" not in page
    assert "totalement conforme" not in page


def test_whoever_gets_no_answer_is_told_of_the_defenseur_des_droits(client):
    page = client.get("/accessibilite").text

    assert 'href="https://formulaire.defenseurdesdroits.fr/"' in page
    assert "Libre réponse 71120" in page


@pytest.mark.parametrize("path", ["/", "/connexion", "/app", "/nulle-part", "/accessibilite"])
def test_every_page_says_the_state_and_leads_to_the_statement(client, path):
    page = client.get(path).text

    assert '<a href="/accessibilite">Accessibilité\xa0: non conforme</a>' in page

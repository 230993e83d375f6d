"""Pages met when something is missing, over or refused: each whole, none a dead end."""

import base64
import hashlib
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.support.inspection import Inspector
from tests.support.person import Person
from tests.support.places import ROOT

UNTOUCHED = {
    "/": "compte ameli",
    "/accessibilite": "Défenseur des droits",
    "/connexion": "J'ai déjà un compte",
    "/creation-compte/conditions-detaillees": "Conditions",
    "/creation-compte/renvoyer": "Date de naissance",
    "/creation-compte/renvoyer/envoye": "message",
    "/mot-de-passe-oublie": "Date de naissance",
    "/mot-de-passe-oublie/envoye": "message",
    "/mot-de-passe-change": "mot de passe",
    "/adresse-e-mail-confirmee": "adresse",
    "/compte-active": "activé",
    "/app/compte-active": "activé",
    "/compte-ferme": "fermé",
    "/deconnecte": "déconnecté",
}
REFUSED = {
    "/nulle-part": 404,
    "/activation": 410,
    "/nouveau-mot-de-passe": 410,
    "/adresse-e-mail": 410,
    "/pas-moi": 410,
    "/connexion/code": 410,
    "/authorize": 400,
    "/authorize?client_id=inconnu&response_type=code": 400,
    "/authorize/suite?demande=inconnue": 400,
    "/franceconnect/callback": 400,
    "/franceconnect/callback?error=access_denied&state=inconnu": 400,
    "/end-session?id_token_hint=faux": 400,
    "/creation-compte/carte": 409,
    "/creation-compte/conditions": 409,
}
EMPTY = {
    "/connexion": "Se connecter",
    "/creation-compte": "CONTINUER",
    "/creation-compte/renvoyer": "Recevoir le message",
    "/mot-de-passe-oublie": "Recevoir le lien",
}
SIZES = pytest.mark.parametrize("mobile", [False, True], ids=["desktop", "mobile"])


@SIZES
def test_pages_that_nobody_acted_on(newcomer: Callable[..., Person], *, mobile: bool) -> None:
    person = newcomer(mobile=mobile)

    for path, said in UNTOUCHED.items():
        person.opens(path)

        person.sees(said)


@SIZES
def test_pages_that_refuse_show_a_way_on(newcomer: Callable[..., Person], *, mobile: bool) -> None:
    person = newcomer(mobile=mobile)

    for path, status in REFUSED.items():
        answer = person.page.goto(person.stack.url("broker") + path)

        assert (path, answer.status if answer else None) == (path, status)
        expect(person.page.locator("main").locator("a, button").first).to_be_visible()
        person.sees("")


@SIZES
def test_the_page_of_the_proxy_when_no_node_answers(
    newcomer: Callable[..., Person], inspector: Inspector, *, mobile: bool
) -> None:
    page = newcomer(mobile=mobile).page

    page.goto((ROOT / "templates/errors/indisponible.html").as_uri())

    expect(page.locator("h1")).to_have_text("Le service est momentanément indisponible")
    inspector.look(page)


def test_the_proxy_lets_the_styles_of_its_page_through_and_no_others() -> None:
    page = (ROOT / "templates/errors/indisponible.html").read_text(encoding="utf-8")
    (styles,) = re.findall("<style>(.*?)</style>", page, re.DOTALL)

    digest = base64.b64encode(hashlib.sha256(styles.encode()).digest()).decode()

    assert f"style-src 'sha256-{digest}';" in (ROOT / "deploy/nginx.conf").read_text()


@SIZES
def test_a_form_sent_empty_says_what_is_missing(
    newcomer: Callable[..., Person], *, mobile: bool
) -> None:
    person = newcomer(mobile=mobile)

    for path, button in EMPTY.items():
        person.opens(path)
        person.clicks(button)

        expect(person.page.locator("#erreurs")).to_be_focused()
        person.sees("informations sont à corriger")

"""A security analyst: invited, through the application's code, to an event and a person."""

import re
from collections.abc import Callable
from hashlib import sha256
from itertools import count

import pyotp
import pytest
from playwright.sync_api import expect

from tests.support.analyst import begins, waits_for_another_code
from tests.support.people import without_account
from tests.support.person import PASSWORD, Person

TOKEN = "-Rk3" * 10 + "abc"
pytestmark = pytest.mark.journey
_numbers = count(1)
SIZES = pytest.mark.parametrize("mobile", [False, True], ids=["desktop", "mobile"])


@SIZES
def test_an_analyst_begins_searches_and_leaves(
    newcomer: Callable[..., Person], *, mobile: bool
) -> None:
    analyst, name = newcomer(mobile=mobile), f"analyste-{next(_numbers)}"
    page = analyst.page
    totp, used = begins(analyst, name)

    analyst.clicks("Me déconnecter")
    analyst.opens("/audit/alertes?etat=vues")
    analyst.clicks("Se connecter")
    analyst.sees("Saisissez votre identifiant")
    code = waits_for_another_code(page, totp, used)
    analyst.fills(identifiant=name, mot_de_passe=PASSWORD, code=code)
    analyst.clicks("Se connecter")
    analyst.sees("Alertes prises en compte")

    page.get_by_role("link", name="Piste", exact=True).click()
    page.get_by_text("Affiner la recherche").click()
    analyst.fills(type="console.login", debut="hier")
    analyst.clicks("Rechercher dans la piste")
    analyst.sees("Écrivez la date")
    analyst.fills(debut="")
    analyst.answers(issue="success")
    analyst.clicks("Rechercher dans la piste")
    analyst.sees("console.login.ok")
    page.get_by_role("link", name=re.compile("console.login.ok")).first.click()
    analyst.sees("Preuve")
    analyst.sees(name)


@SIZES
def test_a_person_is_looked_up_by_number(newcomer: Callable[..., Person], *, mobile: bool) -> None:
    analyst, name = newcomer(mobile=mobile), f"analyste-{next(_numbers)}"
    page = analyst.page
    begins(analyst, name)

    page.get_by_role("link", name=re.compile("Rechercher une personne")).click()
    analyst.clicks("Rechercher cette personne")
    analyst.sees("Choisissez le motif")
    analyst.fills(numero=next(without_account()).nir, dossier="SOC-2026-118")
    page.get_by_label("Alerte de sécurité").check()
    analyst.clicks("Rechercher cette personne")

    analyst.sees("Événements qui portent")
    analyst.sees("console.person.looked_up")


@SIZES
def test_saved_questions_are_answered_and_logins_drawn(
    newcomer: Callable[..., Person], *, mobile: bool
) -> None:
    analyst, name = newcomer(mobile=mobile), f"analyste-{next(_numbers)}"
    analyst.opens("/connexion")  # a login that fails is drawn
    analyst.fills(nir=next(without_account()).nir, mot_de_passe=PASSWORD)
    analyst.clicks("Se connecter")
    begins(analyst, name)

    analyst.page.get_by_role("link", name=re.compile("Questions enregistrées")).click()
    analyst.sees("Chez quels services")
    analyst.page.get_by_role("link", name=re.compile("À quels services combien")).click()
    analyst.sees("Montrer la réponse")
    analyst.page.get_by_role("link", name="Toutes les questions enregistrées").click()
    analyst.page.get_by_role("link", name=re.compile("Combien de connexions")).click()
    analyst.page.get_by_text("Les nombres de ce dessin").click()
    analyst.sees("Réussies")


@SIZES
def test_a_pasted_token_is_hashed_here_and_its_lineage_drawn(
    newcomer: Callable[..., Person], *, mobile: bool
) -> None:
    analyst, name = newcomer(mobile=mobile), f"analyste-{next(_numbers)}"
    page, sent = analyst.page, []
    begins(analyst, name)
    page.on("request", lambda request: sent.append((request.url, request.post_data or "")))

    page.get_by_role("link", name=re.compile("Tout ce qui découle")).click()
    page.get_by_text("Je n'ai que le jeton").click()
    page.get_by_label("Jeton ou code, tel quel").fill(TOKEN)
    expect(page.locator("#indice")).to_have_value(sha256(TOKEN.encode()).hexdigest()[:32])
    page.get_by_label("Contrôle interne").check()
    analyst.fills(dossier="SOC-2026-118")
    analyst.clicks("Montrer la lignée")

    analyst.sees("La piste ne connaît pas cet identifiant")
    assert any("/audit/lignee/arbre" in url for url, _ in sent)
    assert [request for request in sent if TOKEN in "".join(request)] == []


def test_a_lineage_is_read_with_the_keyboard_on_a_narrow_screen(
    newcomer: Callable[..., Person],
) -> None:
    analyst, name = newcomer(mobile=True), f"analyste-{next(_numbers)}"
    page = analyst.page
    begins(analyst, name)
    page.set_viewport_size({"width": 320, "height": 640})
    analyst.opens("/audit/evenements?type=console.invitation")
    page.get_by_role("link", name=re.compile("console.invitation")).first.click()
    page.get_by_role("link", name="Ce qui découle de la même connexion").click()
    page.get_by_label("Contrôle interne").check()
    analyst.fills(dossier="SOC-2026-118")
    analyst.clicks("Montrer la lignée")
    analyst.sees("Chaque ligne mène à son événement")

    page.locator(".scrolls").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    analyst.sees("Preuve")


def test_a_search_is_made_with_the_keyboard_alone_and_without_a_script(
    newcomer: Callable[..., Person],
) -> None:
    analyst = newcomer(javascript=False)
    page, name = analyst.page, f"analyste-{next(_numbers)}"
    page.goto(analyst.stack.command("console", "add-user", name, "--role", "reader").strip())
    totp = pyotp.TOTP(page.locator(".secret").inner_text().replace(" ", ""))
    analyst.fills(mot_de_passe=PASSWORD, mot_de_passe_confirmation=PASSWORD, code=totp.now())
    page.keyboard.press("Enter")
    expect(page.locator("#terme")).to_be_visible()

    page.locator("h1").focus()
    page.keyboard.press("Tab")
    expect(page.locator("#terme")).to_be_focused()
    page.keyboard.type("partenaire-exemple")
    page.keyboard.press("Enter")

    expect(page.locator("main")).to_contain_text("Événements qui portent")
    expect(page.locator("main")).not_to_contain_text("Rechercher une personne")

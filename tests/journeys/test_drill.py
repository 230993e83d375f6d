"""A drill: a code, a refresh token and a password are stolen; from alert to cut to proof."""

import re
from collections.abc import Callable
from dataclasses import replace
from itertools import count, islice
from typing import Any

import pytest
from playwright.sync_api import expect

from broker.base.clock import pause
from tests.support.account_holder import AccountHolder
from tests.support.analyst import begins
from tests.support.partner import PUBLIC, REFRESHING, a_registration
from tests.support.people import without_account
from tests.support.person import PASSWORD, Person
from tests.support.remote_partner import RemotePartner
from tests.support.stack import Stack

pytestmark = pytest.mark.journey
_LOOKS = 40  # seconds: a worker seals, then looks for what the rules describe
_GRACE = 11  # seconds: until then whoever lost the answer gets it again
_victims = islice(without_account(), 90, None)
_names = count(1)


@pytest.fixture(scope="module")
def partners(stack: Stack) -> dict[str, dict[str, Any]]:
    documents = {
        "exercice-service": REFRESHING,
        "exercice-application": PUBLIC,
        "exercice-nouveau": REFRESHING,
    }
    registered = {name: a_registration(client_id=name, **of) for name, of in documents.items()}
    for document in registered.values():
        stack.register(document)
    return registered


@pytest.fixture
def victim(stack: Stack) -> AccountHolder:
    """Somebody who is logged in, in a browser of their own."""
    insured = next(_victims)
    person = AccountHolder(stack, insured, f"exercice{insured.nir}@exemple.fr")
    person.creates_account()
    person.browser.opens("/connexion")
    person.logs_in()
    return person


@pytest.fixture
def responder(newcomer: Callable[..., Person]) -> Person:
    analyst = newcomer()
    begins(analyst, f"intervention-{next(_names)}", "responder")
    return analyst


def reads_alert(analyst: Person, title: str) -> None:
    """Open the newest alert of that rule, once there is one."""
    link = analyst.page.get_by_role("link", name=re.compile(title)).first
    for _ in range(_LOOKS):
        analyst.opens("/audit/alertes")
        if link.count():
            break
        pause(1)
    link.click()
    analyst.sees("Événements")


def cuts(analyst: Person, what: str) -> None:
    """Cut what the present page names, and come to the proof."""
    analyst.page.get_by_role("link", name=re.compile(f"^Couper : {what}")).first.click()
    analyst.sees("rien n'a été coupé")
    analyst.fills(raison="Exercice : un vol est en cours")
    analyst.clicks("Je coupe maintenant")
    analyst.sees("Preuve de l'effet")


def counted(analyst: Person, what: str) -> list[str]:
    """Return what held before the cut, after it, and now."""
    row = analyst.page.get_by_role("row", name=re.compile(what))
    return row.get_by_role("cell").all_inner_texts()


def test_a_stolen_code_is_replayed_and_its_login_is_ended(victim, partners, responder, stack):
    partner = RemotePartner(stack, partners["exercice-service"], victim)
    form = partner.code()
    _, tokens = partner.calls("/token", form)
    assert partner.calls("/token", form)[1]["error"] == "invalid_grant"

    reads_alert(responder, "Code d'autorisation rejoué")
    responder.page.get_by_role("link", name=re.compile("code.replayed")).first.click()
    responder.sees("Couper maintenant")
    cuts(responder, "une connexion")

    assert counted(responder, "Sessions ouvertes") == ["1", "0", "0"]
    responder.page.get_by_role("link", name=re.compile("cut.done")).click()
    responder.sees("Preuve")
    assert partner.userinfo(tokens["access_token"]) == 401
    assert "/connexion" in victim.browser.opens("/mon-compte").url


def test_a_stolen_refresh_token_stands_in_the_lineage_as_replayed(
    victim, partners, responder, stack
):
    partner = RemotePartner(stack, partners["exercice-application"], victim)
    stolen = partner.tokens()["refresh_token"]
    _, renewed = partner.refreshes(stolen)
    pause(_GRACE)
    assert partner.refreshes(stolen)[1]["error"] == "invalid_grant"

    reads_alert(responder, "Jeton de rafraîchissement réutilisé")
    responder.page.get_by_role("link", name=re.compile("refresh.reuse")).first.click()
    responder.page.get_by_role("link", name="Ce qui découle de la même connexion").click()
    responder.page.get_by_label("Alerte de sécurité").check()
    responder.fills(dossier="SOC-2026-118")
    responder.clicks("Montrer la lignée")

    expect(responder.page.locator("main")).to_contain_text("REJEU")
    assert partner.userinfo(renewed["access_token"]) == 401


def test_a_phished_account_is_shut_to_the_thief_everywhere(victim, partners, responder, stack):
    RemotePartner(stack, partners["exercice-service"], victim).code()
    # Elsewhere, in another browser; the code was given away on a page like ours.
    thief = replace(victim, source="127.0.0.66")
    thief.browser.opens("/connexion")
    thief.logs_in()
    browser = thief.browser.opens("/mon-compte/mot-de-passe")
    browser.submits(
        form=browser.form_with("mot_de_passe_confirmation"),
        mot_de_passe_actuel=PASSWORD,
        mot_de_passe="Cerises&Piano9",
        mot_de_passe_confirmation="Cerises&Piano9",
    )
    loot = RemotePartner(stack, partners["exercice-nouveau"], thief)
    tokens = loot.tokens()

    reads_alert(responder, "puis nouveau service")
    responder.page.get_by_role("link", name=re.compile("code.issued")).last.click()
    responder.sees("Couper maintenant")
    cuts(responder, "une personne, partout")

    assert counted(responder, "Sessions ouvertes")[1:] == ["0", "0"]
    assert counted(responder, "Autorisations en cours")[1:] == ["0", "0"]
    assert loot.userinfo(tokens["access_token"]) == 401
    assert "/connexion" in browser.opens("/mon-compte").url

    reads_alert(responder, "puis nouveau service")
    responder.fills(note="Exercice : compte rendu à son titulaire")
    responder.clicks("Prendre en compte cette alerte")
    responder.sees("Prise en compte")

"""FranceConnect is tied to an existing account, given up at each step, replaced and untied."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.support.people import Insured, at_franceconnect
from tests.support.person import PASSWORD, Person

BUTTON = "S'identifier avec FranceConnect"
OFFER = "Relier FranceConnect à votre compte ameli"
CITIZENS = [("prénom_composé", "HUCHE", True), ("nom_composé", "TROIS-DUPRE", False)]


def creates_account(person: Person, insured: Insured) -> None:
    person.gives_identity(**insured.identity)
    person.gives_proofs(insured.iban7, insured.vitale11)
    person.completes_creation()
    person.activates()


def chooses_franceconnect(person: Person, login: str) -> None:
    """Go to FranceConnect, which may know already who sits at this browser."""
    person.opens("/connexion")
    person.clicks(BUTTON)
    person.page.wait_for_url(re.compile("/interaction/"))
    if person.page.url.endswith("/information"):
        person.continues_from_franceconnect()
    else:
        person.identifies_at_franceconnect(login)


def logs_out_everywhere(person: Person) -> None:
    """Leave the account, then FranceConnect, and wait until that is over."""
    person.clicks("Me déconnecter")
    person.page.wait_for_url(re.compile("/deconnecte$"))


def proves_themselves(person: Person, insured: Insured) -> None:
    person.fills(nir=insured.nir, mot_de_passe=PASSWORD)
    person.clicks("Continuer")


def gives_code(person: Person, received: int) -> None:
    person.fills(code=person.newest_code(received))
    person.clicks("Valider le code et relier FranceConnect")


def is_logged_out(person: Person) -> None:
    person.opens("/mon-compte")
    expect(person.page.locator("main [name=mot_de_passe]")).to_be_visible()


def gives_up_at_each_step(person: Person, login: str, insured: Insured) -> None:
    chooses_franceconnect(person, login)
    person.sees(OFFER)
    person.clicks("Annuler")
    is_logged_out(person)

    chooses_franceconnect(person, login)
    proves_themselves(person, insured)
    person.newest_code(1)
    person.clicks("Annuler")
    is_logged_out(person)


@pytest.mark.parametrize(("login", "birth_name", "javascript"), CITIZENS)
def test_ties_gives_up_and_unties(
    newcomer: Callable[..., Person], login: str, birth_name: str, *, javascript: bool
) -> None:
    insured = at_franceconnect(birth_name)
    person = newcomer(javascript=javascript, mobile=not javascript)
    creates_account(person, insured)

    gives_up_at_each_step(person, login, insured)
    chooses_franceconnect(person, login)
    proves_themselves(person, insured)
    gives_code(person, 2)
    person.sees("FranceConnect est relié à votre compte")

    person.page.get_by_role("link", name="Ne plus relier FranceConnect").click()
    person.page.get_by_role("link", name="Garder FranceConnect").click()
    person.sees("FranceConnect est relié à votre compte")
    logs_out_everywhere(person)
    chooses_franceconnect(person, login)
    person.sees("Bienvenue !")

    person.page.get_by_role("link", name="Ne plus relier FranceConnect").click()
    person.clicks("Ne plus relier FranceConnect")
    person.sees("FranceConnect n'est pas relié à votre compte")


def test_an_identity_that_changed_at_franceconnect_is_proved_again(
    newcomer: Callable[..., Person],
) -> None:
    insured, person = at_franceconnect("DUBIGNOT"), newcomer(javascript=False)
    creates_account(person, insured)
    chooses_franceconnect(person, "plusieurs_prénoms_3")
    proves_themselves(person, insured)
    gives_code(person, 1)
    logs_out_everywhere(person)

    person.stack.renew_subs()
    chooses_franceconnect(person, "plusieurs_prénoms_3")
    person.sees(OFFER)
    proves_themselves(person, insured)
    gives_code(person, 2)

    person.sees("FranceConnect est relié à votre compte")
    reasons = [event["reason_code"] for event in person.stack.events("--type", "fc.linked")]
    assert reasons.count("changed") == 1

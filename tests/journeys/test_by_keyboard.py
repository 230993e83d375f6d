"""From nothing to the partner's page without a mouse: Tab, Enter, Space, the focus in sight."""

from collections.abc import Callable
from dataclasses import replace
from itertools import islice

import pytest
from playwright.sync_api import Locator

from tests.support.keyboard import Keyboard
from tests.support.people import Insured, without_account
from tests.support.person import PASSWORD, Person

# What a browser does with keys does not depend on the database.
pytestmark = [
    pytest.mark.journey,
    pytest.mark.parametrize("stack", ["sqlite"], indirect=True),
]


@pytest.fixture
def insured() -> Insured:
    return next(islice(without_account(), 70, None))


@pytest.fixture
def person(newcomer: Callable[..., Person]) -> Person:
    """Somebody whose pages move by themselves as little as their keys ask; others inspect them."""
    person = replace(newcomer(), inspector=None)
    person.page.emulate_media(reduced_motion="reduce")
    return person


@pytest.fixture
def keys(person: Person) -> Keyboard:
    return Keyboard(person.page)


def title(person: Person, text: str) -> Locator:
    return person.page.get_by_role("heading", level=1, name=text)


def sends_the_form_empty_and_follows_the_first_error(person: Person, keys: Keyboard) -> None:
    keys.goes_to("CONTINUER")
    keys.presses("Enter")
    keys.starts_at(person.page.locator("#erreurs"))
    keys.goes_to("Saisissez votre nom")
    keys.presses("Enter")
    keys.starts_at(person.page.locator("#nom"))


def identifies(keys: Keyboard, insured: Insured) -> None:
    """Begin in the first field."""
    keys.types(insured.nom)
    keys.goes_to("Mon n° de sécurité sociale")
    keys.types(insured.nir)
    keys.goes_to("Ma date de naissance")
    keys.types(insured.date_naissance)
    keys.goes_to("Mon code postal")
    keys.types(insured.code_postal)
    keys.presses("Enter")


def proves(keys: Keyboard, insured: Insured) -> None:
    keys.goes_to("Saisissez les 7 derniers chiffres")
    keys.types("0000000")
    keys.goes_to("Saisissez les 11 derniers chiffres")
    keys.types(insured.vitale11)
    keys.goes_to("Saisissez les 7 derniers chiffres", back=True)
    keys.types(insured.iban7)  # the first go is selected, so this replaces it
    keys.presses("Enter")


def accepts_the_terms(keys: Keyboard) -> None:
    keys.goes_to("Vous déclarez avoir lu")
    keys.presses("Space")
    keys.goes_to("Passer à l'étape suivante")
    keys.presses("Enter")


def chooses_a_password(keys: Keyboard) -> None:
    keys.goes_to("Nouveau mot de passe")
    keys.types(PASSWORD)
    keys.goes_to("Afficher le mot de passe")
    keys.presses("Space")
    keys.goes_to("Confirmer le mot de passe")
    keys.types(PASSWORD)
    keys.presses("Enter")


def gives_contact(keys: Keyboard, email: str) -> None:
    for field in ("Votre adresse mail", "Confirmer votre adresse mail"):
        keys.goes_to(field)
        keys.types(email)
    for _ in ("e-mail", "téléphone", "SMS"):
        keys.goes_to("Oui")
        keys.presses("Space")
    keys.goes_to("Valider et créer votre compte ameli")
    keys.presses("Enter")


def creates_account(person: Person, keys: Keyboard, insured: Insured) -> None:
    person.opens("/creation-compte")
    keys.skips_the_head()
    sends_the_form_empty_and_follows_the_first_error(person, keys)
    identifies(keys, insured)
    keys.starts_at(title(person, "JE CRÉE MON COMPTE AMELI"))
    proves(keys, insured)
    keys.starts_at(title(person, "Création du compte ameli"))
    accepts_the_terms(keys)
    keys.starts_at(title(person, "Mot de passe"))
    chooses_a_password(keys)
    keys.starts_at(title(person, "Vos informations"))
    gives_contact(keys, person.email)
    keys.starts_at(title(person, "Consultez votre messagerie"))


def activates(person: Person, keys: Keyboard) -> None:
    person.page.goto(person.newest_link())
    keys.goes_to("J'active mon compte")
    keys.presses("Enter")
    keys.starts_at(title(person, "Votre compte ameli est activé"))


def logs_in_at_the_partner(person: Person, keys: Keyboard, insured: Insured) -> None:
    person.page.goto(person.stack.url("partner"))
    keys.goes_to("Se connecter avec le compte ameli")
    keys.presses("Enter")
    title(person, "Connexion à mon compte ameli").wait_for()
    keys.goes_to("Numéro de sécurité sociale")
    keys.types(insured.nir)
    keys.goes_to("Votre mot de passe")
    keys.types(PASSWORD)
    keys.presses("Enter")
    keys.starts_at(title(person, "Saisissez votre code de sécurité"))
    keys.goes_to("Code de sécurité")
    keys.types(person.newest_code())
    keys.presses("Enter")
    keys.starts_at(title(person, "Continuer vers Partenaire d'exemple"))
    keys.goes_to("Continuer vers Partenaire d'exemple")
    keys.presses("Enter")


def test_creates_an_account_and_enters_the_partner_by_keys_alone(
    person: Person, keys: Keyboard, insured: Insured
) -> None:
    creates_account(person, keys, insured)
    activates(person, keys)
    logs_in_at_the_partner(person, keys, insured)

    person.sees(insured.nom)


def test_on_a_telephone_held_sideways_every_stop_is_in_sight(
    person: Person, keys: Keyboard
) -> None:
    person.page.set_viewport_size({"width": 640, "height": 320})

    for path in ("/connexion", "/creation-compte", "/app/connexion", "/app/preparation"):
        person.opens(path)

        assert keys.sees_every_stop() >= 5

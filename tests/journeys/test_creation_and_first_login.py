"""The main job: an account in minutes, then a partner site with it, both ways."""

import time
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.support.people import Insured, without_account
from tests.support.person import Person
from tests.support.stack import Stack

pytestmark = pytest.mark.journey
_people = {"sqlite": without_account(), "postgresql": without_account()}


@pytest.fixture
def insured(stack: Stack) -> Insured:
    return next(_people[stack.database_url.split(":")[0].split("+")[0]])


def creates_account(person: Person, insured: Insured) -> None:
    person.gives_identity(**insured.identity)
    person.gives_proofs(insured.iban7, insured.vitale11)
    person.completes_creation()
    person.activates()


@pytest.mark.parametrize("javascript", [True, False], ids=["with-js", "without-js"])
def test_creates_an_account_by_card_and_opens_the_partner(
    newcomer: Callable[..., Person], insured: Insured, javascript: bool
) -> None:
    person = newcomer(javascript=javascript)
    started = time.monotonic()

    creates_account(person, insured)
    person.opens("/connexion")
    person.logs_in(insured.nir)
    person.gives_code()
    expect(person.page).to_have_url(f"{person.stack.url('broker')}/mon-compte")
    person.page.goto(person.stack.url("partner"))
    person.clicks("Se connecter avec le compte ameli")
    person.agrees()

    person.sees(insured.nom)
    person.sees("eidas1")
    assert time.monotonic() - started < 120


def test_logs_in_for_the_first_time_at_the_partner(
    newcomer: Callable[..., Person], insured: Insured
) -> None:
    person = newcomer(mobile=True)
    creates_account(person, insured)

    person.page.goto(person.stack.url("partner"))
    person.clicks("Se connecter avec le compte ameli")
    person.logs_in(insured.nir)
    person.gives_code()
    person.agrees()

    person.sees(insured.nom)
    person.clicks("Se déconnecter")
    person.sees("Vous êtes déconnecté")


def test_stops_sharing_with_the_partner_and_is_asked_again(
    newcomer: Callable[..., Person], insured: Insured
) -> None:
    person = newcomer()
    creates_account(person, insured)
    person.page.goto(person.stack.url("partner"))
    person.clicks("Se connecter avec le compte ameli")
    person.logs_in(insured.nir)
    person.gives_code()
    person.clicks("Refuser et revenir à Partenaire d'exemple")
    person.sees("La connexion a été abandonnée avant la fin.")

    person.page.goto(person.stack.url("partner"))
    person.clicks("Se connecter avec le compte ameli")
    person.agrees()
    person.opens("/mon-compte")
    person.page.get_by_role("link", name="Voir les services autorisés").click()
    person.page.get_by_role("link", name="Arrêter le partage avec Partenaire d'exemple").click()
    person.clicks("Arrêter le partage")
    person.sees("Vous n'avez autorisé aucun service")


@pytest.mark.parametrize("login", ["test", "caractères_spéciaux"])
def test_creates_an_account_by_franceconnect(
    newcomer: Callable[..., Person], stack: Stack, login: str
) -> None:
    person = newcomer(javascript=login == "test")

    person.starts_with_franceconnect(login)
    person.completes_creation()
    person.activates()

    created = [event["type"] for event in stack.events("--type", "account.activated")]
    assert created


def test_the_whole_circle_partner_franceconnect_ameli_and_back(
    newcomer: Callable[..., Person], insured: Insured
) -> None:
    person = newcomer()
    creates_account(person, insured)

    person.page.goto(person.stack.url("partner"))
    person.clicks("S'identifier avec FranceConnect")
    person.clicks("Ameli.fr")
    person.logs_in(insured.nir)
    person.gives_code()
    person.continues_from_franceconnect()

    person.sees(insured.nom)
    person.clicks("Se déconnecter")
    person.sees("Vous êtes déconnecté")


def test_returns_from_ameli_to_franceconnect_without_logging_in(
    newcomer: Callable[..., Person],
) -> None:
    person = newcomer()
    person.page.goto(person.stack.url("partner"))
    person.clicks("S'identifier avec FranceConnect")
    person.clicks("Ameli.fr")

    person.clicks("Retourner sur FranceConnect")

    person.sees("La connexion à Ameli.fr n'a pas été possible.")


def test_an_account_is_not_created_from_an_ameli_account(
    newcomer: Callable[..., Person], insured: Insured
) -> None:
    person = newcomer()
    creates_account(person, insured)

    person.opens("/creation-compte")
    person.clicks("S'identifier avec FranceConnect")
    person.clicks("Ameli.fr")
    person.logs_in(insured.nir)
    person.gives_code()
    person.continues_from_franceconnect()

    person.sees("Votre compte n'a pas pu être créé de cette façon")


def test_gives_up_at_franceconnect_and_may_try_again(newcomer: Callable[..., Person]) -> None:
    person = newcomer(javascript=False)
    person.opens("/creation-compte")
    person.clicks("S'identifier avec FranceConnect")

    person.page.get_by_role("link", name="Revenir sur L'Assurance Maladie").click()

    person.sees("Réessayer")


def test_an_opened_link_activates_nothing_until_the_button_is_pressed(
    newcomer: Callable[..., Person], insured: Insured
) -> None:
    person = newcomer()
    person.gives_identity(**insured.identity)
    person.gives_proofs(insured.iban7, insured.vitale11)
    person.completes_creation()

    person.page.goto(person.newest_link())
    person.opens("/connexion")
    person.logs_in(insured.nir)
    person.sees("Votre numéro de sécurité sociale ou votre mot de passe est incorrect.")
    person.activates()
    person.page.goto(person.newest_link())

    person.sees("Recevoir un nouveau lien")


def test_a_remembered_browser_is_not_asked_for_a_code_again(
    newcomer: Callable[..., Person], insured: Insured
) -> None:
    person = newcomer()
    creates_account(person, insured)
    person.opens("/connexion")
    person.logs_in(insured.nir)
    person.gives_code(remember=True)
    person.clicks("Me déconnecter")

    person.opens("/connexion")
    person.logs_in(insured.nir)

    expect(person.page).to_have_url(f"{person.stack.url('broker')}/mon-compte")

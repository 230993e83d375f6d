"""Errors, limits and empty lists: each state of the forms of a journey, on a desk and a phone."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from tests.conftest import ROOT
from tests.support.people import Insured, without_account
from tests.support.person import PASSWORD, Person
from tests.support.stack import Stack

pytestmark = pytest.mark.journey
_people = without_account()
_WRONG = "pas-Le-Bon-1"
_SUMMARY = "à corriger"


_LIMITS = {
    "BROKER_LIMIT_IDENTITY_PAIR_COUNT": "2",
    "BROKER_LIMIT_LOGIN_PAIR_COUNT": "2",
    "BROKER_LIMIT_LOGIN_PAIR_WAIT": "900",
    "BROKER_LIMIT_CODE_RESEND_WAIT": "60",
    "BROKER_LIMIT_CODE_TRIES": "5",
}


@pytest.fixture(scope="module", params=["sqlite"])
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A service whose limits are near; what the database does to them is tested elsewhere."""
    folder = tmp_path_factory.mktemp("limited")
    running = Stack(folder, f"sqlite:///{folder / 'broker.db'}", changes=_LIMITS)
    running.prepare(ROOT / "data/records.csv")
    running.start()
    yield running
    running.stop()
    running.require_no_leak()


@pytest.fixture
def insured() -> Insured:
    return next(_people)


@pytest.fixture
def holder(newcomer: Callable[..., Person], insured: Insured) -> Person:
    """Somebody whose account is active, in front of the login form."""
    person = newcomer()
    person.gives_identity(**insured.identity)
    person.gives_proofs(insured.iban7, insured.vitale11)
    person.completes_creation()
    person.activates()
    person.opens("/connexion")
    return person


def test_each_form_of_a_creation_says_what_is_to_be_corrected(
    newcomer: Callable[..., Person], insured: Insured
) -> None:
    person = newcomer()
    person.gives_identity(**{**insured.identity, "code_postal": "6300"})
    person.reads("Le code postal est invalide.")
    person.gives_identity(**insured.identity)
    person.gives_proofs(insured.iban7, insured.vitale11[:10])
    person.reads("ajoutez le chiffre 9")
    person.gives_proofs("0000000", insured.vitale11)
    person.reads("ne correspondent pas à celles de votre dossier")
    person.gives_proofs(insured.iban7, insured.vitale11)
    person.clicks("Passer à l'étape suivante")
    person.reads("cochez la case")
    person.answers(cgu="oui")
    person.clicks("Passer à l'étape suivante")
    for chosen, again, said in (
        (PASSWORD, f"{PASSWORD}!", "Les deux mots de passe sont différents."),
        (f"Aa{insured.nir}", f"Aa{insured.nir}", "ne doit pas contenir votre numéro"),
        ("Motdepasse1", "Motdepasse1", "trop facile à deviner"),
    ):
        person.fills(mot_de_passe=chosen, mot_de_passe_confirmation=again)
        person.clicks("Valider votre mot de passe")
        person.reads(said)
    person.fills(mot_de_passe=PASSWORD, mot_de_passe_confirmation=PASSWORD)
    person.clicks("Valider votre mot de passe")
    person.fills(email=person.email, email_confirmation=f"autre.{person.email}")
    person.clicks("Valider et créer votre compte ameli")
    person.reads("Répondez Oui ou Non : acceptez-vous de recevoir des messages par SMS")
    person.reads("Les deux adresses e-mail sont différentes.")


def test_who_guesses_an_identity_is_told_until_when_to_wait(
    newcomer: Callable[..., Person], insured: Insured
) -> None:
    person = newcomer()
    for _ in range(2):
        person.gives_identity(**{**insured.identity, "nom": "Personne"})
        person.sees("n'a pas pu être créé")

    person.gives_identity(**insured.identity)

    person.reads("Vous pourrez réessayer à partir de")


def test_who_guesses_a_password_is_told_until_when_to_wait(
    newcomer: Callable[..., Person], insured: Insured
) -> None:
    person = newcomer()
    for _ in range(2):
        person.opens("/connexion")
        person.logs_in(insured.nir, _WRONG)
        person.reads("votre mot de passe est incorrect")

    person.opens("/connexion")
    person.logs_in(insured.nir, _WRONG)

    person.reads("Vous pourrez réessayer à partir de")


def test_the_code_says_what_is_wrong_and_how_many_tries_are_left(
    holder: Person, insured: Insured
) -> None:
    holder.logs_in(insured.nir)
    holder.page.get_by_text("Un problème avec le code").click()
    holder.page.get_by_role("button", name="Renvoyer un code").click()
    holder.reads("Un code vient déjà d'être envoyé.")
    holder.clicks("Valider le code")
    holder.reads("Saisissez le code de sécurité reçu par e-mail.")
    right = holder.newest_code()
    for left in ("", "3 essais", "2 essais", "1 essai"):
        _gives_wrong_code(holder, right)
        holder.sees("Ce code de sécurité n'est pas le bon.")
        holder.reads(left)
    _gives_wrong_code(holder, right)
    expect(holder.page.get_by_text("Il vous reste")).to_have_count(0)
    holder.reads("Trop d'essais avec ce code de sécurité.")

    holder.fills(code=right)
    holder.clicks("Valider le code")

    holder.reads("Trop d'essais avec ce code de sécurité.")


def _gives_wrong_code(holder: Person, right: str) -> None:
    holder.fills(code=f"{(int(right) + 1) % 1_000_000:06}")
    with holder.page.expect_navigation():
        holder.clicks("Valider le code")


def test_each_form_of_the_account_says_what_is_to_be_corrected(
    holder: Person, insured: Insured
) -> None:
    holder.logs_in(insured.nir)
    holder.gives_code()
    holder.sees("Mon compte ameli")
    for path, button, found in (
        ("/mon-compte/mot-de-passe", "Changer mon mot de passe", _SUMMARY),
        ("/mon-compte/adresse-e-mail", "Envoyer le message de confirmation", _SUMMARY),
        ("/mon-compte/fermeture", "Fermer mon compte", _SUMMARY),
        ("/mon-compte/mes-donnees", "Afficher la copie à imprimer", "Saisissez"),
    ):
        holder.opens(path)
        holder.reads("")
        holder.clicks(button)
        holder.reads(found)
    holder.opens("/mon-compte/coordonnees")
    holder.fills(telephone_portable="12")
    holder.clicks("Enregistrer")
    holder.reads("Le numéro de téléphone portable est invalide.")
    holder.fills(telephone_portable="")
    holder.clicks("Enregistrer")
    holder.reads("Vos téléphones et vos choix sont enregistrés")
    holder.opens("/mon-compte/pas-moi")
    holder.reads("Quelqu'un d'autre utilise votre compte")
    holder.clicks("Ce n'est pas moi")
    holder.reads("Nous avons reçu votre signalement")


def test_lists_of_an_account_that_did_nothing_yet_say_so(holder: Person, insured: Insured) -> None:
    holder.logs_in(insured.nir)
    holder.gives_code()
    holder.sees("Mon compte ameli")
    for path, said in (
        ("/mon-compte/services", "Vous n'avez autorisé aucun service"),
        ("/mon-compte/recus", "aucun"),
        ("/mon-compte/connexions", "Votre compte n'est ouvert nulle part ailleurs."),
    ):
        holder.opens(path)
        holder.reads(said)

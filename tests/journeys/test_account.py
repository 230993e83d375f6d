"""A holder looks after the account: who is logged in, and what is done about it."""

import json
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.support.accessibility import flaws, too_wide
from tests.support.people import Insured, without_account
from tests.support.person import PASSWORD, Person
from tests.support.stack import Stack

pytestmark = pytest.mark.journey
# Those before are handed out to the other stories.
_people = {kind: islice(without_account(), 40, None) for kind in ("sqlite", "postgresql")}


@pytest.fixture
def insured(stack: Stack) -> Insured:
    return next(_people[stack.database_url.split(":")[0].split("+")[0]])


@pytest.fixture
def holder(newcomer: Callable[..., Person], insured: Insured) -> Person:
    """Somebody who has just logged in, at a desk."""
    person = newcomer()
    person.gives_identity(**insured.identity)
    person.gives_proofs(insured.iban7, insured.vitale11)
    person.completes_creation()
    person.activates()
    person.opens("/connexion")
    person.logs_in(insured.nir)
    person.gives_code()
    return person


def opens_link(person: Person, name: str) -> None:
    person.page.get_by_role("link", name=name, exact=True).click()


def test_ends_the_session_of_a_phone_from_the_desk(
    holder: Person, insured: Insured, newcomer: Callable[..., Person]
) -> None:
    phone = newcomer(javascript=False, mobile=True)
    phone.email = holder.email
    phone.opens("/connexion")
    phone.logs_in(insured.nir)
    phone.gives_code(received=2)
    phone.opens("/mon-compte/connexions")
    assert not too_wide(phone.page)

    opens_link(holder, "Voir et fermer mes connexions")
    assert flaws(holder.page) == []
    opens_link(holder, "Fermer toutes les autres connexions")
    assert flaws(holder.page) == []
    holder.clicks("Fermer mes autres connexions")

    holder.sees("Votre compte n'est ouvert nulle part ailleurs.")
    phone.opens("/mon-compte")
    expect(phone.page.locator("main [name=mot_de_passe]")).to_be_visible()


def test_reads_the_receipt_of_a_partner_and_stops_the_sharing(
    holder: Person, insured: Insured
) -> None:
    holder.page.goto(holder.stack.url("partner"))
    holder.clicks("Se connecter avec le compte ameli")
    holder.agrees()
    holder.sees(insured.nom)

    holder.opens("/mon-compte")
    opens_link(holder, "Voir l'historique des partages")
    holder.sees("Partenaire d'exemple, le ")
    assert flaws(holder.page) == []
    holder.page.set_viewport_size({"width": 320, "height": 640})
    assert not too_wide(holder.page)
    opens_link(holder, "Arrêter le partage avec Partenaire d'exemple")
    holder.sees("Vous pourrez de nouveau vous y connecter")
    assert not too_wide(holder.page)
    holder.clicks("Arrêter le partage")

    holder.sees("Vous n'avez autorisé aucun service")
    opens_link(holder, "Voir l'historique des partages")
    holder.sees("Partenaire d'exemple, le ")


def test_prints_and_downloads_a_copy_of_the_data(holder: Person) -> None:
    opens_link(holder, "Obtenir une copie de mes données")
    assert flaws(holder.page) == []
    holder.fills(mot_de_passe_actuel=PASSWORD)
    with holder.page.expect_download() as download:
        holder.clicks("Télécharger la copie (fichier JSON)")
    copy = json.loads(Path(download.value.path()).read_text(encoding="utf-8"))
    assert copy["Coordonnées"]["Adresse e-mail"] == holder.email

    holder.opens("/mon-compte/mes-donnees")
    holder.fills(mot_de_passe_actuel=PASSWORD)
    holder.clicks("Afficher la copie à imprimer")

    holder.sees(holder.email)
    assert flaws(holder.page) == []
    holder.page.set_viewport_size({"width": 320, "height": 640})
    assert not too_wide(holder.page)


def test_is_warned_before_the_session_ends_and_told_when_it_has(holder: Person) -> None:
    page = holder.page
    page.clock.install()
    holder.opens("/mon-compte/coordonnees")
    dialog = page.get_by_role("dialog", name="Êtes-vous toujours là")
    page.clock.fast_forward("26:50")
    expect(dialog).to_be_hidden()

    page.clock.fast_forward("00:15")
    expect(dialog).to_contain_text("2 minutes")
    assert flaws(page) == []
    dialog.get_by_role("button", name="Continuer").click()
    expect(dialog).to_be_hidden()

    page.clock.fast_forward("26:50")
    expect(dialog).to_be_hidden()
    page.clock.fast_forward("02:30")
    expect(dialog).to_contain_text("Votre connexion est fermée.")
    expect(dialog.get_by_role("link", name="Me connecter à nouveau")).to_be_visible()

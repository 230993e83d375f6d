"""A holder looks after the account: who is logged in, and what is done about it."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import create_engine, select, update

from broker.sessions.tables import SESSION
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
        # not by ``clicks``: the page stays
        holder.page.get_by_role("button", name="Télécharger la copie (fichier JSON)").click()
    copy = json.loads(Path(download.value.path()).read_text(encoding="utf-8"))
    assert copy["Coordonnées"]["Adresse e-mail"] == holder.email

    holder.opens("/mon-compte/mes-donnees")
    holder.fills(mot_de_passe_actuel=PASSWORD)
    holder.clicks("Afficher la copie à imprimer")

    holder.sees(holder.email)
    assert flaws(holder.page) == []
    holder.page.set_viewport_size({"width": 320, "height": 640})
    assert not too_wide(holder.page)


def ages(person: Person, **since: timedelta) -> None:
    """Let the person's newest session have begun, or been used, so long ago."""
    engine = create_engine(person.stack.database_url)
    newest = select(SESSION.c.cookie).order_by(SESSION.c.created_at.desc()).limit(1)
    values = {name: datetime.now(UTC) - ago for name, ago in since.items()}
    with engine.begin() as connection:
        cookie = connection.execute(newest).scalar_one()
        connection.execute(update(SESSION).where(SESSION.c.cookie == cookie).values(**values))
    engine.dispose()


def is_asked(page: Page) -> Locator:
    return page.get_by_role("dialog", name="Êtes-vous toujours là")


def test_is_warned_before_the_session_ends_and_told_when_it_has(holder: Person) -> None:
    page, dialog = holder.page, holder.page.locator("#fin-de-session")
    page.clock.install()
    holder.opens("/mon-compte/coordonnees")
    page.clock.fast_forward("27:50")
    expect(dialog).to_be_hidden()

    ages(holder, seen_at=timedelta(minutes=28, seconds=5))
    page.clock.fast_forward("00:15")
    expect(is_asked(page)).to_contain_text("2\u00a0minutes")
    assert flaws(page) == []
    dialog.get_by_role("button", name="Continuer").click()
    expect(dialog).to_be_hidden()

    ages(holder, seen_at=timedelta(minutes=30))
    page.clock.fast_forward("30:00")
    expect(dialog).to_contain_text("Votre connexion est fermée.")
    dialog.get_by_role("link", name="Me connecter à nouveau").click()
    expect(page.locator("[name=vers]").first).to_have_value("/mon-compte/coordonnees")


def test_is_not_warned_while_another_tab_uses_the_session(holder: Person) -> None:
    page = holder.page
    page.clock.install()
    holder.opens("/mon-compte/coordonnees")

    with page.expect_response("**/connexion/reste") as asked:
        page.clock.fast_forward("28:05")  # the session itself is used meanwhile

    assert asked.value.json()["idle"] > 1700
    expect(page.locator("#fin-de-session")).to_be_hidden()


def test_who_goes_on_in_one_tab_is_asked_no_more_in_the_other(holder: Person) -> None:
    one, other = holder.page, holder.page.context.new_page()
    one.context.clock.install()
    holder.opens("/mon-compte/coordonnees")
    other.goto(one.url)
    ages(holder, seen_at=timedelta(minutes=28, seconds=5))
    one.clock.fast_forward("28:05")
    expect(is_asked(one)).to_be_visible()
    expect(is_asked(other)).to_be_visible()

    is_asked(one).get_by_role("button", name="Continuer").click()

    expect(is_asked(other)).to_be_hidden()
    expect(is_asked(one)).to_be_hidden()


def test_a_session_of_twelve_hours_cannot_go_on_and_says_so(holder: Person) -> None:
    page = holder.page
    ages(holder, created_at=timedelta(hours=11, minutes=58, seconds=10))

    holder.opens("/mon-compte/coordonnees")

    dialog = page.get_by_role("dialog", name="Votre connexion se ferme bientôt")
    expect(dialog).to_contain_text("2\u00a0minutes")
    assert flaws(page) == []
    expect(dialog.get_by_role("button", name="Continuer")).to_be_hidden()
    dialog.get_by_role("button", name="Revenir à la page").click()
    expect(dialog).to_be_hidden()


def test_who_logs_out_in_one_tab_is_told_in_the_other(holder: Person) -> None:
    page, other = holder.page, holder.page.context.new_page()
    page.clock.install()
    holder.opens("/mon-compte/coordonnees")
    other.goto(f"{holder.stack.url('broker')}/deconnexion")
    other.get_by_role("button", name="Me déconnecter").click()

    page.clock.fast_forward("28:05")

    expect(page.locator("#fin-de-session")).to_contain_text("Votre connexion est fermée.")


def test_goes_back_after_the_logout_and_sees_nothing_of_the_account(holder: Person) -> None:
    holder.opens("/mon-compte")
    holder.sees("Navigateurs mémorisés")
    holder.opens("/deconnexion")
    holder.clicks("Me déconnecter")
    holder.sees("Vous êtes déconnecté")

    for _ in range(2):
        holder.page.go_back()

        expect(holder.page.get_by_text("Navigateurs mémorisés")).to_have_count(0)

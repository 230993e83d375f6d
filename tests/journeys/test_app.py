"""The app on a telephone: from its first screen to the account, with and without JavaScript."""

from collections.abc import Callable, Iterator
from itertools import islice

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.accessibility import flaws, too_wide
from tests.support.page_rules import broken_rules
from tests.support.people import Insured, without_account
from tests.support.person import PASSWORD, Person
from tests.support.stack import Stack

pytestmark = pytest.mark.journey
# The other stories of the same service begin at the top of the list.
_people = {kind: islice(without_account(), 30, None) for kind in ("sqlite", "postgresql")}
# Links inside a sentence are exempt (WCAG 2.5.8), and a radio button is hit by its label.
_SMALL = """() => [...document.querySelectorAll(
  ".app-bar a, main :is(.button, .link-button, .input, summary, .choice, .link-list a)"
)].filter((e) => e.checkVisibility() && e.getBoundingClientRect().height < 43.5)
  .map((e) => e.outerHTML)"""


@pytest.fixture
def insured(stack: Stack) -> Insured:
    return next(_people[stack.database_url.split(":")[0].split("+")[0]])


@pytest.fixture
def telephone(chromium: Browser, stack: Stack) -> Iterator[Callable[..., Person]]:
    """Return a function that hands out a telephone of that width."""
    contexts = []

    def hand_out(width: int, *, javascript: bool) -> Person:
        context = chromium.new_context(
            java_script_enabled=javascript,
            viewport={"width": width, "height": 740},
            has_touch=True,
            locale="fr-FR",
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        return Person(context.new_page(), stack, f"telephone{width}@exemple.fr")

    yield hand_out
    for context in contexts:
        context.close()


def judge(page: Page) -> None:
    """Fail unless the present screen is accessible, no wider than the telephone, easy to touch."""
    assert flaws(page) == []
    assert broken_rules(page.content()) == []
    assert not too_wide(page)
    assert page.evaluate(_SMALL) == []


def starts(person: Person, look: Callable[[], None]) -> None:
    person.opens("/app")
    look()
    person.page.get_by_role("link", name="Première connexion").click()
    person.sees("Mon IBAN")
    look()
    person.page.get_by_role("link", name="j'ai tout, je crée mon compte").click()
    look()
    person.clicks("J'ACCEPTE")


def proves(person: Person, insured: Insured, look: Callable[[], None]) -> None:
    person.clicks("Suivant")
    look()  # with its errors
    person.fills(**insured.identity)
    person.clicks("Suivant")
    look()
    person.fills(iban7=insured.iban7, vitale11=insured.vitale11)
    person.clicks("Suivant")


def completes(person: Person, look: Callable[[], None]) -> None:
    look()
    person.clicks("Créer mon compte")
    look()
    person.fills(email=person.email, email_confirmation=person.email)
    person.fills(mot_de_passe=PASSWORD, mot_de_passe_confirmation=PASSWORD)
    person.answers(consentement_email="non")
    person.clicks("Créer mon compte")
    person.sees("Consultez votre messagerie")
    look()


def logs_in(person: Person, insured: Insured, look: Callable[[], None]) -> None:
    person.page.get_by_role("link", name="Se connecter", exact=True).click()
    look()
    person.logs_in(insured.nir)
    person.sees("Saisissez votre code de sécurité")
    look()
    person.gives_code()
    expect(person.page).to_have_url(f"{person.stack.url('broker')}/mon-compte")


@pytest.mark.parametrize(("width", "javascript"), [(360, True), (320, False)])
def test_creates_an_account_and_logs_in_for_the_first_time(
    telephone: Callable[..., Person], insured: Insured, width: int, javascript: bool
) -> None:
    person = telephone(width, javascript=javascript)

    def look() -> None:
        if javascript:  # the judges are scripts themselves
            judge(person.page)

    starts(person, look)
    proves(person, insured, look)
    completes(person, look)
    person.activates()
    logs_in(person, insured, look)


def test_a_narrow_screen_shows_everything(telephone: Callable[..., Person]) -> None:
    person = telephone(320, javascript=True)

    for path in (
        "",
        "/preparation",
        "/conditions",
        "/connexion",
        "/carte",
        "/compte-active",
        "/hors-connexion",
    ):
        person.opens(f"/app{path}")
        judge(person.page)


def test_the_neutral_screen_sends_to_the_caisse(
    telephone: Callable[..., Person], insured: Insured
) -> None:
    person = telephone(360, javascript=True)
    starts(person, lambda: None)

    person.fills(**{**insured.identity, "nom": "Personne"})
    person.clicks("Suivant")

    person.sees("Contactez votre caisse")
    judge(person.page)


def test_without_network_a_page_of_ours_says_so_and_nothing_personal_is_kept(
    telephone: Callable[..., Person], insured: Insured
) -> None:
    person = telephone(360, javascript=True)
    starts(person, lambda: None)
    person.page.evaluate("() => navigator.serviceWorker.ready.then(() => null)")
    person.page.reload()
    person.fills(**insured.identity)
    person.clicks("Suivant")
    person.sees("Je saisis mon IBAN")

    kept = person.page.evaluate(
        "async () => { const found = []; for (const name of await caches.keys())"
        " for (const kept of await (await caches.open(name)).keys())"
        " found.push(new URL(kept.url).pathname); return found.sort(); }"
    )
    person.page.context.set_offline(True)
    person.page.reload()

    person.sees("Vous êtes hors connexion")
    judge(person.page)
    assert kept == [
        "/app/hors-connexion",
        "/static/app.css",
        "/static/mark.svg",
        "/static/mobile/mobile.css",
    ]
    person.page.context.set_offline(False)
    person.page.get_by_role("link", name="Réessayer").click()
    person.sees("Première connexion")

"""Programs that open every link of a mail before the person does: nothing changes by them."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

import pytest
import requests
from playwright.sync_api import Browser
from sqlalchemy import Engine, MetaData, create_engine

from tests.support.people import Insured, without_account
from tests.support.person import PASSWORD, Person
from tests.support.stack import Stack

pytestmark = pytest.mark.journey
NEW_PASSWORD = "Cerises&Piano8"
# Counters of requests, and what seals the trail and looks for attacks in the background.
_PASSING = (
    "limit_",
    "audit_checkpoint",
    "audit_leaf",
    "audit_node",
    "audit_sealer",
    "detection_position",
)
_TRAIL = "audit_event"
_OPENED = '.viewed"'  # of the trail: that a link was opened, which tells an adviser of a scanner
Rows = dict[str, set[tuple[object, ...]]]


@pytest.fixture
def engine(stack: Stack) -> Iterator[Engine]:
    engine = create_engine(stack.database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def preview(chromium: Browser) -> Callable[[str], None]:
    """Return a scanner that is a whole browser: it runs the scripts of the page and waits."""

    def look(link: str) -> None:
        context = chromium.new_context()
        page = context.new_page()
        page.goto(link)
        page.wait_for_load_state("networkidle")
        page.mouse.move(200, 300)
        page.wait_for_timeout(500)
        context.close()

    return look


def fetches(link: str) -> None:
    """Ask as gateways do: without cookies, with them, by HEAD, again and again."""
    for browser in (None, requests.Session()):
        for method in ("HEAD", "GET", "GET", "HEAD", "GET"):
            answer = (browser or requests).request(method, link, timeout=10)
            assert answer.status_code in {200, 410}, method  # 410: it does not keep the cookie


def kept(engine: Engine) -> Rows:
    """Return every row of every table, but of those that are passing."""
    tables = MetaData()
    tables.reflect(engine)
    with engine.connect() as connection:
        return {
            table.name: {tuple(map(str, row)) for row in connection.execute(table.select())}
            for table in tables.sorted_tables
            if not table.name.startswith(_PASSING)
        }


def settled(engine: Engine) -> Rows:
    """Return what is kept once the background has nothing more to do."""
    former, present = None, kept(engine)
    while present != former:
        time.sleep(1)
        former, present = present, kept(engine)
    return present


@dataclass
class Scanned:
    """A person whose every mail is scanned before they read it."""

    person: Person
    engine: Engine
    preview: Callable[[str], None]

    def opens_link(self, *, received: int = 1) -> None:
        """Let every kind of scanner open the newest link of *received*; then open it oneself."""
        link = self.person.newest_link(received)
        before = settled(self.engine)

        fetches(link)
        self.preview(link)

        after = settled(self.engine)
        noted = after.pop(_TRAIL) - before.pop(_TRAIL)
        assert after == before
        assert [event for event in noted if _OPENED not in str(event)] == []
        self.person.page.goto(link)

    def changes_address(self) -> None:
        person = self.person
        person.email = f"nouvelle.{person.email}"
        person.opens("/mon-compte/adresse-e-mail")
        person.fills(email=person.email, email_confirmation=person.email)
        person.fills(mot_de_passe_actuel=PASSWORD)
        person.clicks("Envoyer le message de confirmation")
        self.opens_link()
        person.clicks("Je confirme cette adresse")
        person.sees("Votre adresse est changée")

    def forgets_password(self, insured: Insured) -> None:
        person = self.person
        person.opens("/mot-de-passe-oublie")
        person.fills(nir=insured.nir, date_naissance=insured.date_naissance)
        person.clicks("Recevoir le lien")
        self.opens_link(received=2)
        self.chooses_password()

    def chooses_password(self) -> None:
        person = self.person
        person.fills(mot_de_passe=NEW_PASSWORD, mot_de_passe_confirmation=NEW_PASSWORD)
        person.clicks("Valider votre mot de passe")
        person.sees("Votre mot de passe est changé")


def test_every_link_that_we_mail_waits_for_the_click_of_the_person(
    newcomer: Callable[..., Person], engine: Engine, preview: Callable[[str], None]
) -> None:
    insured, person = next(islice(without_account(), 62, None)), newcomer()
    scanned, first = Scanned(person, engine, preview), person.email
    person.gives_identity(**insured.identity)
    person.gives_proofs(insured.iban7, insured.vitale11)
    person.completes_creation()

    scanned.opens_link()
    person.clicks("J'active mon compte")
    person.sees("Votre compte ameli est activé")
    person.opens("/connexion")
    person.logs_in(insured.nir)
    person.gives_code()
    scanned.changes_address()
    scanned.forgets_password(insured)

    person.email = first  # who is told that the address changed, and objects
    scanned.opens_link(received=2)
    person.clicks("Ce n'est pas moi")
    person.sees("mot de passe")

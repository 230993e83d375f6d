"""Whatever a program asks of a mailed link, nothing changes, and the person uses it after."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from email import message_from_string
from email.policy import default
from urllib.parse import urlsplit

import pytest

from broker.accounts.accounts import Accounts
from broker.accounts.activation import Activation
from broker.accounts.address_change import AddressChange
from broker.accounts.closing import Closing
from broker.accounts.creation import Creation
from broker.accounts.email_address import EmailAddress
from broker.accounts.password_change import PasswordChange
from broker.audit.model import Actor
from broker.base.crypto import Secret
from broker.base.db import Base, Database
from broker.cuts.cuts import Cuts
from broker.cuts.model import Kind
from broker.insured.nir import Nir
from broker.otp.events import CodeFailed
from tests.conftest import FrozenClock, test_settings
from tests.support.partner import events
from tests.support.places import ROOT
from tests.unit.accounts.builders import NIR, Bench, a_new_account, claire
from tests.unit.detection.conftest import Watch
from tests.unit.sessions.conftest import PASSWORD
from tests.unit.ties.conftest import TieBrowser

NEW = "claire.nouvelle@exemple.fr"
OTHER = Nir("2850729019002")
CHOSEN = {"mot_de_passe": "Cerises&Piano8", "mot_de_passe_confirmation": "Cerises&Piano8"}
_LINK = re.compile(r"https?://[^\s\"<>]+")
# Where a link leads, the page whose button uses it, and what that form holds.
BUTTONS = {
    "/activation": ("/activation", {}),
    "/mot-de-passe-oublie": ("/nouveau-mot-de-passe", CHOSEN),
    "/adresse-e-mail": ("/adresse-e-mail", {}),
    "/pas-moi": ("/pas-moi", {}),
}
# What gateways and mail programs send; the last ones announce that they only look ahead.
ASKED = [
    ("HEAD", {}),
    ("GET", {}),
    ("OPTIONS", {}),
    ("GET", {"Purpose": "prefetch", "X-Purpose": "preview"}),
    ("GET", {"Sec-Purpose": "prefetch;prerender", "Sec-Fetch-Mode": "navigate"}),
    ("GET", {"X-Moz": "prefetch", "User-Agent": "BingPreview/1.0b"}),
    ("HEAD", {"Origin": "https://scanner.test", "Sec-Fetch-Site": "cross-site"}),
]


@dataclass
class Story:
    """Claire's browser, her account, and the acts after which she is written to."""

    bench: Bench
    browser: TieBrowser
    account_id: str
    clock: FrozenClock

    def of(self, service):
        return self.bench.of(service)

    def creates(self) -> None:
        """Somebody else, whose account waits to be activated."""
        insured_id = self.bench.registers(claire(nir=OTHER))
        self.of(Creation).open_pending(
            a_new_account(insured_id, nir=OTHER, email="autre@exemple.fr")
        )

    def is_reminded(self) -> None:
        self.creates()
        self.clock.advance(days=7)
        assert self.of(Activation).remind() == 1

    def forgets_password(self) -> None:
        self.browser.posts("/mot-de-passe-oublie", nir=NIR.value, date_naissance="14/07/1985")

    def asks_address(self) -> None:
        self.of(AddressChange).request(self.account_id, EmailAddress.parse(NEW), "login")

    def changes_address(self) -> None:
        self.asks_address()
        self.of(AddressChange).confirm(self.bench.link("address_confirm"))

    def changes_password(self) -> None:
        self.of(PasswordChange).change(
            self.account_id, Secret("Tulipes&Piano9"), but="", auth_event_id="login"
        )

    def logs_in_twice(self) -> None:
        self.browser.logs_in_here()
        self.browser.logs_in_here()

    def fails_first(self) -> None:
        """A wrong password, then the right one in a remembered browser."""
        self.browser.logs_in_here(se_souvenir="oui")
        self.browser.gives_password("Tulipes&Violon8", nir=NIR.value)
        assert self.browser.logs_in_without_code()

    def fails_code(self) -> None:
        waiting = self.browser.waits_for_code()
        wrong = "000000" if self.browser.mailed_code() != "000000" else "000001"
        self.browser.gives_code(waiting, wrong)

    def unties(self) -> None:
        self.browser.ties()
        self.browser.posts("/mon-compte/franceconnect", mot_de_passe=PASSWORD)

    def closes(self) -> None:
        self.of(Closing).close(self.account_id, "login")

    def is_created_again(self) -> None:
        account = self.of(Accounts).get(self.account_id)
        self.of(Creation).warn_holder(account, "REF-1")

    def is_cut_off(self) -> None:
        """The security team ends a login, and says so."""
        self.browser.logs_in_here()
        login = events(self.bench.app, "session.created")[-1]["auth_event_id"]
        actor = Actor(kind="analyst", ref="rita")
        self.of(Cuts).plan(Kind.LOGIN, login, "jeton volé", actor, tell=True)

    def is_guessed(self) -> None:
        """Somebody tries code after code: the security team is told."""
        watch = Watch(self.bench.app, self.clock)
        watch.sees(*[CodeFailed(subject=self.account_id, code_ref="abcdefgh")] * 7)
        assert watch.looks()

    def link(self, kind: str) -> str | None:
        """Return what the newest mail of that kind leads to; both its parts say the same."""
        mail = message_from_string(self.bench.mails(kind)[-1], policy=default)
        parts = [mail.get_body((kind,)).get_content() for kind in ("plain", "html")]
        links = {link for part in parts for link in set(_LINK.findall(part))}
        assert [links == set(_LINK.findall(part)) for part in parts] == [True, True]
        assert len(links) <= 1
        return links.pop() if links else None


ACTS: dict[str, Callable[[Story], object]] = {
    "account_closed": Story.closes,
    "account_exists": Story.is_created_again,
    "activation": Story.creates,
    "activation_reminder": Story.is_reminded,
    "address_changed": Story.changes_address,
    "address_confirm": Story.asks_address,
    "alert": Story.is_guessed,
    "code": lambda story: story.browser.waits_for_code(),
    "codes_failed": Story.fails_code,
    "cut": Story.is_cut_off,
    "franceconnect_tied": lambda story: story.browser.ties(),
    "franceconnect_untied": Story.unties,
    "login_after_failures": Story.fails_first,
    "new_browser": Story.logs_in_twice,
    "password_changed": Story.changes_password,
    "reset": Story.forgets_password,
}
KINDS = sorted(file.stem for file in (ROOT / "templates/mail").glob("[!_]*.txt"))
WITHOUT_LINK = {"account_closed", "account_exists", "alert", "code", "codes_failed", "cut"}


@pytest.fixture
def settings(database_url):
    return test_settings(
        database_url,
        BROKER_ALERT_MAIL="equipe@exemple.fr",
        BROKER_LIMIT_FAILED_PASSWORDS_TOLD_COUNT="1",
        BROKER_LIMIT_FAILED_CODES_TOLD_COUNT="1",
    )


@pytest.fixture
def story(bench, browser, account, clock) -> Story:
    return Story(bench, browser, account.id, clock)


def kept(app) -> dict[str, set[str]]:
    """Return every row of every table, but of the counters of requests."""
    database = app.extensions["broker"][Database]
    with database.engine.connect() as connection:
        return {
            name: {str(row) for row in connection.execute(table.select())}
            for name, table in Base.metadata.tables.items()
            if not name.startswith("limit_")
        }


def is_scanned(app, path: str) -> None:
    """Ask as every program does, by a fresh browser and by one that keeps its cookies."""
    keeps = app.test_client()
    for method, headers in ASKED:
        for client in (app.test_client(), keeps):
            answer = client.open(path, method=method, headers=headers, follow_redirects=True)
            assert answer.status_code in {200, 410}, (method, headers)


def uses(client: TieBrowser, link: str) -> int:
    """Open the link as a person, press the button of its page; return the status then."""
    page, form = BUTTONS[link.rpartition("/")[0]]
    assert client.client.get(link, follow_redirects=True).status_code == 200
    return client.posts(page, **form).status_code


def test_every_mail_is_tried():
    assert sorted(ACTS) == KINDS


@pytest.mark.parametrize("kind", KINDS)
def test_a_mail_has_a_link_unless_it_is_named_here(story, kind):
    ACTS[kind](story)

    assert (story.link(kind) is None) == (kind in WITHOUT_LINK)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in WITHOUT_LINK])
def test_scanners_change_nothing_and_the_person_uses_the_link_once(
    story, app, another_browser, kind
):
    ACTS[kind](story)
    link = urlsplit(story.link(kind) or "").path
    before = kept(app)

    is_scanned(app, link)

    after = kept(app)
    noted = after.pop("audit_event") - before.pop("audit_event")
    assert after == before
    assert [event for event in noted if '.viewed"' not in event] == []
    assert uses(another_browser, link) == 303
    assert another_browser.client.get(link).status_code == 410

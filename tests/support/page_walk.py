"""Somebody who opens every page and sends every form, while each request is measured."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import requests

from tests.support.account_holder import CODE, LINK
from tests.support.people import Insured
from tests.support.visitor import Visitor

_FIRST, _SECOND, _THIRD = "Tulipes&Violon7", "Violons&Tulipe8", "Pivoines&Flute9"
_TOKEN = re.compile(r"/[\w-]{43}$")
_CONSENTS = ("consentement_email", "consentement_telephone", "consentement_sms")
ACCOUNT = (
    "", "/coordonnees", "/coordonnees/enregistrees", "/mot-de-passe", "/mot-de-passe/change",
    "/adresse-e-mail", "/adresse-e-mail/envoye", "/connexions", "/mes-donnees", "/pas-moi",
    "/pas-moi/signale", "/franceconnect", "/recus", "/services", "/fermeture",
)  # fmt: skip
PLAIN = (
    "/", "/accessibilite", "/deconnecte", "/creation-compte/conditions-detaillees",
    "/app", "/app/conditions-detaillees", "/app/hors-connexion", "/app/compte-active",
)  # fmt: skip
REFUSED = (
    "/nulle-part", "/activation", "/nouveau-mot-de-passe", "/adresse-e-mail", "/pas-moi",
    "/connexion/code", "/app/connexion/code", "/authorize?client_id=inconnu",
    "/authorize/suite?demande=inconnue", "/creation-compte/carte", "/app/carte",
    "/connexion?demande=inconnue", "/franceconnect/callback",
)  # fmt: skip


@dataclass(frozen=True)
class Answer:
    """One request, and by how much the meter rose until its answer was there."""

    method: str
    path: str
    status: int
    cost: float


class Meter(requests.Session):
    """A browser's requests to one service, each measured by *reads*: a watch, a counter."""

    def __init__(self, address: str, reads: Callable[[], float]) -> None:
        super().__init__()
        self.address, self.reads = address, reads
        self.answers: list[Answer] = []

    def request(self, method: str, url: str, *given: Any, **more: Any) -> requests.Response:  # type: ignore[override]
        before = self.reads()
        response = super().request(method, url, *given, **more)
        cost = self.reads() - before
        if url.startswith(self.address):
            path = _TOKEN.sub("/<lien>", urlsplit(url).path)
            self.answers.append(Answer(method, path, response.status_code, cost))
        return response


@dataclass
class PageWalk:
    """One person; ``received`` tells what mails to an address say on such a line, newest first."""

    meter: Meter
    insured: Insured
    email: str
    received: Callable[[str, re.Pattern[str]], list[str]]
    read: set[str] = field(default_factory=set)
    browser: Visitor = field(init=False)

    def __post_init__(self) -> None:
        self.browser = self._new_browser()

    def by_card(self) -> None:
        """Create an account by card, log in for the first time, use every page, close it."""
        for path in PLAIN:
            self.browser.opens(path)
        self.browser.opens("/creation-compte").submits(**self.insured.identity)
        self.browser.submits(iban7=self.insured.iban7, vitale11=self.insured.vitale11)
        self._completes()
        self._reads(LINK)  # the next one takes its place
        self._asks_link("/creation-compte/renvoyer")
        self._activates()
        self._forgets_password()
        self._logs_in("/connexion", _SECOND)
        self._uses_account()

    def by_franceconnect(self, login: str) -> None:
        """Create an account through FranceConnect, log in by it for the first time, close it."""
        self.browser.opens("/creation-compte")
        self._identifies(login)
        self._completes()
        self._activates()
        self.browser.opens("/connexion")
        self._identifies(login)
        self._gives_code()
        self._closes(_FIRST)

    def by_app(self) -> None:
        """Create an account in the app and log in to it, close it."""
        self.browser.opens("/app/preparation").opens("/app/conditions").submits()
        self.browser.submits(**self.insured.identity)
        self.browser.submits(iban7=self.insured.iban7, vitale11=self.insured.vitale11)
        self.browser.submits(**self._contact, **_chosen(_FIRST), telephone="")
        self._activates()
        self._logs_in("/app/connexion", _FIRST)
        self._closes(_FIRST)

    def is_refused(self) -> None:
        """Open what leads nowhere, and send forms empty or wrong."""
        for path in REFUSED:
            self.browser.opens(path)
        self.browser.opens("/creation-compte").submits()
        wrong = {"nir": self.insured.nir, "mot_de_passe": _THIRD}
        form = self.browser.opens("/connexion").form_with("mot_de_passe")
        self.browser.submits(form=form, **wrong)
        self.browser.http.post(f"{self.browser.address}/connexion", data=wrong)

    @property
    def _contact(self) -> dict[str, str]:
        addresses = {"email": self.email, "email_confirmation": self.email}
        return {**addresses, **dict.fromkeys(_CONSENTS, "non")}

    def _reads(self, pattern: re.Pattern[str]) -> str:
        """Return what the newest mail says that was not read yet."""
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            for said in self.received(self.email, pattern):
                if said not in self.read:
                    self.read.add(said)
                    return said
            time.sleep(0.1)
        raise AssertionError(f"no mail with {pattern.pattern}; {self.browser.url}")

    def _new_browser(self) -> Visitor:
        browser = Visitor(self.meter.address)
        self.meter.cookies.clear()
        browser.http = self.meter
        return browser

    def _identifies(self, login: str) -> None:
        """Leave for FranceConnect, be somebody there, and come back."""
        browser = self.browser
        browser.submits(
            form=next(i for i, f in enumerate(browser.forms) if "/franceconnect" in f.action)
        )
        if not browser.url.endswith("/information"):
            browser.opens(f"{browser.url}/account/impots").submits(login=login, password="123")
        browser.submits()

    def _completes(self) -> None:
        self.browser.submits(cgu="oui").submits(**_chosen(_FIRST))
        self.browser.submits(**self._contact)

    def _activates(self) -> None:
        self.browser.opens(self._reads(LINK)).submits()

    def _asks_link(self, path: str) -> None:
        asked = {name: self.insured.identity[name] for name in ("nir", "date_naissance")}
        self.browser.opens(path).submits(**asked)

    def _forgets_password(self) -> None:
        self._asks_link("/mot-de-passe-oublie")
        self.browser.opens(self._reads(LINK)).submits(**_chosen(_SECOND))

    def _logs_in(self, path: str, password: str) -> None:
        form = self.browser.opens(path).form_with("mot_de_passe")
        self.browser.submits(form=form, nir=self.insured.nir, mot_de_passe=password)
        self._gives_code()

    def _gives_code(self) -> None:
        code = self._reads(CODE)
        self.browser.submits(form=self.browser.form_with("code"), code=code)
        assert self.browser.url.endswith("/mon-compte"), self.browser.text

    def _uses_account(self) -> None:
        for path in ACCOUNT:
            self.browser.opens(f"/mon-compte{path}")
        self._sends("/coordonnees", **dict.fromkeys(_CONSENTS, "non"))
        present = {"mot_de_passe_actuel": _SECOND}
        self._sends("/mes-donnees", **present, format="page")
        self._sends("/mot-de-passe", **present, **_chosen(_THIRD))
        self._moves()
        self._closes(_THIRD)

    def _moves(self) -> None:
        """Change the address, by the link that is mailed to it."""
        self.email = f"nouvelle.{self.email}"
        addresses = {"email": self.email, "email_confirmation": self.email}
        self._sends("/adresse-e-mail", **addresses, mot_de_passe_actuel=_THIRD)
        self.browser.opens(self._reads(LINK)).submits()

    def _closes(self, password: str) -> None:
        self._sends("/fermeture", fermer="oui", mot_de_passe_actuel=password)
        assert self.browser.url.endswith("/compte-ferme"), self.browser.text

    def _sends(self, path: str, **answers: str) -> None:
        """Open a page of the account and send its form."""
        self.browser.opens(f"/mon-compte{path}")
        form = next(i for i, f in enumerate(self.browser.forms) if f.action.endswith(path))
        self.browser.submits(form=form, **answers)
        assert self.browser.status == requests.codes.ok, self.browser.text


def _chosen(password: str) -> dict[str, str]:
    return {"mot_de_passe": password, "mot_de_passe_confirmation": password}

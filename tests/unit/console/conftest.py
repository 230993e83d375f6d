"""Analysts who were invited, their browsers at the console, and the trail that they read."""

import re
from dataclasses import dataclass, field

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient

from broker.audit.log import AuditLog
from broker.audit.model import Actor
from broker.base.browser import FORM_TOKEN
from broker.base.context import CURRENT, RequestContext
from broker.console.analysts import Analysts
from broker.console.model import Role
from tests.conftest import FrozenClock
from tests.support.page_rules import broken_rules
from tests.support.partner import events
from tests.unit.console.asked import Answer

PASSWORD = "Tulipes&Violon7"
OPERATOR = Actor(kind="admin", ref="exploitante")
COOKIE = "ameli_analyste"


@dataclass
class AnalystAtWork:
    """What an analyst does, with one browser and one application."""

    app: Flask
    clock: FrozenClock
    name: str
    client: FlaskClient
    address: str = "203.0.113.7"
    secret: str = field(default="", repr=False)

    def opens(self, path: str = "/audit"):
        return self.client.get(path, environ_base={"REMOTE_ADDR": self.address})

    def posts(self, path: str, **fields: str):
        return self.client.post(
            path,
            data={FORM_TOKEN: self.token(), **fields},
            environ_base={"REMOTE_ADDR": self.address},
        )

    def token(self) -> str:
        page = self.client.get("/audit/connexion").text
        return re.findall(rf'name="{FORM_TOKEN}" value="([^"]+)"', page)[0]

    def code(self, steps: int = 0) -> str:
        """What the application shows now, or some steps from now."""
        return pyotp.TOTP(self.secret).at(self.clock(), counter_offset=steps)

    def next_code(self) -> str:
        """Wait until the application shows another code."""
        self.clock.advance(seconds=30)
        return self.code()

    def follows(self, link: str):
        """Open the link of an invitation and read the secret of the page."""
        opened = self.opens(link)
        if opened.status_code != 303:
            return opened
        page = self.opens("/audit/invitation")
        if found := re.search(r'class="secret">([A-Z2-7 ]+)<', page.text):
            self.secret = found[1].replace(" ", "")
        return page

    def accepts(self, code: str | None = None, password: str = PASSWORD, **fields: str):
        typed = {"mot_de_passe": password, "mot_de_passe_confirmation": password, **fields}
        return self.posts("/audit/invitation", code=code or self.code(), **typed)

    def logs_in(self, password: str = PASSWORD, code: str | None = None, **fields: str):
        typed = {"identifiant": self.name, "mot_de_passe": password, **fields}
        return self.posts("/audit/connexion", code=code or self.next_code(), **typed)

    def is_in(self) -> bool:
        return self.opens().status_code == 200

    def cookie(self) -> str | None:
        found = self.client.get_cookie(COOKIE, path="/audit")
        return found.value if found else None

    def elsewhere(self, address: str = "198.51.100.9") -> "AnalystAtWork":
        """The same analyst in another browser of another network."""
        return AnalystAtWork(
            self.app, self.clock, self.name, self.app.test_client(), address, self.secret
        )


@pytest.fixture
def analysts(app: Flask) -> Analysts:
    return app.extensions["broker"][Analysts]


@pytest.fixture
def invite(app: Flask, clock: FrozenClock, analysts: Analysts):
    """Return a function that adds an analyst, not enrolled yet, and gives the link."""

    def added(name: str = "alice", role: Role = Role.READER) -> tuple[AnalystAtWork, str]:
        invitation = analysts.add(name, role, OPERATOR)
        person = AnalystAtWork(app, clock, name, app.test_client())
        return person, f"/audit/invitation/{invitation.token.reveal()}"

    return added


@pytest.fixture
def enrolled(invite):
    """Return a function that seats an analyst who has password and application, logged in."""

    def seated(name: str = "alice", role: Role = Role.READER) -> AnalystAtWork:
        person, link = invite(name, role)
        person.follows(link)
        assert person.accepts().status_code == 303
        return person

    return seated


@pytest.fixture
def alice(enrolled) -> AnalystAtWork:
    return enrolled()


@pytest.fixture
def trail(app: Flask):
    """Return a function that lists the events of a type, oldest first."""
    return lambda prefix: events(app, prefix)


@pytest.fixture
def record(app, clock):
    """Return a function that records events, each a second after the one before."""

    def recorded(*events) -> None:
        for event in events:
            clock.advance(seconds=1)
            app.extensions["broker"][AuditLog].record(event)

    return recorded


@pytest.fixture
def at(record):
    """Return a function that records events as from an address, a browser and a program."""

    def recorded(address: str, *events, browser: str = "0" * 32, ua: str = "Firefox") -> None:
        here = RequestContext(address=address, browser=browser, user_agent=ua)
        token = CURRENT.set(here)
        try:
            record(*events)
        finally:
            CURRENT.reset(token)

    return recorded


@pytest.fixture
def ask(alice, clock):
    """Return a function that asks a saved question."""

    def asked(name: str, **query: str) -> Answer:
        clock.advance(seconds=1)
        page = alice.client.get(f"/audit/questions/{name}", query_string=query)
        assert page.status_code == 200
        assert broken_rules(page.text) == []
        return Answer(page.status_code, page.text)

    return asked

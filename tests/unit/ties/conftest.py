"""Claire, who has an account with a password, and her browser, back from FranceConnect."""

import re
from datetime import timedelta
from html import unescape

import pytest

from broker.accounts.accounts import Accounts
from broker.accounts.activation import Activation
from broker.accounts.creation import Creation
from broker.accounts.passwords import Passwords
from broker.base.crypto import Secret
from broker.base.db import Database
from broker.franceconnect.model import Purpose, VerifiedIdentity
from broker.franceconnect.relying_party import FranceConnect
from broker.sessions.model import LoginRequest
from broker.sessions.requests import LoginRequests
from broker.sessions.sessions import Sessions
from tests.unit.accounts.builders import NIR, Bench, a_new_account, claire
from tests.unit.sessions.conftest import PASSWORD, LoginPage
from tests.unit.signup.test_by_franceconnect import CLAIMS, ISS

OFFER = "/connexion/franceconnect/relier"
SUB = "sub-of-claire"


def words(response) -> str:
    """Return the page as it is read, its unbreakable spaces made plain."""
    return unescape(response.text).replace("\u00a0", " ")


@pytest.fixture
def bench(app):
    return Bench(app)


@pytest.fixture
def account(bench):
    insured_id = bench.registers(claire())
    hashed = bench.of(Passwords).hash(Secret(PASSWORD))
    bench.of(Creation).open_pending(a_new_account(insured_id, password_hash=hashed))
    return bench.of(Activation).confirm(bench.link("activation"))


class TieBrowser(LoginPage):
    """One browser of Claire's."""

    trips = 0

    def is_vouched_for(self, **changes) -> str:
        """FranceConnect vouches for somebody in this browser; return the id of the round trip."""
        self.trips += 1
        values = {
            "id": f"trip-{self.trips}",
            "purpose": Purpose.LOGIN,
            "iss": ISS,
            "sub": SUB,
            "acr": "eidas1",
            "auth_time": None,
            "idp_id": "impots",
            "claims": CLAIMS,
            "email": None,
            "verified_at": self.of(Sessions).clock(),
        }
        identity = VerifiedIdentity(**{**values, **changes})
        browser, until = self.ref(), identity.verified_at + timedelta(minutes=20)
        with self.of(Database).transaction():
            self.of(FranceConnect).store.keep_identity(identity, browser, until)
        return identity.id

    def comes_back(self, *, demande: str | None = None, **changes):
        """Come back from FranceConnect, which vouches for somebody."""
        query = {"transaction": self.is_vouched_for(**changes), "demande": demande}
        return self.client.get("/connexion/franceconnect/retour", query_string=query)

    def is_offered(self, answer=None, **changes) -> str:
        """Come back without a tie; return the id of the identity on the page that offers one."""
        back = answer or self.comes_back(**changes)
        assert back.status_code == 303, back.text
        assert back.location.startswith(f"{OFFER}?identite=")
        return re.findall(r"identite=([\w-]+)", back.location)[0]

    def accepts(self, identity: str, *, nir: str = NIR.value, password: str = PASSWORD, **fields):
        self.of(Sessions).clock.advance(seconds=1)  # so that the newest mail is known
        return self.posts(OFFER, identite=identity, nir=nir, mot_de_passe=password, **fields)

    def ties(self, **changes):
        """Go through the whole ceremony."""
        asked = {"demande": changes["demande"]} if "demande" in changes else {}
        return self.gives_code(self.accepts(self.is_offered(**changes), **asked))

    def logs_in_here(self, **fields):
        return self.gives_code(self.waits_for_code(), **fields)

    def waits_for_code(self):
        """Give the password; return the answer that asks for the code."""
        self.of(Sessions).clock.advance(seconds=1)
        return self.gives_password(nir=NIR.value)

    def logs_in_without_code(self) -> bool:
        """Whether the password alone opens the account in this browser."""
        return self.gives_password(nir=NIR.value).location == "/mon-compte"

    def session(self):
        return self.of(Sessions).of(self.session_cookie())

    def is_asked_by(self, demande: str, **changes) -> str:
        """A partner sends this browser to log in."""
        values = {
            "id": demande,
            "requester": "Ma retraite",
            "client_id": "retraite",
            "return_to": f"/authorize/suite?demande={demande}",
            "cancel_to": f"/authorize/annulation?demande={demande}",
            "browser": self.ref(),
            "created_at": self.of(Sessions).clock(),
        }
        self.of(LoginRequests).open(LoginRequest(**{**values, **changes}))
        return demande

    def of(self, service):
        return self.app.extensions["broker"][service]


@pytest.fixture
def browser(app, account):  # noqa: ARG001 - it must exist
    return TieBrowser(app.test_client(), app)


@pytest.fixture
def another_browser(app, account):  # noqa: ARG001 - it must exist
    return TieBrowser(app.test_client(), app, address="203.0.113.9")


@pytest.fixture
def opened(bench):
    """Return a function that tells which account an identity opens."""

    def find(sub: str = SUB) -> str | None:
        found = bench.of(Accounts).by_upstream(ISS, sub)
        return found.id if found else None

    return find

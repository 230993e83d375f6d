"""The broker behind the simulated FranceConnect, over HTTP, from its page of accounts and back."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from broker.app import create_app
from broker.base.db import Database
from demo.franceconnect.config import Config
from demo.franceconnect.server import create_app as create_simulator
from tests.conftest import FrozenClock, test_settings
from tests.franceconnect.plus import served
from tests.franceconnect.world import SECRET
from tests.support.identity_hub import REGISTRATION
from tests.support.insured_account import NIR, insured_account
from tests.support.partner import events, register
from tests.support.places import ROOT
from tests.support.ports import free_port
from tests.support.visitor import Visitor
from tests.unit.sessions.conftest import LoginPage

PASSWORD = "Tulipes&Violon7"
SITE = "https://site.test"


@dataclass
class Journey:
    """A person in front of a site that uses FranceConnect, who chooses their ameli account."""

    app: Any
    franceconnect: str
    person: Visitor

    def reaches_ameli(self) -> Visitor:
        request = {
            "client_id": "site",
            "redirect_uri": f"{SITE}/callback",
            "scope": "openid profile birth email",
            "response_type": "code",
            "state": "s" * 32,
            "nonce": "n" * 32,
            "acr_values": "eidas1",
        }
        self.person.opens(f"{self.franceconnect}/authorize?{urlencode(request)}")
        interaction = urlsplit(self.person.url).path
        return self.person.opens(f"{interaction}/remote/ameli")

    def logs_in(self) -> Visitor:
        form = self.person.form_with("mot_de_passe")
        self.person.submits(form=form, nir=NIR, mot_de_passe=PASSWORD)
        code = LoginPage(self.app.test_client(), self.app).mailed_code()
        return self.person.submits(form=self.person.form_with("code"), code=code)


Start = Callable[..., AbstractContextManager[Journey]]


@pytest.fixture
def start(sqlite_url: str, clock: FrozenClock) -> Start:
    @contextmanager
    def begin(encryption: str | None = None, **columns: str) -> Iterator[Journey]:
        ports = {"ameli": free_port(), "franceconnect": free_port()}
        ameli, franceconnect = (f"http://localhost:{port}" for port in ports.values())
        app = create_app(test_settings(sqlite_url, BROKER_ISSUER=ameli), clock=clock)
        register(app, **_registration(f"{franceconnect}/api/v2", encryption))
        insured_account(app, password=PASSWORD, **columns)
        simulator = create_simulator(
            _config(f"{franceconnect}/api/v2", ports["franceconnect"], ameli, encryption),
            clock=lambda: clock().timestamp(),
        )
        with served(app, ports["ameli"]), served(simulator, ports["franceconnect"]):
            yield Journey(app, f"{franceconnect}/api/v2", Visitor(f"{franceconnect}/api/v2"))
        app.extensions["broker"][Database].engine.dispose()

    return begin


def _registration(issuer: str, encryption: str | None) -> dict[str, Any]:
    encrypted = {
        f"{answer}_encrypted_response_{name}": value
        for answer in ("id_token", "userinfo")
        for name, value in (("alg", encryption), ("enc", "A256GCM"))
    }
    keys = {"jwks_uri": f"{issuer}/client/.well-known/keys"}
    return {
        **REGISTRATION,
        "redirect_uris": [f"{issuer}/oidc-callback"],
        "post_logout_redirect_uris": [f"{issuer}/client/logout-callback"],
        **(encrypted | keys if encryption else {}),
    }


def _config(issuer: str, port: int, ameli: str, encryption: str | None) -> Config:
    remote = {
        "discovery": f"{ameli}/.well-known/openid-configuration",
        "client_id": "franceconnect",
        "client_secret": "a-secret-of-the-partner-0123456789",
        "encryption": encryption,
    }
    site = {
        "client_id": "site",
        "client_secret": SECRET,
        "name": "Le site",
        "entity": "site",
        "redirect_uris": [f"{SITE}/callback"],
        "scopes": ["openid", "profile", "birth", "email"],
    }
    return Config.model_validate({
        "issuer": issuer,
        "port": port,
        "sub_secret": SECRET,
        "citizens": Path(ROOT) / "data/franceconnect_citizens.csv",
        "service_providers": [site],
        "identity_providers": [{"uid": "ameli", "name": "Ameli.fr", "remote": remote}],
    })  # fmt: skip


@pytest.mark.parametrize("encryption", [None, "ECDH-ES", "RSA-OAEP-256"])
def test_the_person_is_recognised_at_the_site_of_franceconnect(
    start: Start, encryption: str | None
) -> None:
    with start(encryption) as journey:
        journey.reaches_ameli()
        at_ameli = journey.person.text
        journey.logs_in()

        assert "Connectez-vous pour continuer vers FranceConnect" in at_ameli
        assert journey.person.url.endswith("/information")
        assert "Bienvenue Mme BRISSON" in journey.person.text
        assert len(events(journey.app, "token.issued")) == 2


def test_encryption_that_franceconnect_does_not_expect_is_not_understood(start: Start) -> None:
    """What the test above proves is not that FranceConnect takes anything."""
    with start("ECDH-ES") as journey:
        changed = _registration(journey.franceconnect, None)
        register(journey.app, **changed)
        journey.reaches_ameli()
        journey.logs_in()

        assert "Y020026" in journey.person.text


def test_who_gives_up_chooses_another_account_at_franceconnect(start: Start) -> None:
    with start() as journey:
        page = journey.reaches_ameli()
        rank = next(i for i, form in enumerate(page.forms) if form.action.endswith("/annuler"))
        page.submits(form=rank)

        assert "La connexion à Ameli.fr n'a pas été possible." in journey.person.text


def test_who_would_be_refused_reads_why_here_and_goes_back(start: Start) -> None:
    with start(identity_certified="0") as journey:
        journey.reaches_ameli()
        journey.logs_in()
        read = journey.person.text
        journey.person.submits()

        assert "vérifié auprès de l'Insee" in read
        assert "La connexion à Ameli.fr n'a pas été possible." in journey.person.text
        assert events(journey.app, "code.issued") == []

"""The broker behind the simulated FranceConnect, both over HTTP, and a person before them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import requests
from flask import Flask

from broker.app import create_app
from broker.base.db import Database
from demo.franceconnect.config import Config
from demo.franceconnect.server import create_app as create_simulator
from tests.conftest import FrozenClock, test_settings
from tests.franceconnect.plus import served
from tests.franceconnect.world import SECRET
from tests.support.identity_hub import REGISTRATION
from tests.support.insured_account import NIR, insured_account
from tests.support.partner import register
from tests.support.places import ROOT
from tests.support.ports import free_port
from tests.support.visitor import Visitor
from tests.unit.sessions.conftest import LoginPage

PASSWORD = "Tulipes&Violon7"
SITE = "https://site.test"
_SITE = {
    "client_id": "site",
    "client_secret": SECRET,
    "redirect_uri": f"{SITE}/callback",
}


@dataclass
class Journey:
    """A person in front of a site that uses FranceConnect, who chooses their ameli account."""

    app: Flask
    franceconnect: str
    person: Visitor

    def another(self) -> "Journey":
        """Return the journey of another browser."""
        return Journey(self.app, self.franceconnect, Visitor(self.franceconnect))

    def orders(self, misuse: str) -> None:
        """Have FranceConnect misuse us in the next journey."""
        address = f"{self.franceconnect.removesuffix('/api/v2')}/simulator/misbehaviour"
        answer = requests.post(address, json={"next": misuse}, timeout=10)
        assert answer.status_code == requests.codes.ok, answer.text

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

    def logs_out(self) -> Visitor:
        """Go on to the site, which takes its tokens and ends FranceConnect's session."""
        self.person.submits(until=SITE)
        code = parse_qs(urlsplit(self.person.arrived).query)["code"][0]
        form = {"grant_type": "authorization_code", "code": code, **_SITE}
        tokens = requests.post(f"{self.franceconnect}/token", data=form, timeout=10).json()
        hint = urlencode({"id_token_hint": tokens["id_token"]})
        return self.person.opens(f"{self.franceconnect}/session/end?{hint}")


@contextmanager
def journey(
    database_url: str, clock: FrozenClock, encryption: str | None = None, **columns: str
) -> Iterator[Journey]:
    """Run both; the account's row in the register says what *columns* want."""
    ports = {"ameli": free_port(), "franceconnect": free_port()}
    ameli, franceconnect = (f"http://localhost:{port}" for port in ports.values())
    app = create_app(test_settings(database_url, BROKER_ISSUER=ameli), clock=clock)
    register(app, **registration(f"{franceconnect}/api/v2", encryption))
    insured_account(app, password=PASSWORD, **columns)
    simulator = create_simulator(
        _config(f"{franceconnect}/api/v2", ports["franceconnect"], ameli, encryption),
        clock=lambda: clock().timestamp(),
    )
    with served(app, ports["ameli"]), served(simulator, ports["franceconnect"]):
        yield Journey(app, f"{franceconnect}/api/v2", Visitor(f"{franceconnect}/api/v2"))
    app.extensions["broker"][Database].engine.dispose()


def registration(issuer: str, encryption: str | None) -> dict[str, Any]:
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

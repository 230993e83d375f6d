"""A simulator in memory, a site that sends people to it, and their browser."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import KeySet
from werkzeug.test import TestResponse

from demo.franceconnect.config import Config
from demo.franceconnect.server import create_app

DATA = Path(__file__).parents[3] / "data"
ISSUER = "https://fc.test/api/v2"
CALLBACK = "https://site.test/callback"
LOGGED_OUT = "https://site.test/logged-out"
SECRET = "a-secret-of-at-least-thirty-two-characters"
SCOPES = ["openid", "profile", "birth", "birthdate", "email", "idp_birthdate", "idp_id", "amr"]


def a_site(**changes: Any) -> dict[str, Any]:
    return {
        "client_id": "site",
        "client_secret": SECRET,
        "name": "Le site",
        "entity": "site-entity",
        "redirect_uris": [CALLBACK],
        "post_logout_redirect_uris": [LOGGED_OUT],
        "scopes": SCOPES,
        "claims": ["amr"],
    } | changes


def a_config(**changes: Any) -> Config:
    table = {
        "issuer": ISSUER,
        "port": 8001,
        "sub_secret": "another-secret-of-thirty-two-characters",
        "citizens": DATA / "franceconnect_citizens.csv",
        "pivots": DATA / "pivots.jsonl",
        "service_providers": [
            a_site(),
            a_site(client_id="hmac", algorithm="HS256", scopes=["openid"], claims=[]),
            a_site(client_id="sibling", hidden_identity_providers=["ameli"]),
            a_site(client_id="other", entity="other-entity", recorded_sub=True),
            a_site(client_id="quick", prompt_login_skips_consent=True),
        ],
        "identity_providers": [
            {"uid": "impots", "name": "impots.gouv.fr"},
            {
                "uid": "ameli",
                "name": "Ameli.fr",
                "remote": {
                    "discovery": "https://ameli.test/.well-known/openid-configuration",
                    "client_id": "franceconnect",
                    "client_secret": SECRET,
                },
            },
        ],
    }
    return Config.model_validate(table | changes)


@dataclass
class Clock:
    now: float = 1_800_000_000

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds


@dataclass
class Site:
    """What a site and the person in front of it do; *client_id* says which site."""

    browser: FlaskClient
    clock: Clock
    slept: list[float]
    client_id: str = "site"
    request: dict[str, str] = field(default_factory=dict)

    def asks(self, **changes: str | None) -> TestResponse:
        """Send an authorization request; None leaves a parameter out."""
        self.request = {
            "client_id": self.client_id,
            "redirect_uri": CALLBACK,
            "scope": "openid profile birth email",
            "response_type": "code",
            "state": "s" * 32,
            "nonce": "n" * 32,
            "acr_values": "eidas1",
        }
        sent = {key: value for key, value in (self.request | changes).items() if value is not None}
        return self.browser.get("/api/v2/authorize", query_string=sent)

    def reaches_choice(self, **changes: str | None) -> str:
        """Return the address of the interaction."""
        return self.asks(**changes).location

    def logs_in(self, login: str = "test", misbehaviour: str = "", **changes: str) -> TestResponse:
        """Go through the simulated account; the answer leads to the information page."""
        return self.picks(self.reaches_choice(**changes), login, misbehaviour)

    def picks(self, interaction: str, login: str, misbehaviour: str = "") -> TestResponse:
        form = {"login": login, "password": "123", "misbehaviour": misbehaviour}
        return self.browser.post(f"{interaction}/account/impots", data=form)

    def returns(
        self, login: str = "test", misbehaviour: str = "", **changes: str
    ) -> dict[str, str]:
        """Go through the whole login and return the parameters of the callback."""
        information = self.logs_in(login, misbehaviour, **changes).location
        return parameters(self.browser.post(information).location)

    def redeems(self, code: str, **changes: str | None) -> TestResponse:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": CALLBACK,
            "client_id": self.client_id,
            "client_secret": SECRET,
        } | changes
        sent = {key: value for key, value in form.items() if value is not None}
        return self.browser.post("/api/v2/token", data=sent)

    def tokens(
        self, login: str = "test", misbehaviour: str = "", **changes: str
    ) -> dict[str, Any]:
        return self.redeems(self.returns(login, misbehaviour, **changes)["code"]).json

    def userinfo(self, access_token: str) -> TestResponse:
        bearer = {"Authorization": f"Bearer {access_token}"}
        return self.browser.get("/api/v2/userinfo", headers=bearer)

    def verifies(self, token: str, algorithm: str = "ES256") -> jwt.Token:
        keys = KeySet.import_key_set(self.browser.get("/api/v2/jwks").json)
        return jwt.decode(token, keys, [algorithm])

    def id_token(self, login: str = "test", **changes: str) -> jwt.Token:
        return self.verifies(self.tokens(login, **changes)["id_token"])

    def claims(self, login: str = "test", **changes: str) -> dict[str, Any]:
        """Return what userinfo says of *login*."""
        answer = self.userinfo(self.tokens(login, **changes)["access_token"])
        return self.verifies(answer.text).claims


def parameters(address: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(address).query, keep_blank_values=True))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def http() -> requests.Session:
    """How the simulator calls the remote identity provider."""
    return requests.Session()


def a_visit(config: Config, clock: Clock, http: requests.Session) -> Site:
    """Start a simulator in memory and open a browser in front of it."""
    slept: list[float] = []
    app = create_app(config, clock=clock, http=http, sleep=slept.append)
    browser = app.test_client()
    browser.environ_base["wsgi.url_scheme"] = "https"
    return Site(browser, clock, slept)


@pytest.fixture
def site(clock: Clock, http: requests.Session) -> Site:
    return a_visit(a_config(), clock, http)


@pytest.fixture
def rsa_site(clock: Clock, http: requests.Session) -> Site:
    return a_visit(a_config(service_providers=[a_site(algorithm="RS256")]), clock, http)


@pytest.fixture
def recorded() -> dict[str, Any]:
    """Return the first identity of pivots.jsonl, without what the test data adds."""
    with (DATA / "pivots.jsonl").open(encoding="utf-8") as lines:
        first = json.loads(next(lines))
    return {name: value for name, value in first.items() if name != "_truth"}

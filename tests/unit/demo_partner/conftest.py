"""A provider small enough to lie on demand, and a browser at the partner's site."""

import threading
import time
from base64 import b64decode
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from flask import Flask, jsonify, request
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey
from werkzeug.serving import make_server

from demo.partner.app import create_app
from demo.partner.settings import PartnerSettings

PUBLIC_URL = "http://localhost:8002"


@dataclass
class FakeProvider:
    """Answers as a right provider does, but for what a test changes in `flaws`."""

    issuer: str = ""
    now: int = 0
    flaws: dict[str, Any] = field(default_factory=dict)
    asked: dict[str, str] = field(default_factory=dict)
    token_request: dict[str, str] = field(default_factory=dict)
    key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256", {"kid": "one"}))
    rsa_key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "rsa"}))

    def keys(self) -> dict[str, Any]:
        return KeySet([self.key, self.rsa_key]).as_dict(private=False)

    def metadata(self) -> dict[str, Any]:
        names = ("authorization", "token", "userinfo", "end_session")
        endpoints = {f"{name}_endpoint": f"{self.issuer}/{name}" for name in names}
        return {
            "issuer": self.flaws.get("discovered_issuer", self.issuer),
            "jwks_uri": f"{self.issuer}/jwks",
            "id_token_signing_alg_values_supported": ["ES256", "RS256"],
            "code_challenge_methods_supported": ["S256"],
            **endpoints,
        }

    def token(self) -> dict[str, Any]:
        answer = {
            "access_token": "an-access-token",
            "token_type": "Bearer",
            "expires_in": 60,
            "scope": "openid profile",
            "id_token": self.signed(self.id_token_claims(), self.flaws.get("alg", "ES256")),
        }
        return {
            name: value for name, value in answer.items() if name not in self.flaws.get("drop", ())
        }

    def id_token_claims(self) -> dict[str, Any]:
        return {
            "iss": self.issuer,
            "sub": "pairwise-subject",
            "aud": self.asked["client_id"],
            "exp": self.now + 60,
            "iat": self.now,
            "auth_time": self.now,
            "nonce": self.asked["nonce"],
            "acr": "eidas1",
            "amr": ["pwd", "otp"],
            **self.flaws.get("id_token", {}),
        }

    def userinfo(self) -> dict[str, Any]:
        return {
            "sub": "pairwise-subject",
            "given_name": "Angela <b>",
            "family_name": "DUBOIS",
            **self.flaws.get("userinfo", {}),
        }

    def signed_userinfo(self) -> str:
        envelope = {"iss": self.issuer, "aud": self.asked["client_id"], "exp": self.now + 60}
        return self.signed(
            {**self.userinfo(), **envelope, **self.flaws.get("signed", {})}, "ES256"
        )

    def signed(self, claims: dict[str, Any], algorithm: str) -> str:
        usual = self.key if algorithm == "ES256" else self.rsa_key
        key = self.flaws.get("signing_key", usual)
        return jwt.encode({"alg": algorithm, "kid": key.kid}, claims, key)


def _application(provider: FakeProvider) -> Flask:
    app = Flask(__name__)
    app.add_url_rule(
        "/.well-known/openid-configuration", "metadata", lambda: jsonify(provider.metadata())
    )
    app.add_url_rule("/jwks", "jwks", lambda: jsonify(provider.keys()))

    @app.post("/token")
    def token() -> Any:
        provider.token_request = request.form.to_dict()
        if request.authorization is not None:
            basic = b64decode(request.headers["Authorization"].split()[1]).decode()
            provider.token_request["basic"] = basic
        if "token_error" in provider.flaws:
            return jsonify(error=provider.flaws["token_error"]), 400
        return jsonify(provider.token())

    @app.get("/userinfo")
    def userinfo() -> Any:
        if request.headers["Authorization"] != "Bearer an-access-token":
            return jsonify(error="invalid_token"), 401
        if "application/jwt" in request.headers["Accept"] and "plain" not in provider.flaws:
            return provider.signed_userinfo(), {"Content-Type": "application/jwt"}
        return jsonify(provider.userinfo())

    return app


@pytest.fixture(scope="session")
def _served_provider():
    provider = FakeProvider()
    server = make_server("127.0.0.1", 0, _application(provider), threaded=True)
    provider.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield provider
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def provider(_served_provider):
    _served_provider.now = int(time.time())
    _served_provider.flaws = {}
    _served_provider.asked = {}
    return _served_provider


@dataclass
class Clock:
    seconds: float = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def settings(provider):
    common = {"issuer": provider.issuer, "signing_algorithm": "ES256", "scope": "openid profile"}
    direct = {
        **common,
        "client_id": "partner",
        "client_secret": "direct-secret",
        "token_endpoint_auth_method": "client_secret_basic",
        "redirect_path": "/callback",
        "logout_path": "/fin-de-session",
        "events_path": "/evenements-de-securite",
        "events_authorization": "Bearer demo-only-evenements-Qx7mK2vR9tLw4NzB8cHy",
        "pkce": True,
        "signed_userinfo": False,
    }
    federated = {
        **common,
        "client_id": "partner-fs",
        "client_secret": "federated-secret",
        "token_endpoint_auth_method": "client_secret_post",
        "redirect_path": "/callback-franceconnect",
        "pkce": False,
        "signed_userinfo": True,
        "acr_values": "eidas1",
        "claims": '{"id_token":{"amr":{"essential":true}}}',
    }
    providers = {"ameli": direct, "franceconnect": federated}
    return PartnerSettings.parse({"public_url": PUBLIC_URL, "providers": providers})


class Visitor:
    """A browser at the partner's site, and the walk to the provider and back."""

    def __init__(self, app: Flask, provider: FakeProvider) -> None:
        self.browser = app.test_client()
        self.provider = provider

    def leaves(self, name: str) -> dict[str, str]:
        """Start a login; return the authorization request's parameters."""
        response = self.browser.post(f"/connexion/{name}")
        query = parse_qs(urlsplit(response.headers["Location"]).query)
        self.provider.asked = {key: values[0] for key, values in query.items()}
        return self.provider.asked

    def returns(self, **changes: str | None) -> Any:
        """Come back with a code, or with what *changes* says (None drops a parameter)."""
        answer = {
            "code": "a-code",
            "state": self.provider.asked["state"],
            "iss": self.provider.issuer,
        }
        kept = {key: value for key, value in {**answer, **changes}.items() if value is not None}
        path = urlsplit(self.provider.asked["redirect_uri"]).path
        return self.browser.get(path, query_string=kept)

    def logs_in(self, name: str) -> str:
        """Do the whole walk; return the page that follows."""
        self.leaves(name)
        self.returns()
        return self.browser.get("/").text

    def cookie(self) -> str:
        found = self.browser.get_cookie("partenaire_exemple")
        return found.value if found else ""


@pytest.fixture
def visitor(settings, clock, provider):
    return Visitor(create_app(settings, clock), provider)


@pytest.fixture
def code_challenge():
    return create_s256_code_challenge


@pytest.fixture
def logged_in(visitor, provider):
    """A person whose login at the provider has a session by that name."""
    provider.flaws = {"id_token": {"sid": "session-of-the-provider"}}
    visitor.logs_in("ameli")
    return visitor

"""A partner and an insured person's browser, in front of the application in this process."""

import base64
import hashlib
import io
import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, quote_plus, urlsplit

from flask import Flask
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import KeySet
from werkzeug.test import TestResponse

from broker.accounts.accounts import Accounts
from broker.audit.model import Actor
from broker.audit.store import AuditStore
from broker.base.browser import Cookies
from broker.base.crypto import new_reference, new_token
from broker.base.db import Database
from broker.clients.administration import ClientAdministration
from broker.clients.directory import Clients
from broker.clients.scopes import OFFLINE
from broker.insured.nir import Nir
from broker.insured.register import RegisterImport
from broker.oidc.consents.agreements import VERSION
from broker.oidc.consents.model import Consent
from broker.oidc.consents.store import ConsentStore
from broker.sessions.model import BrowserKnown, Proof
from broker.sessions.opening import new_session
from broker.sessions.requests import LoginRequests
from broker.sessions.sessions import Sessions
from tests.conftest import ROOT

SECRET = "a-secret-of-the-partner-0123456789"
CALLBACK = "https://partenaire.test/retour"
_REFRESH = re.compile(r'http-equiv="refresh" content="0; url=([^"]+)"')
_FIELD = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
OPERATOR = Actor(kind="admin", ref="test")


def a_registration(**changes: Any) -> dict[str, Any]:
    """Return a valid client file; ``None`` takes a member out."""
    document = {
        "client_id": "partenaire",
        "client_name": "Partenaire",
        "client_secret": SECRET,
        "redirect_uris": [CALLBACK],
        "post_logout_redirect_uris": ["https://partenaire.test/au-revoir"],
        "scope": "openid profile email phone address birth",
        "id_token_signed_response_alg": "ES256",
        **changes,
    }
    return {name: value for name, value in document.items() if value is not None}


REFRESHING: dict[str, Any] = {
    "grant_types": ["authorization_code", "refresh_token"],
    "scope": "openid profile email offline_access",
}
"""What a partner adds to its file to keep access, even in the person's absence."""
PUBLIC: dict[str, Any] = {
    **REFRESHING,
    "application_type": "native",
    "redirect_uris": ["http://127.0.0.1/retour"],
    "token_endpoint_auth_method": "none",
    "client_secret": None,
}
"""An application on the person's own machine: nothing proves it but PKCE."""


API = "https://api.test/dossiers"
"""The resource of a partner's API."""


def register(app: Flask, **changes: Any) -> dict[str, Any]:
    document = a_registration(**changes)
    app.extensions["broker"][ClientAdministration].register(document, OPERATOR)
    return document


@dataclass
class Holder:
    """An account holder's browser; ``client`` may be given to act in the same one."""

    app: Flask
    account_id: str
    client: FlaskClient = field(init=False)

    def __post_init__(self) -> None:
        self.client = self.app.test_client()

    def logs_in(self, request_id: str | None = None, amr: tuple[str, ...] = ("pwd",)) -> str:
        """Open a session as the login pages do, for a login request or none; return its sid."""
        services = self.app.extensions["broker"]
        sessions, cookies = services[Sessions], services[Cookies]
        browser = self.browser(cookies.name("navigateur"))
        request = services[LoginRequests].get(request_id, browser) if request_id else None
        proof, token = Proof(auth_event_id=new_reference(), acr="eidas1", amr=amr), new_token()
        session = new_session(self.account_id, proof, browser, request, sessions.clock)
        with sessions.db.transaction():
            opened = sessions.open(session, token, request, proof, BrowserKnown.REMEMBERED)
        self.client.set_cookie(cookies.name("session"), token.reveal())
        return opened.sid

    def browser(self, cookie_name: str) -> str:
        """Return the pseudonym of the browser, once it has opened a page."""
        if self.client.get_cookie(cookie_name) is None:
            self.client.get("/connexion")
        cookie = self.client.get_cookie(cookie_name)
        assert cookie
        return hashlib.sha256(cookie.value.encode()).hexdigest()[:32]

    def goes_on(self, response: TestResponse, **login: Any) -> TestResponse:
        """Log in where *response* asks for it, and come back to the provider."""
        request_id = parse(response.location)["demande"]
        self.logs_in(request_id, **login)
        return self.client.get(f"/authorize/suite?demande={request_id}")


@dataclass
class Partner:
    """A registered client; it speaks to the provider, and sends the holder's browser there.

    The holder has read and agreed to what it may learn, unless the partner is ``new`` to them.
    """

    app: Flask
    holder: Holder
    registered: dict[str, Any]
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))
    new: bool = False

    def request(self, **changes: Any) -> dict[str, str]:
        """Return valid authorization parameters; ``None`` takes one out."""
        if not self.new:
            agrees_to_all(self.app, self.holder.account_id, self.registered["client_id"])
        challenge = hashlib.sha256(self.verifier.encode()).digest()
        parameters = {
            "client_id": self.registered["client_id"],
            "redirect_uri": self.registered["redirect_uris"][0],
            "response_type": "code",
            "scope": "openid",
            "state": "s" * 128,
            "nonce": "n-0S6_WzA2Mj",
            "code_challenge": base64.urlsafe_b64encode(challenge).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
            **changes,
        }
        return {name: value for name, value in parameters.items() if value is not None}

    def sends(self, **changes: Any) -> TestResponse:
        return self.holder.client.get("/authorize", query_string=self.request(**changes))

    def receives(self, response: TestResponse) -> dict[str, str]:
        """Return the parameters of the answer, by whichever way it came."""
        return callback(response)

    def code(self, **changes: Any) -> str:
        return self.receives(self.sends(**changes))["code"]

    def calls(
        self,
        path: str,
        form: Mapping[str, str],
        *,
        secret: str = SECRET,
        headers: Mapping[str, str] | None = None,
    ) -> TestResponse:
        """POST a form as this client, by its registered method."""
        method = self.registered.get("token_endpoint_auth_method", "client_secret_basic")
        client_id, headers, body = self.registered["client_id"], dict(headers or {}), dict(form)
        if method == "client_secret_basic":
            pair = f"{quote_plus(client_id)}:{quote_plus(secret)}".encode()
            headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
        elif method == "client_secret_post":
            body = {"client_id": client_id, "client_secret": secret, **body}
        elif method == "none":
            body = {"client_id": client_id, **body}
        return self.app.test_client().post(path, data=body, headers=headers)

    def redeems(self, code: str, **changes: Any) -> TestResponse:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.registered["redirect_uris"][0],
            "code_verifier": self.verifier,
            **changes,
        }
        return self.calls("/token", {n: v for n, v in form.items() if v is not None})

    def refreshes(self, refresh_token: str, **changes: Any) -> TestResponse:
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token, **changes}
        return self.calls("/token", {n: v for n, v in form.items() if v is not None})

    def introspects(self, token: str) -> dict[str, Any]:
        answer = self.calls("/introspect", {"token": token})
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return dict(answer.get_json())

    def revokes(self, token: str) -> TestResponse:
        return self.calls("/revoke", {"token": token})

    def tokens(self, **changes: Any) -> dict[str, Any]:
        answer = self.redeems(self.code(**changes))
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return dict(answer.get_json())

    def id_token(self, tokens: Mapping[str, Any]) -> dict[str, Any]:
        return self.verified(tokens["id_token"])

    def verified(self, token: str) -> dict[str, Any]:
        """Check a token with the published keys."""
        keys = KeySet.import_key_set(self.app.test_client().get("/jwks").get_json())
        return dict(jwt.decode(token, keys, algorithms=["ES256", "PS256", "RS256"]).claims)

    def userinfo(self, access_token: str) -> TestResponse:
        headers = {"Authorization": f"Bearer {access_token}"}
        return self.app.test_client().get("/userinfo", headers=headers)


def agrees_to_all(app: Flask, account_id: str, client_id: str, *, version: str = VERSION) -> None:
    """Remember that the person agreed to all that the partner may ever ask."""
    services = app.extensions["broker"]
    store = ConsentStore(services[Database])
    client = services[Clients].registered(client_id)
    if client is not None:
        consent = Consent(
            client_id=client_id,
            data=frozenset((*client.claims, OFFLINE)),
            version=version,
            given_at=services[Sessions].clock(),
        )
        with store.db.transaction():
            store.keep(account_id, consent)


def error_of(response: TestResponse) -> tuple[int, str]:
    """Return the status and the OAuth error of an answer for programs."""
    return response.status_code, response.get_json()["error"]


def callback(response: TestResponse) -> dict[str, str]:
    """Return what the partner's redirect URI receives."""
    page = response.get_data(as_text=True)
    if response.status_code == 303:
        return parse(response.location)
    if found := _REFRESH.search(page):
        return parse(unescape(found[1]))
    return {unescape(name): unescape(value) for name, value in _FIELD.findall(page)}


def parse(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))


def header(token: str) -> dict[str, Any]:
    encoded = token.split(".", maxsplit=1)[0]
    return dict(json.loads(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))))


def events(app: Flask, type_prefix: str) -> list[dict[str, Any]]:
    """Return the events of that type, oldest first."""
    store = app.extensions["broker"][AuditStore]
    return [json.loads(body) for body in store.search(type_prefix=type_prefix)]


def sample_account(app: Flask, number: int = 1) -> str:
    """Import one of the first two people of the sample register, who have accounts."""
    register_lines = (ROOT / "data/records.csv").read_bytes().splitlines(keepends=True)
    lines = [register_lines[0], register_lines[number]]
    services = app.extensions["broker"]
    services[RegisterImport].load(
        io.BytesIO(b"".join(lines)),
        actor=OPERATOR,
        on_bad_row=lambda _row: None,
        on_progress=lambda _count: None,
    )
    found = services[Accounts].by_nir(Nir.parse(lines[1].decode().split(",")[0]))
    assert found
    return str(found.id)

"""One person's browser and the partner that they log in at, over connections that stay open."""

import base64
import hashlib
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from http.client import HTTPConnection, HTTPResponse
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

SECRET = "a-secret-of-the-bench-0123456789-abcdef"
REDIRECT_URI = "https://site.test/retour"
RESOURCE = "https://api.test/dossiers"
SCOPE = "openid profile email"
_SEE_OTHER, _OK = 303, 200


@dataclass(frozen=True)
class Endpoints:
    """Where one provider answers."""

    port: int
    authorize: str
    token: str
    userinfo: str
    introspect: str
    jwks: str
    discovery: str = "/.well-known/openid-configuration"


class Failed(Exception):
    """An answer that was not the expected one."""


@dataclass
class Visitor:
    """Does one thing after the other; ``cookies`` are those of a browser that is logged in."""

    at: Endpoints
    cookies: dict[str, str]
    offline: Mapping[str, str]
    """What the request for a refresh token needs besides."""
    tokens: dict[str, str] = field(default_factory=dict)

    @cached_property
    def _connection(self) -> HTTPConnection:
        return HTTPConnection("127.0.0.1", self.at.port, timeout=30)

    @property
    def acts(self) -> dict[str, Callable[[], None]]:
        """What is measured, by its name in the table."""
        return {
            "discovery + JWKS": self.discovers,
            "SSO login": self.logs_in,
            "refresh": self.refreshes,
            "introspection": self.introspects,
            "userinfo": lambda: self.reads(self.tokens["userinfo"]),
        }

    def prepares(self) -> None:
        """Get the tokens that the acts below use again and again."""
        self.tokens["userinfo"] = self._gets_tokens("site", scope=SCOPE)["access_token"]
        answer = self._gets_tokens("durable", scope=f"{SCOPE} offline_access", **self.offline)
        self.tokens["refresh"] = answer["refresh_token"]
        answer = self._gets_tokens("site", scope=SCOPE, resource=RESOURCE)
        self.tokens["api"] = answer["access_token"]

    def leaves(self) -> None:
        """Close the connection."""
        self._connection.close()

    def discovers(self) -> None:
        """Read the two documents that every partner reads."""
        self._json("GET", self.at.discovery)
        self._json("GET", self.at.jwks)

    def logs_in(self) -> None:
        """Send the browser, which has a session, for a code; get the tokens; read the claims."""
        self.reads(self._gets_tokens("site", scope=SCOPE)["access_token"])

    def refreshes(self) -> None:
        """Get new tokens for a refresh token, which stays the same."""
        form = {"grant_type": "refresh_token", "refresh_token": self.tokens["refresh"]}
        if "id_token" not in self._posts(self.at.token, "durable", form):
            raise Failed("id_token")

    def introspects(self) -> None:
        """Ask, as the API, what a token is worth."""
        if not self._posts(self.at.introspect, "api", {"token": self.tokens["api"]})["active"]:
            raise Failed("active")

    def reads(self, access_token: str) -> None:
        """Read the claims of the person."""
        headers = {"Authorization": f"Bearer {access_token}"}
        if "email" not in self._json("GET", self.at.userinfo, headers=headers):
            raise Failed("email")

    def opens(self, path: str) -> str:
        """Let the browser open an address; return where it is sent."""
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        answer = self._asks("GET", path, headers={"Cookie": cookie} if cookie else {})
        answer.read()
        for line in answer.headers.get_all("Set-Cookie", ()):
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
        if answer.status != _SEE_OTHER:
            raise Failed(f"{path}: {answer.status}")
        return answer.headers["Location"]

    def _gets_tokens(self, client_id: str, **parameters: str) -> dict[str, str]:
        verifier = secrets.token_urlsafe(48)
        request = {
            "client_id": client_id,
            "redirect_uri": REDIRECT_URI,
            "response_type": "code",
            "state": secrets.token_urlsafe(16),
            "nonce": secrets.token_urlsafe(16),
            "code_challenge": _base64url(hashlib.sha256(verifier.encode()).digest()),
            "code_challenge_method": "S256",
            **parameters,
        }
        location = self.opens(f"{self.at.authorize}?{urlencode(request)}")
        while not location.startswith(REDIRECT_URI):  # a login that answers itself
            location = self.opens(urlsplit(location).path)
        form = {
            "grant_type": "authorization_code",
            "code": parse_qs(urlsplit(location).query)["code"][0],
            "redirect_uri": REDIRECT_URI,
            "code_verifier": verifier,
        }
        if "resource" in parameters:
            form["resource"] = parameters["resource"]
        return self._posts(self.at.token, client_id, form)

    def _posts(self, path: str, client_id: str, form: Mapping[str, str]) -> dict[str, Any]:
        pair = base64.b64encode(f"{client_id}:{SECRET}".encode()).decode()
        headers = {
            "Authorization": f"Basic {pair}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        return self._json("POST", path, urlencode(form), headers)

    def _json(
        self, method: str, path: str, body: str | None = None, headers: Mapping[str, str] = {}
    ) -> dict[str, Any]:
        answer = self._asks(method, path, body, headers)
        text = answer.read()
        if answer.status != _OK:
            raise Failed(f"{path}: {answer.status} {text[:300]!r}")
        return dict(json.loads(text))

    def _asks(
        self, method: str, path: str, body: str | None = None, headers: Mapping[str, str] = {}
    ) -> HTTPResponse:
        self._connection.request(method, path, body, dict(headers))
        return self._connection.getresponse()


def _base64url(digest: bytes) -> str:
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

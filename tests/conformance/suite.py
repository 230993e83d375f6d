"""What the certification suite does around every module: its client, its user, its checks."""

import math
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from joserfc import jwt
from joserfc.jwk import KeySet
from werkzeug.test import TestResponse

from broker.sessions.sessions import Sessions
from tests.support.partner import Partner, callback, header, parse

ISSUER = "http://localhost:8000"
STATE = "s" * 128
NONCE = "n" * 40
SILENT_ERRORS = {
    "login_required",
    "interaction_required",
    "account_selection_required",
    "consent_required",
}
_ANSWER = {"code", "state", "iss"}
_ERROR = {"error", "error_description", "error_uri", "state", "iss"}
_PRINTABLE = re.compile(r"[\x20-\x7e]*")
_YEAR, _SKEW = 365 * 86_400, 300  # seconds
_TYPES: Mapping[str, type] = {
    **dict.fromkeys(("name", "given_name", "family_name", "preferred_username", "gender",
                     "birthdate", "email", "phone_number", "sub"), str),
    **dict.fromkeys(("email_verified", "phone_number_verified"), bool),
    "address": dict,
}  # fmt: skip


@dataclass
class Suite:
    """One client of a plan and the person in front of the browser.

    The client is registered as the certification's static clients are: without PKCE, RS256.
    ``response_mode`` is the plan's; None leaves the parameter out.
    """

    partner: Partner
    response_mode: str | None = None

    @property
    def client_id(self) -> str:
        return str(self.partner.registered["client_id"])

    def request(self, **changes: Any) -> dict[str, str]:
        return self.partner.request(
            **{
                "code_challenge": None,
                "code_challenge_method": None,
                "state": STATE,
                "nonce": NONCE,
                "response_mode": self.response_mode,
                **changes,
            }
        )

    def sends(self, **changes: Any) -> TestResponse:
        return self.partner.holder.client.get("/authorize", query_string=self.request(**changes))

    def person_goes_through(self, response: TestResponse) -> TestResponse:
        """Log in, read and agree wherever the pages ask for it, up to the answer."""
        holder = self.partner.holder
        if response.status_code == 303 and response.location.startswith("/connexion"):
            response = holder.goes_on(response)
        if response.status_code == 303 and response.location.startswith("/authorize/suite"):
            response = holder.client.get(response.location)
        if 'name="vu"' in response.get_data(as_text=True):
            return holder.client.post("/authorize/suite", data=callback(response))
        return response

    def answer(self, response: TestResponse) -> dict[str, str]:
        """Return what the redirect URI receives, checked as a callback of this plan."""
        received = callback(response)
        if self.response_mode == "form_post":
            self._check_form(response)
        assert received.get("iss") == ISSUER
        if "error" in received:
            assert set(received) <= _ERROR
            assert _PRINTABLE.fullmatch(received.get("error_description", ""))
        else:
            assert set(received) <= _ANSWER
        return received

    def authorizes(self, **changes: Any) -> str:
        """Go from the request to the code, through every page that comes."""
        received = self.answer(self.person_goes_through(self.sends(**changes)))
        assert received["state"] == STATE
        assert entropy_in_bits(received["code"]) > 96
        return received["code"]

    def redeems(self, code: str) -> dict[str, Any]:
        """Exchange a code; check the token response."""
        return self._tokens_of(self.partner.redeems(code, code_verifier=None))

    def refreshes(self, refresh_token: str) -> dict[str, Any]:
        """Exchange a refresh token; check it and the token response."""
        assert entropy_in_bits(refresh_token) > 128
        assert _PRINTABLE.fullmatch(refresh_token)
        return self._tokens_of(self.partner.refreshes(refresh_token))

    def _tokens_of(self, response: TestResponse) -> dict[str, Any]:
        assert response.status_code == 200, response.get_data(as_text=True)
        assert response.mimetype == "application/json"
        assert response.headers["Cache-Control"] == "no-store"
        tokens = dict(response.get_json())
        assert tokens["token_type"] == "Bearer"
        assert 0 < tokens["expires_in"] < _YEAR
        assert entropy_in_bits(tokens["access_token"]) > 96
        return tokens

    def tokens(self, **changes: Any) -> dict[str, Any]:
        return self.redeems(self.authorizes(**changes))

    def claims(self, tokens: Mapping[str, Any], *, nonce: str | None = NONCE) -> dict[str, Any]:
        """Verify an ID Token with the published keys; check what every module checks."""
        keys = KeySet.import_key_set(self._get("/jwks"))
        token = tokens["id_token"]
        assert header(token)["kid"] in {key.kid for key in keys.keys}
        claims = dict(jwt.decode(token, keys, algorithms=["RS256"]).claims)
        now = self.partner.app.extensions["broker"][Sessions].clock().timestamp()
        assert claims["iss"] == ISSUER
        assert claims["aud"] == self.client_id
        assert claims["exp"] > claims["iat"]
        assert abs(claims["iat"] - now) <= _SKEW
        assert claims["iat"] - _YEAR < claims["auth_time"] <= claims["iat"]
        assert claims["acr"]
        assert claims.get("nonce") == nonce
        assert claims["sub"].isascii()
        assert len(claims["sub"]) <= 255
        _check_types(claims)
        return claims

    def logs_in_again(self, first: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
        """Send a second request, which must ask for the login; return the new claims."""
        asked = self.sends(**changes)
        assert asked.location.startswith("/connexion?demande=")
        received = self.answer(self.person_goes_through(asked))
        second = self.claims(self.redeems(received["code"]))
        assert second["sub"] == first["sub"]
        return second

    def userinfo(self, tokens: Mapping[str, Any], sub: str) -> dict[str, Any]:
        response = self.partner.userinfo(tokens["access_token"])
        assert (response.status_code, response.mimetype) == (200, "application/json")
        told = dict(response.get_json())
        assert told["sub"] == sub
        _check_types(told)
        return told

    def is_refused_silently(self) -> None:
        """Check that prompt=none finds nobody logged in."""
        assert self.answer(self.sends(prompt="none"))["error"] in SILENT_ERRORS

    def _get(self, path: str) -> Any:
        return self.partner.app.test_client().get(path).get_json()

    def _check_form(self, response: TestResponse) -> None:
        """OAuth 2.0 Form Post Response Mode: a POST, nothing in the query, no script needed."""
        page = response.get_data(as_text=True)
        form = re.search(r'<form method="post" action="([^"]+)" data-goes-on>', page)
        assert response.status_code == 200
        assert form
        assert form[1] == self.partner.registered["redirect_uris"][0]
        assert not urlsplit(form[1]).query
        assert 'type="submit"' in page
        assert "onload" not in page


def _check_types(claims: Mapping[str, Any]) -> None:
    for name, value in claims.items():
        assert isinstance(value, _TYPES.get(name, object)), name


def entropy_in_bits(text: str) -> float:
    counts = Counter(text).values()
    return -sum(n * math.log2(n / len(text)) for n in counts)


def is_error_page(response: TestResponse) -> bool:
    """Tell whether the person reads an error, and nobody is redirected."""
    page = response.get_data(as_text=True)
    return (
        400 <= response.status_code < 500
        and "Location" not in response.headers
        and "http-equiv" not in page
        and "data-goes-on" not in page
        and "<title>Erreur" in page
    )


def query_of(response: TestResponse) -> dict[str, str]:
    return parse(response.location)

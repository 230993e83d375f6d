"""Partners that prove themselves by signed assertions (RFC 7523), and their tokens by DPoP."""

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

from joserfc import jws
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey
from joserfc.jws import JWSRegistry
from werkzeug.test import TestResponse

from broker.sessions.sessions import Sessions
from tests.support.partner import Partner

ISSUER = "http://localhost:8000"
TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
KEYS: dict[str, Key] = {
    "ES256": ECKey.generate_key("P-256", {"kid": "k1"}),
    "PS256": RSAKey.generate_key(2048),
    "Ed25519": OKPKey.generate_key(),
}
OWN = "a fresh proof of its own key"
"""Stands for the proof that an ordinary request carries; None: it carries none."""


def a_key(algorithm: str) -> Key:
    """Return a key of that kind; making RSA keys is slow, so those are all the same."""
    if algorithm == "ES256":
        return ECKey.generate_key("P-256")
    return KEYS[algorithm] if algorithm == "PS256" else OKPKey.generate_key()


def signs(algorithm: str, header: dict[str, Any], claims: dict[str, Any], key: Key) -> str:
    """Return a JWT, whatever its texts hold; members that are None are left out."""
    whole = {n: v for n, v in {"alg": algorithm, **header}.items() if v is not None}
    registry = JWSRegistry(algorithms=[algorithm], strict_check_header=False)
    present = {n: v for n, v in claims.items() if v is not None}
    return jws.serialize_compact(whole, json.dumps(present), key, registry=registry)


class KeyPartner(Partner):
    """A partner that proves itself by assertions."""

    algorithm, key = "ES256", KEYS["ES256"]

    @property
    def now(self) -> int:
        return int(self.app.extensions["broker"][Sessions].clock().timestamp())

    def assertion(
        self,
        *,
        algorithm: str | None = None,
        key: Key | None = None,
        header: dict[str, Any] | None = None,
        **changes: Any,
    ) -> str:
        """Return an assertion; times are given in seconds from now."""
        now = self.now
        claims = {
            "iss": self.registered["client_id"],
            "sub": self.registered["client_id"],
            "aud": ISSUER,
            "jti": secrets.token_hex(8),
            "iat": now,
            "exp": now + 60,
            **{name: now + value if name in ("nbf", "iat", "exp") and value else value
               for name, value in changes.items()},
        }  # fmt: skip
        algorithm = algorithm or self.algorithm
        return signs(algorithm, header or {}, claims, key or self.key)

    def pushes(self, assertion: str | None = None, **changes: Any) -> TestResponse:
        proof = {"client_assertion": assertion} if assertion else {}
        return self.calls("/par", {**self.request(**changes), **proof})

    def opens(self, request_uri: str, **more: str) -> TestResponse:
        """Send the browser with what was pushed."""
        query = {"client_id": self.registered["client_id"], "request_uri": request_uri}
        return self.holder.client.get("/authorize", query_string={**query, **more})

    def calls(
        self, path: str, form: Any, *, headers: dict[str, str] | None = None, **_secret: str
    ) -> TestResponse:
        proof = {"client_assertion_type": TYPE, "client_assertion": self.assertion()}
        body = {name: value for name, value in {**proof, **form}.items() if value is not None}
        return self.app.test_client().post(path, data=body, headers=headers)


@dataclass(frozen=True)
class DPoPKey:
    """A key that proofs are made with (RFC 9449 §4.2)."""

    algorithm: str = "ES256"
    key: Key = field(default_factory=lambda: ECKey.generate_key("P-256"))

    @property
    def thumbprint(self) -> str:
        return self.key.thumbprint()

    def proof(
        self,
        path: str,
        now: int,
        *,
        issuer: str = ISSUER,
        method: str = "POST",
        token: str | None = None,
        header: dict[str, Any] | None = None,
        signed_by: Key | None = None,
        **changes: Any,
    ) -> str:
        """Return a proof for that address; None takes a member out, ``iat`` is from now."""
        algorithm = (header or {}).get("alg") or self.algorithm
        typ_and_key = {"typ": "dpop+jwt", "jwk": self.key.as_dict(private=False)}
        claims = {
            "jti": secrets.token_hex(16),
            "htm": method,
            "htu": issuer + path,
            "ath": _digest(token) if token else None,
            **changes,
        }
        if "iat" not in changes or changes["iat"] is not None:
            claims["iat"] = now + changes.get("iat", 0)
        key = signed_by or self.key
        return signs(algorithm, {**typ_and_key, **(header or {})}, claims, key)


class FapiPartner(KeyPartner):
    """A partner of FAPI 2.0: pushed requests, assertions, tokens bound to a key."""

    dpop: DPoPKey

    def proof(self, path: str, **changes: Any) -> str:
        return self.dpop.proof(path, self.now, **changes)

    def pushes(
        self, assertion: str | None = None, *, proof: str | None = None, **changes: Any
    ) -> TestResponse:
        """Push a request, with a proof only where one is given: none is needed there."""
        form = {
            **self.request(**changes),
            **({"client_assertion": assertion} if assertion else {}),
        }
        return self.calls("/par", form, headers=_header(proof))

    def authorizes(self, **changes: Any) -> dict[str, str]:
        """Push a request, send the browser; return what the redirect URI receives."""
        pushed = self.pushes(**changes)
        assert pushed.status_code == 201, pushed.get_data(as_text=True)
        return self.receives(self.opens(pushed.get_json()["request_uri"]))

    def code(self, **changes: Any) -> str:
        return self.authorizes(**changes)["code"]

    def redeems(self, code: str, *, proof: str | None = OWN, **changes: Any) -> TestResponse:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.registered["redirect_uris"][0],
            "code_verifier": self.verifier,
            **changes,
        }
        return self.calls("/token", form, headers=_header(self._own(proof, "/token")))

    def refreshes(
        self, refresh_token: str, *, proof: str | None = OWN, **changes: Any
    ) -> TestResponse:
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token, **changes}
        return self.calls("/token", form, headers=_header(self._own(proof, "/token")))

    def reads(
        self, token: str, *, proof: str | None = OWN, scheme: str = "DPoP", method: str = "GET"
    ) -> TestResponse:
        """Read userinfo with a token and a proof about it."""
        if proof == OWN:
            proof = self.proof("/userinfo", method=method, token=token)
        headers = {"Authorization": f"{scheme} {token}", **_header(proof)}
        return self.app.test_client().open("/userinfo", method=method, headers=headers)

    def _own(self, proof: str | None, path: str) -> str | None:
        return self.proof(path) if proof == OWN else proof


def _header(proof: str | None) -> dict[str, str]:
    return {} if proof is None else {"DPoP": proof}


def _digest(token: str) -> str:
    digest = hashlib.sha256(token.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

"""Faulty answers on request: each one alters one artefact of one login."""

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey

from demo.franceconnect.config import ServiceProvider
from demo.franceconnect.model import Claims
from demo.franceconnect.tokens import SigningKeys

ELSEWHERE = "https://elsewhere.example"
JWT_TYPE = "application/jwt"
Parameters = dict[str, str]
Seal = Callable[[SigningKeys, Claims, ServiceProvider], str]


@dataclass(frozen=True)
class UserinfoAnswer:
    """The body of a userinfo answer and what it says it is."""

    body: str
    content_type: str = JWT_TYPE


def _same(artefact: Any) -> Any:  # noqa: ANN401 - the identity of any artefact
    return artefact


@dataclass(frozen=True)
class Misbehaviour:
    """What happens to each artefact of a login; the default leaves all of them alone."""

    callback: Callable[[Parameters], Parameters] = _same
    id_token_claims: Callable[[Claims], Claims] = _same
    id_token_seal: Seal = SigningKeys.sign
    token_answer: Callable[[dict[str, Any]], dict[str, Any]] = _same
    token_status: HTTPStatus = HTTPStatus.OK
    token_delay: float = 0
    userinfo_claims: Callable[[Claims], Claims] = _same
    userinfo_seal: Seal = SigningKeys.sign
    userinfo_answer: Callable[[UserinfoAnswer], UserinfoAnswer] = _same


def _with(**changes: object) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda artefact: artefact | changes


def _without(*names: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda artefact: {key: value for key, value in artefact.items() if key not in names}


def _later(seconds: int) -> Callable[[Claims], Claims]:
    """Move every date of a token, into the past when *seconds* is negative."""
    return lambda claims: claims | {name: claims[name] + seconds for name in ("iat", "exp")}


def _failing(error: str) -> Callable[[Parameters], Parameters]:
    """Answer *error* to the callback in place of the code."""

    def alter(parameters: Parameters) -> Parameters:
        description = {"error": error, "error_description": "made to fail"}
        return description | _without("code")(parameters)

    return alter


def _encoded(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def _signing_input(header: dict[str, Any], claims: Claims) -> str:
    return ".".join(_encoded(json.dumps(part).encode()) for part in (header, claims))


def _broken_signature(keys: SigningKeys, claims: Claims, site: ServiceProvider) -> str:
    header, payload, signature = keys.sign(claims, site).split(".")
    return ".".join((header, payload, signature[::-1]))


def _unsigned(_keys: SigningKeys, claims: Claims, _site: ServiceProvider) -> str:
    return _signing_input({"alg": "none"}, claims) + "."


def _signed_with_public_key(keys: SigningKeys, claims: Claims, _site: ServiceProvider) -> str:
    """Use the published key as if it were a shared secret (RFC 8725 §2.1)."""
    content = _signing_input({"alg": "HS256", "kid": keys.ec.kid}, claims)
    public_key = keys.ec.as_pem(private=False)
    return f"{content}.{_encoded(hmac.digest(public_key, content.encode(), hashlib.sha256))}"


def _signed_with_key_in_header(_keys: SigningKeys, claims: Claims, _site: ServiceProvider) -> str:
    """Bring the key along, as RFC 7515 §4.1.3 lets an attacker try."""
    key = ECKey.generate_key("P-256", auto_kid=True)
    header = {"alg": "ES256", "kid": key.kid, "jwk": key.as_dict(private=False)}
    return jwt.encode(header, claims, key, ["ES256"], default_type=None)


def _signed_with_unpublished_key(
    _keys: SigningKeys, claims: Claims, _site: ServiceProvider
) -> str:
    key = ECKey.generate_key("P-256", auto_kid=True)
    header = {"alg": "ES256", "kid": key.kid}
    return jwt.encode(header, claims, key, ["ES256"], default_type=None)


_LAWFUL = Misbehaviour()
MISBEHAVIOURS: dict[str, Misbehaviour] = {
    "bad_iss": Misbehaviour(id_token_claims=_with(iss=ELSEWHERE)),
    "bad_aud": Misbehaviour(id_token_claims=_with(aud="another-site")),
    "bad_nonce": Misbehaviour(id_token_claims=_with(nonce="0" * 64)),
    "missing_nonce": Misbehaviour(id_token_claims=_without("nonce")),
    "missing_sub": Misbehaviour(id_token_claims=_without("sub")),
    "missing_iat": Misbehaviour(id_token_claims=_without("iat")),
    "missing_acr": Misbehaviour(id_token_claims=_without("acr")),
    "low_acr": Misbehaviour(id_token_claims=_with(acr="eidas0")),
    "expired": Misbehaviour(id_token_claims=_later(-3600)),
    "issued_in_the_future": Misbehaviour(id_token_claims=_later(3600)),
    "bad_signature": Misbehaviour(id_token_seal=_broken_signature),
    "alg_none": Misbehaviour(id_token_seal=_unsigned),
    "hs256_public_key": Misbehaviour(id_token_seal=_signed_with_public_key),
    "jwk_in_header": Misbehaviour(id_token_seal=_signed_with_key_in_header),
    "unknown_key": Misbehaviour(id_token_seal=_signed_with_unpublished_key),
    "missing_id_token": Misbehaviour(token_answer=_without("id_token")),
    "server_error": Misbehaviour(token_status=HTTPStatus.INTERNAL_SERVER_ERROR),
    "slow": Misbehaviour(token_delay=30),
    "bad_sub": Misbehaviour(userinfo_claims=_with(sub="f" * 64 + "v1")),
    "bad_userinfo_signature": Misbehaviour(userinfo_seal=_broken_signature),
    "bad_userinfo_aud": Misbehaviour(userinfo_claims=_with(aud="another-site")),
    "wrong_content_type": Misbehaviour(
        userinfo_answer=lambda answer: UserinfoAnswer(answer.body, "text/html")
    ),
    "unsigned_userinfo": Misbehaviour(
        userinfo_seal=lambda _keys, claims, _site: json.dumps(claims),
        userinfo_answer=lambda answer: UserinfoAnswer(answer.body, "application/json"),
    ),
    "missing_state": Misbehaviour(callback=_without("state")),
    "wrong_state": Misbehaviour(callback=_with(state="0" * 64)),
    "wrong_iss_parameter": Misbehaviour(callback=_with(iss=ELSEWHERE)),
    "missing_iss_parameter": Misbehaviour(callback=_without("iss")),
    "callback_server_error": Misbehaviour(callback=_failing("server_error")),
    "callback_temporarily_unavailable": Misbehaviour(callback=_failing("temporarily_unavailable")),
}


def behaviour(name: str | None) -> Misbehaviour:
    """Return the misbehaviour *name*, or lawful behaviour when there is none."""
    return MISBEHAVIOURS[name] if name else _LAWFUL


class NextLogin:
    """The misbehaviour that tests ordered for the next login to finish, and for that one only."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ordered: str | None = None

    def order(self, name: str | None) -> None:
        """Remember *name*; None takes an order back. KeyError on an unknown name."""
        if name is not None and name not in MISBEHAVIOURS:
            raise KeyError(name)
        with self._lock:
            self._ordered = name

    def take(self) -> str | None:
        """Return what was ordered and forget it."""
        with self._lock:
            ordered, self._ordered = self._ordered, None
        return ordered

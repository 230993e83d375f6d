"""DPoP proofs as they come (RFC 9449 §4): a JWT signed by the key that its header holds."""

import base64
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from broker.base.clock import epoch
from broker.clients.key_sets import SIGNATURE_KINDS, public_key, verifying
from broker.oidc.signed import Untrusted, header_of, verified_claims

ALGORITHMS = tuple(SIGNATURE_KINDS)
_KIND = "dpop+jwt"
_OLDEST, _SKEW = 60, 30  # seconds; FAPI 2.0 §5.3.2.1: 10 ahead are accepted, over 60 are not
_LONGEST, _LONGEST_JTI = 4_096, 512  # characters
_PORTS = {"https": 443, "http": 80}


class Flawed(Exception):
    """The proof proves nothing; ``reason`` names what is wrong, ``thumbprint`` who signed it."""

    def __init__(self, reason: str, thumbprint: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.thumbprint = thumbprint


@dataclass(frozen=True)
class Shown:
    """The proof that a request brings, if any, and the request that it has to be about."""

    proof: str | None = field(repr=False)
    method: str
    address: str


@dataclass(frozen=True)
class Proof:
    """A proof whose signature and request are right; when it was made is not judged yet."""

    thumbprint: str
    claims: dict[str, Any] = field(repr=False)

    @property
    def jti(self) -> str:
        """Names the proof among those of its key."""
        return str(self.claims["jti"])

    @property
    def nonce(self) -> str | None:
        """The nonce of ours that it holds, if any."""
        nonce = self.claims.get("nonce")
        return nonce if isinstance(nonce, str) else None

    @property
    def good_until(self) -> datetime:
        """When its own time alone refuses it, on every node."""
        made = datetime.fromtimestamp(self.claims["iat"], UTC)
        return made + timedelta(seconds=_OLDEST + _SKEW)

    def require_recent(self, now: datetime) -> None:
        """Raise Flawed unless it was made a moment ago (§11.1), by the clock of its maker."""
        if not epoch(now) - _OLDEST <= self.claims["iat"] <= epoch(now) + _SKEW:
            raise Flawed("iat", self.thumbprint)


def read(shown: Shown, access_token: str | None) -> Proof:
    """Check everything that needs neither a clock nor a memory (§4.3); raise Flawed.

    With an *access_token* the proof has to be about it.
    """
    if shown.proof is None:
        raise Flawed("missing")
    proof = _verified(shown.proof)
    for name, holds in _RULES.items():
        if not holds(proof.claims, shown, access_token):
            raise Flawed(name, proof.thumbprint)
    return proof


def _verified(text: str) -> Proof:
    """Return what the key of the header has signed."""
    if len(text) > _LONGEST:
        raise Flawed("jws")
    try:
        header = header_of(text, kind=_KIND)
        algorithm = header.get("alg")
        if algorithm not in ALGORITHMS:
            raise Flawed("alg")
        key = verifying([public_key(header.get("jwk"))], None, algorithm)
        if key is None:
            raise Flawed("jwk")
        return Proof(key.thumbprint(), verified_claims(text, key, algorithm))
    except Untrusted as flaw:
        raise Flawed(str(flaw)) from None
    except ValueError:
        raise Flawed("jwk") from None


def _is_a_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_about(access_token: str | None, ath: object) -> bool:
    if access_token is None:
        return True
    digest = hashlib.sha256(access_token.encode()).digest()
    expected = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    return ath == expected


def _same_address(claimed: object, address: str) -> bool:
    """Compare without query and fragment (§4.3-9); case and default port do not count."""
    try:
        return isinstance(claimed, str) and _normal(claimed) == _normal(address)
    except ValueError:
        return False


def _normal(address: str) -> tuple[str, str | None, str | None, int | None, str]:
    parts = urlsplit(address)
    return (
        parts.scheme,  # in lower case, as is the host
        parts.username,
        parts.hostname,
        parts.port or _PORTS.get(parts.scheme),
        parts.path or "/",
    )


_Rule = Callable[[dict[str, Any], Shown, str | None], bool]
_RULES: dict[str, _Rule] = {
    "jti": lambda claims, _shown, _token: (
        isinstance(claims.get("jti"), str)
        and 0 < len(claims["jti"]) <= _LONGEST_JTI
        and claims["jti"].isprintable()  # half a surrogate pair has no digest
    ),
    "htm": lambda claims, shown, _token: claims.get("htm") == shown.method,
    "htu": lambda claims, shown, _token: _same_address(claims.get("htu"), shown.address),
    "iat": lambda claims, _shown, _token: _is_a_number(claims.get("iat")),
    "ath": lambda claims, _shown, token: _is_about(token, claims.get("ath")),
}


def unverified_nonce(proof: str) -> str | None:
    """Return the nonce that a proof says it holds, whether or not it is one."""
    try:
        payload = proof.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return str(claims["nonce"])
    except (ValueError, KeyError, TypeError, IndexError, RecursionError):
        return None

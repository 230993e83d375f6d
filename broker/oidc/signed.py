"""Signed tokens, read and written with the one algorithm that was agreed (RFC 8725 §3.1)."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import Key
from joserfc.jws import JWSRegistry

from broker.keys.rotation import Keys

_LONGEST = 16_384  # characters
_JWS_PARTS, _JWE_PARTS = 3, 5


class _Registry(JWSRegistry):
    """Limits come from ``header_of``: the library's would refuse the RSA key of a DPoP proof."""

    max_header_length = _LONGEST


# Header members that mean nothing to us are ignored (RFC 7515 §4); ``crit`` is judged below.
_REGISTRIES = {
    algorithm: _Registry(algorithms=[algorithm], strict_check_header=False)
    for algorithm in ("ES256", "PS256", "RS256", "Ed25519")
}


_COMPACT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


class Untrusted(Exception):
    """The token cannot be believed; the message is for the trail."""


@dataclass(frozen=True)
class Signer:
    """Signs with the provider's keys."""

    keys: Keys

    def sign(self, algorithm: str, claims: Mapping[str, Any], *, kind: str | None = None) -> str:
        """Return a JWT whose header names the key: verifiers pick it by its kid.

        *kind* is its ``typ``, so that one kind cannot stand for another (RFC 8725 §3.11).
        """
        key = self.keys.signing(algorithm)
        if key.private is None:
            raise LookupError(key.kid)
        # As the library's jwt.encode does, which takes as long again as the signature itself.
        payload = _base64url(_COMPACT.encode(dict(claims)).encode())
        signed = b".".join((_header(algorithm, key.kid, kind or "JWT"), payload))
        signature = _REGISTRIES[algorithm].get_alg(algorithm).sign(signed, key.private)
        return b".".join((signed, _base64url(signature))).decode()

    def own_claims(self, token: str, *, kind: str | None = None) -> dict[str, Any]:
        """Return the claims of a token that this provider signed, whatever their time says."""
        header = header_of(token, kind=kind)
        key = self.keys.verifying(str(header.get("kid", "")))
        if key is None or header.get("alg") != key.algorithm:
            raise Untrusted("kid")
        return verified_claims(token, key.verifier, key.algorithm)


@lru_cache(maxsize=64)  # few keys sign at a time, and few kinds of token
def _header(algorithm: str, kid: str, kind: str) -> bytes:
    header = {"typ": kind, "alg": algorithm, "kid": kid}
    return _base64url(_COMPACT.encode(header).encode())


def _base64url(content: bytes) -> bytes:
    return base64.urlsafe_b64encode(content).rstrip(b"=")


def key_of(token: str) -> str | None:
    """Return the ``kid`` of a token that we have just made; None: it is opaque."""
    head, dot, _ = token.partition(".")
    return str(_read(head)["kid"]) if dot else None


def header_of(token: str, *, kind: str | None = None) -> dict[str, Any]:
    """Return the unverified header of a compact JWS.

    Its ``typ`` is *kind* (RFC 8725 §3.11), for a plain JWT that or nothing. ``crit`` is refused,
    since no extension is understood (RFC 7515 §4.1.11); ``jku``, ``x5u`` and ``x5c`` are never
    looked at, ``jwk`` in a DPoP proof alone.
    """
    parts = token.split(".")
    if len(parts) == _JWE_PARTS:
        raise Untrusted("encrypted")  # for whom we cannot know: we publish no key to encrypt for
    if len(token) > _LONGEST or len(parts) != _JWS_PARTS:
        raise Untrusted("jws")
    try:
        header = _read(parts[0])
    except (ValueError, RecursionError):
        raise Untrusted("jws") from None
    if not isinstance(header, dict) or "crit" in header:
        raise Untrusted("header")
    if str(header.get("typ", "" if kind else "JWT")).lower() != (kind or "jwt"):
        raise Untrusted("typ")
    return header


def _read(head: str) -> Any:  # noqa: ANN401 - whatever JSON a stranger wrote
    return json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))


def verified_claims(token: str, key: Key, algorithm: str) -> dict[str, Any]:
    """Return the claims of a token that *key* signed with *algorithm*."""
    try:
        return dict(jwt.decode(token, key, registry=_REGISTRIES[algorithm]).claims)
    except (JoseError, ValueError, RecursionError) as error:
        raise Untrusted("signature") from error

"""Is this token FranceConnect's, for us, for this round trip? One named check per clause."""

import base64
import hashlib
import json
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from joserfc import jwt
from joserfc.errors import InvalidPayloadError, JoseError
from joserfc.jwk import Key
from joserfc.jws import JWSRegistry

from broker.base.crypto import fingerprint, same
from broker.franceconnect.model import ACR_LEVELS, Claims, LowAcr, UntrustedAnswer
from broker.franceconnect.unambiguous import UnambiguousDecoder

SKEW = 10  # seconds by which two clocks may differ
_MAX_TOKEN = 16_384  # characters
_JWS_PARTS = 3
_MAX_SUB = 255  # characters, OIDC Core §2
_LONGEST_SSO = 86_400  # seconds since the person last proved who they are
_TYPES = {"JWT", "APPLICATION/JWT"}


class _Registry(JWSRegistry):
    max_header_length = 4_096  # a lawful x5c is long; it is not read


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What the tokens of one round trip must say."""

    issuer: str
    client_id: str
    acr: str
    nonce_digest: bytes = field(repr=False)
    code: str = field(repr=False)
    access_token: str = field(repr=False)
    now: float


def header_of(name: str, token: str, algorithm: str) -> dict[str, Any]:
    """Return the unverified header, when the one pinned algorithm may have signed it.

    RFC 8725 §3.1: the algorithm is ours to choose. RFC 7515 §4.1.11: we understand no extension,
    so ``crit`` is refused. ``jwk``, ``jku``, ``x5u`` and ``x5c`` are not looked at.
    """
    parts = token.split(".")
    if len(parts) != _JWS_PARTS or len(token) > _MAX_TOKEN:
        raise UntrustedAnswer(f"{name}.jws")
    try:
        decoded = base64.urlsafe_b64decode(parts[0] + "=" * (-len(parts[0]) % 4))
        header = json.loads(decoded, cls=UnambiguousDecoder)
    except ValueError:
        raise UntrustedAnswer(f"{name}.header") from None
    if not isinstance(header, dict) or header.get("alg") != algorithm:
        raise UntrustedAnswer(f"{name}.alg")
    if "crit" in header or str(header.get("typ", "JWT")).upper() not in _TYPES:
        raise UntrustedAnswer(f"{name}.header")
    if not isinstance(header.get("kid"), str | None):
        raise UntrustedAnswer(f"{name}.header")
    return header


def verified(name: str, token: str, key: Key, algorithm: str) -> Claims:
    """Return the claims of a token that *key* signed."""
    registry = _Registry(algorithms=[algorithm], strict_check_header=False)
    try:
        return jwt.decode(token, key, registry=registry, decoder_cls=UnambiguousDecoder).claims
    except InvalidPayloadError:
        raise UntrustedAnswer(f"{name}.claims") from None
    except (JoseError, ValueError, TypeError, KeyError):
        raise UntrustedAnswer(f"{name}.signature") from None


def check_id_token(claims: Claims, expected: Expected) -> None:
    """Refuse an ID token that fails any check (OIDC Core §3.1.3.7)."""
    for check in _ID_TOKEN_CHECKS:
        if not check(claims, expected):
            raise UntrustedAnswer(f"id_token.{check.__name__}")
    if ACR_LEVELS.index(claims["acr"]) < ACR_LEVELS.index(expected.acr):
        raise LowAcr("id_token.acr")


def check_userinfo(claims: Claims, expected: Expected, sub: str) -> None:
    """Refuse userinfo that fails any check, or that is about somebody else (§5.3.2)."""
    for check in _USERINFO_CHECKS:
        if not check(claims, expected):
            raise UntrustedAnswer(f"userinfo.{check.__name__}")
    if claims.get("sub") != sub:
        raise UntrustedAnswer("userinfo.sub")


def iss(claims: Claims, expected: Expected) -> bool:
    """§3.1.3.7-2: exactly FranceConnect."""
    return bool(claims.get("iss") == expected.issuer)


def aud(claims: Claims, expected: Expected) -> bool:
    """§3.1.3.7-3: us and nobody else."""
    return claims.get("aud") in (expected.client_id, [expected.client_id])


def azp(claims: Claims, expected: Expected) -> bool:
    """§3.1.3.7-5."""
    return bool(claims.get("azp", expected.client_id) == expected.client_id)


def exp(claims: Claims, expected: Expected) -> bool:
    """§3.1.3.7-9."""
    instant = _instant(claims, "exp")
    return instant is not None and expected.now <= instant + SKEW


def exp_if_present(claims: Claims, expected: Expected) -> bool:
    """RFC 7519 §4.1.4, for userinfo, where it is optional."""
    return "exp" not in claims or exp(claims, expected)


def iat(claims: Claims, expected: Expected) -> bool:
    """§3.1.3.7-10: present, and not in the future."""
    instant = _instant(claims, "iat")
    return instant is not None and instant <= expected.now + SKEW


def iat_if_present(claims: Claims, expected: Expected) -> bool:
    """RFC 7519 §4.1.6, for userinfo, where it is optional."""
    return "iat" not in claims or iat(claims, expected)


def nbf(claims: Claims, expected: Expected) -> bool:
    """RFC 7519 §4.1.5."""
    instant = _instant(claims, "nbf")
    return "nbf" not in claims or (instant is not None and instant <= expected.now + SKEW)


def nonce(claims: Claims, expected: Expected) -> bool:
    """§3.1.3.7-11: the one that this round trip sent."""
    value = claims.get("nonce")
    return isinstance(value, str) and same(fingerprint(value).hex(), expected.nonce_digest.hex())


def sub(claims: Claims, _expected: Expected) -> bool:
    """§2: a text of at most 255 ASCII characters."""
    value = claims.get("sub")
    return isinstance(value, str) and 0 < len(value) <= _MAX_SUB and value.isascii()


def acr(claims: Claims, _expected: Expected) -> bool:
    """§3.1.3.7-12: a level that we know."""
    return claims.get("acr") in ACR_LEVELS


def auth_time(claims: Claims, expected: Expected) -> bool:
    """§3.1.3.7-13: not in the future, and of this day."""
    if "auth_time" not in claims:
        return True
    instant = _instant(claims, "auth_time")
    return instant is not None and -SKEW <= expected.now - instant <= _LONGEST_SSO


def at_hash(claims: Claims, expected: Expected) -> bool:
    """§3.1.3.8: where present, the hash of this access token."""
    return _hashes(claims, "at_hash", expected.access_token)


def c_hash(claims: Claims, expected: Expected) -> bool:
    """§3.3.2.11: where present, the hash of this code."""
    return _hashes(claims, "c_hash", expected.code)


_ID_TOKEN_CHECKS: tuple[Callable[[Claims, Expected], bool], ...] = (
    iss, aud, azp, exp, iat, nbf, nonce, sub, acr, auth_time, at_hash, c_hash,
)  # fmt: skip
_USERINFO_CHECKS: tuple[Callable[[Claims, Expected], bool], ...] = (
    iss, aud, exp_if_present, iat_if_present, nbf,
)  # fmt: skip


def _instant(claims: Claims, name: str) -> float | None:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return value


def _hashes(claims: Claims, name: str, value: str) -> bool:
    """Every algorithm that may be pinned hashes with SHA-256: the left half, in base64url."""
    if name not in claims:
        return True
    left = hashlib.sha256(value.encode()).digest()[:16]
    hashed = base64.urlsafe_b64encode(left).rstrip(b"=").decode()
    return isinstance(claims[name], str) and same(claims[name], hashed)

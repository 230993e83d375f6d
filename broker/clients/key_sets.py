"""Public keys of a partner: which ones are accepted, and which one serves (RFC 7517 §4 and §5)."""

from collections.abc import Iterable
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, Key

from broker.base.jwe import KINDS as ENCRYPTION_KINDS

SIGNATURE_KINDS = {"ES256": "EC", "PS256": "RSA", "Ed25519": "OKP"}
_CURVES = {"EC": "P-256", "OKP": "Ed25519"}
_SHORTEST_MODULUS = 342  # characters of base64url: 2048 bits
_PRIVATE = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}


def checked_set(document: dict[str, Any]) -> dict[str, Any]:
    """Return the key set of a partner's file, or raise ValueError with its first flaw."""
    keys = document.get("keys")
    if not isinstance(keys, list) or not keys:
        raise ValueError("it is not a JSON Web Key Set that holds keys")
    for item in keys:
        flaw = _flaw(item)
        if flaw is not None:
            raise ValueError(flaw)
    return document


def accepted(items: Iterable[object]) -> tuple[Key, ...]:
    """Return the keys of a published set that may be used; others are nobody's business."""
    return tuple(
        _imported(item) for item in items if isinstance(item, dict) and _flaw(item) is None
    )


def public_key(item: object) -> Key:
    """Return the public key that somebody shows, or raise ValueError with its flaw."""
    flaw = _flaw(item)
    if flaw is not None or not isinstance(item, dict):
        raise ValueError(flaw)
    return _imported(item)


def signs(key: Key) -> bool:
    """Tell whether the key is not kept for encryption."""
    return key.get("use", "sig") == "sig"


def kinds(keys: Iterable[Key]) -> set[str]:
    """Return the kinds of the keys that sign."""
    return {key.key_type for key in keys if signs(key)}


def verifying(keys: Iterable[Key], kid: object, algorithm: str) -> Key | None:
    """Return the key that a signature names, else the only one of the right kind."""
    fitting = [key for key in keys if _fits(key, "sig", algorithm, SIGNATURE_KINDS)]
    if kid is not None:
        fitting = [key for key in fitting if (key.kid or key.thumbprint()) == kid]
    return fitting[0] if len(fitting) == 1 else None


def encrypting(keys: Iterable[Key], algorithm: str) -> Key | None:
    """Return the key to encrypt for: the first that says so, in the order of its publisher.

    ``use`` must say ``enc``: OpenID registration §2 requires it where signing keys stand beside.
    """
    fitting = (key for key in keys if _fits(key, "enc", algorithm, ENCRYPTION_KINDS))
    return next((key for key in fitting if key.get("use") == "enc"), None)


def _fits(key: Key, use: str, algorithm: str, kinds_of: dict[str, str]) -> bool:
    return (
        key.key_type == kinds_of[algorithm]
        and key.get("use", use) == use
        and key.get("alg", algorithm) == algorithm
    )


def _imported(item: dict[str, Any]) -> Key:
    """Read a key; ``use`` says what for, ``key_ops`` would say it again in another way."""
    return JWKRegistry.import_key({n: v for n, v in item.items() if n != "key_ops"})


def _flaw(item: object) -> str | None:
    """Return what is wrong with a key: private, symmetric, weak, of another curve, unreadable."""
    if not isinstance(item, dict) or item.get("kty") not in ("EC", "RSA", "OKP"):
        return "keys are of the kinds EC, RSA and OKP"
    if _PRIVATE & item.keys():
        return "it must hold public keys, and only these"
    if item.get("crv") != _CURVES.get(item["kty"]):
        return "curves are P-256 and Ed25519"
    if item["kty"] == "RSA" and len(str(item.get("n", ""))) < _SHORTEST_MODULUS:
        return "RSA keys have 2048 bits at least"
    try:
        _imported(item)
    except (JoseError, KeyError, ValueError, TypeError):
        return "a key cannot be read"
    return None

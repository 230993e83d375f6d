"""Encrypted tokens, written and read with the one pair of algorithms that was agreed."""

import base64
import json
from collections.abc import Callable
from typing import Any

from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import Key

ENCRYPTION = "A256GCM"
KINDS = {"ECDH-ES": "EC", "RSA-OAEP-256": "RSA"}
"""The key management algorithms, and the kind of key that each needs."""
_LONGEST = 24_576  # characters: a signed token of 16 KiB, encrypted
_JWE_PARTS = 5
# zip: a small token could fill the memory. p2c: it could take hours. None is ever needed here.
_REFUSED = {"zip", "p2c", "p2s", "crit"}
# Other header members are ignored (RFC 7516 §4); both names of the agreed pair are required.
_REGISTRIES = {
    algorithm: jwe.JWERegistry(algorithms=[algorithm, ENCRYPTION], strict_check_header=False)
    for algorithm in KINDS
}


class CannotBeOpened(Exception):
    """The token is not one that was encrypted for us as agreed; the message is for the trail."""


def sealed_for(key: Key, algorithm: str, content: str, *, nested: bool) -> str:
    """Return *content* encrypted (RFC 7516 §3.1); *nested*: it is a signed JWT (RFC 7519 §5.2)."""
    header = {"alg": algorithm, "enc": ENCRYPTION}
    if key.kid is not None:
        header["kid"] = key.kid
    if nested:
        header["cty"] = "JWT"
    return jwe.encrypt_compact(header, content, key, registry=_REGISTRIES[algorithm])


def opened(
    token: str, algorithm: str, key_of: Callable[[str | None], Key | None]
) -> tuple[str, dict[str, Any]]:
    """Return the signed JWT inside a nested one, and the header around it; or CannotBeOpened.

    RFC 8725 §3.1 and §3.2: the algorithms are ours to choose, never the header's. *key_of* returns
    our private key of that id.
    """
    header = _header(token)
    if header.get("alg") != algorithm or header.get("enc") != ENCRYPTION:
        raise CannotBeOpened("alg")
    if _REFUSED & header.keys() or str(header.get("cty", "")).upper() != "JWT":
        raise CannotBeOpened("header")
    if not isinstance(header.get("kid"), str | None):
        raise CannotBeOpened("header")
    key = key_of(header.get("kid"))
    if key is None:
        raise CannotBeOpened("key")
    try:
        found = jwe.decrypt_compact(token, key, registry=_REGISTRIES[algorithm]).plaintext
        return (found or b"").decode("ascii"), header
    except (JoseError, ValueError, TypeError, KeyError, AssertionError, RecursionError):
        raise CannotBeOpened("decryption") from None


def _header(token: str) -> dict[str, Any]:
    parts = token.split(".")
    if len(parts) != _JWE_PARTS or len(token) > _LONGEST:
        raise CannotBeOpened("jwe")
    try:
        header = json.loads(base64.urlsafe_b64decode(parts[0] + "=" * (-len(parts[0]) % 4)))
    except (ValueError, RecursionError):
        raise CannotBeOpened("jwe") from None
    if not isinstance(header, dict):
        raise CannotBeOpened("jwe")
    return header

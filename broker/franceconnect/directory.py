"""FranceConnect's discovery document and keys: kept for a while, the last good ones on failure."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import requests
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, Key

from broker.base.kept import Kept
from broker.franceconnect.model import RoundTripRefused, UntrustedAnswer
from broker.franceconnect.unambiguous import JSON_TYPE, document

_METADATA_LIFE = 3_600  # seconds
_DEPARTURE_LIFE = 60  # seconds for which a FranceConnect that answered is taken to be there
_KEYS_LIFE = 600  # seconds: what FranceConnect's own Cache-Control says
_COMPANY = 5.0  # seconds for which logins wait for one of them that reads new keys
_KEYS_TYPE = "application/jwk-set+json"  # RFC 7517 §8.5.2
_KEY_KINDS: Mapping[str, Mapping[str, str]] = {
    "ES256": {"kty": "EC", "crv": "P-256"},
    "RS256": {"kty": "RSA"},
    "PS256": {"kty": "RSA"},
}
ALGORITHMS = tuple(_KEY_KINDS)
Get = Callable[[str], requests.Response]


@dataclass(frozen=True)
class Metadata:
    """The addresses of FranceConnect (OpenID Connect Discovery §3)."""

    authorization_endpoint: str
    token_endpoint: str
    userinfo_endpoint: str
    jwks_uri: str
    end_session_endpoint: str | None

    @classmethod
    def read(cls, document: dict[str, Any], issuer: str) -> "Metadata":
        """Read the document; the issuer must be exactly ours (Discovery §4.3)."""
        if document.get("issuer") != issuer:
            raise UntrustedAnswer("discovery.issuer")

        def address(name: str) -> str:
            value = document.get(name)
            if not isinstance(value, str) or not _is_address(value, issuer):
                raise UntrustedAnswer(f"discovery.{name}")
            return value

        ends = document.get("end_session_endpoint") is not None
        return cls(
            authorization_endpoint=address("authorization_endpoint"),
            token_endpoint=address("token_endpoint"),
            userinfo_endpoint=address("userinfo_endpoint"),
            jwks_uri=address("jwks_uri"),
            end_session_endpoint=address("end_session_endpoint") if ends else None,
        )


def _is_address(value: str, issuer: str) -> bool:
    """Tell an absolute URL, https or of the issuer's own origin, without user or fragment."""
    parts, ours = urlsplit(value), urlsplit(issuer)
    return (
        (parts.scheme == "https" or (parts.scheme, parts.netloc) == (ours.scheme, ours.netloc))
        and bool(parts.hostname)
        and "@" not in parts.netloc
        and not parts.fragment
    )


class Directory:
    """What FranceConnect publishes, kept in this process."""

    def __init__(
        self, issuer: str, algorithm: str, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._issuer, self._algorithm = issuer, algorithm
        self._metadata = Kept[Metadata](lambda _: _METADATA_LIFE, RoundTripRefused, monotonic)
        self._keys = Kept[tuple[Key, ...]](
            lambda _: _KEYS_LIFE, RoundTripRefused, monotonic, company=_COMPANY
        )

    def known_to_leave(self) -> Metadata | None:
        """Return the addresses if they were read within the last minute."""
        return self._metadata.fresh(_DEPARTURE_LIFE)

    def metadata_to_leave(self, get: Get) -> Metadata:
        """Return the addresses as read within the last minute, or fail: no older ones will do."""
        return self._metadata.recent(_DEPARTURE_LIFE, lambda: self._fetch_metadata(get))

    def metadata(self, get: Get) -> Metadata:
        """Return the addresses; the last good ones where none can be had."""
        return self._metadata.get(lambda: self._fetch_metadata(get))

    def keys(self, get: Get) -> tuple[Key, ...]:
        """Return the keys that may sign with the pinned algorithm."""
        return self._keys.get(lambda: self._fetch_keys(get))

    def key(self, kid: str | None, get: Get) -> Key:
        """Return the key named by a token, or the only one where it names none.

        Where new keys cannot be had, the login fails for that reason, and the next one asks again.
        """
        found: Key | None
        if kid is None:
            found = _chosen(self.keys(get), None)
        else:
            found = self._keys.find(partial(_chosen, kid=kid), lambda: self._fetch_keys(get))
        if found is None:
            raise UntrustedAnswer("key_unknown")
        return found

    def _fetch_metadata(self, get: Get) -> Metadata:
        address = f"{self._issuer}/.well-known/openid-configuration"
        return Metadata.read(document(get(address), "discovery"), self._issuer)

    def _fetch_keys(self, get: Get) -> tuple[Key, ...]:
        answer = get(self.metadata(get).jwks_uri)
        items = document(answer, "jwks", JSON_TYPE, _KEYS_TYPE).get("keys")
        if not isinstance(items, list):
            raise UntrustedAnswer("jwks.keys")
        found = tuple(key for item in items if (key := self._usable(item)) is not None)
        if not found:
            raise UntrustedAnswer("jwks.keys")
        return found

    def _usable(self, item: object) -> Key | None:
        """Return the key when it may verify signatures of our algorithm (RFC 7517 §5).

        A private key that is published is everybody's: what it signs proves nothing.
        """
        if not isinstance(item, dict) or not _is_of_kind(item, _KEY_KINDS[self._algorithm]):
            return None
        if item.get("use", "sig") != "sig" or item.get("alg", self._algorithm) != self._algorithm:
            return None
        try:
            key = JWKRegistry.import_key(item)
        except (JoseError, ValueError, TypeError, KeyError):
            return None
        return None if key.is_private else key


def _is_of_kind(item: Mapping[str, object], kind: Mapping[str, str]) -> bool:
    return all(item.get(name) == value for name, value in kind.items())


def _chosen(keys: tuple[Key, ...], kid: str | None) -> Key | None:
    """Return the one key of that name, or the only one; where several could be meant, none."""
    meant = [key for key in keys if kid is None or key.get("kid") == kid]
    return meant[0] if len(meant) == 1 else None

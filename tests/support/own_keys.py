"""RSA keys of the applications that the tests make: a few, made and checked once, in turn."""

from functools import cache, lru_cache
from itertools import count
from typing import Any, Self

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from joserfc.jwk import KeyParameters, RSAKey

from broker.keys import encryption, rotation, store

_MADE = 32  # more than any test makes
_PRIVATE = ("n", "e", "d", "p", "q", "dp", "dq", "qi")
_turns = count()


class OwnRSAKey(RSAKey):
    """joserfc's key, where the broker makes one and reads it again: each takes 40 ms.

    Keys that a test makes itself, such as a stranger's, are never among these.
    """

    @classmethod
    def generate_key(cls, size: int, uses: KeyParameters) -> Self:  # type: ignore[override]
        """Return another one than the last times."""
        made = _made(size, next(_turns) % _MADE)
        return cls(made, made, uses)

    @classmethod
    def import_key(cls, kept: dict[str, Any]) -> Self:  # type: ignore[override]
        """Read a private key; its numbers are checked the first time."""
        return cls(_read(tuple(kept[name] for name in _PRIVATE)), kept)


def make_few_keys() -> None:
    """Let the broker's modules have their keys from here."""
    rotation.RSAKey = encryption.RSAKey = store._KINDS["RSA"] = OwnRSAKey


@cache
def _made(size: int, _turn: int) -> RSAPrivateKey:
    return RSAKey.binding.generate_private_key(size)


@lru_cache(maxsize=1_024)
def _read(numbers: tuple[str, ...]) -> RSAPrivateKey:
    return RSAKey.binding.import_private_key(dict(zip(_PRIVATE, numbers, strict=True)))

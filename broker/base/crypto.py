"""Secrets that do not print, random tokens and their fingerprints, encryption and index keys."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import Column

_NONCE = 12  # bytes, NIST SP 800-38D §8.2
_TOKEN = 32  # bytes: 256 bits
_REFERENCE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # nothing that is misread on a telephone
_PAIRS = [first + second for first in _REFERENCE_ALPHABET for second in _REFERENCE_ALPHABET]
_REFERENCE_LENGTH = 10
_REFERENCES = len(_REFERENCE_ALPHABET) ** _REFERENCE_LENGTH


class Secret:
    """A value that no log line, traceback or repr may show."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def __repr__(self) -> str:
        return "Secret(…)"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and same(self._value, other._value)

    def __hash__(self) -> int:
        return hash(self._value)

    def reveal(self) -> str:
        """Return the value; call it at the last moment, never to log."""
        return self._value


def new_token() -> Secret:
    """Return 256 random bits as 43 URL-safe characters."""
    return Secret(secrets.token_urlsafe(_TOKEN))


def new_reference() -> str:
    """Return a short reference to read aloud, such as ``K7TP-4WQD-2M`` (49 bits)."""
    drawn, rest = "", secrets.randbelow(_REFERENCES)
    for _ in range(_REFERENCE_LENGTH // 2):
        rest, rank = divmod(rest, len(_PAIRS))
        drawn += _PAIRS[rank]
    return f"{drawn[:4]}-{drawn[4:8]}-{drawn[8:]}"


def fingerprint(token: Secret | str) -> bytes:
    """Return the SHA-256 digest under which a random token is stored (never for short codes)."""
    value = token.reveal() if isinstance(token, Secret) else token
    return hashlib.sha256(value.encode()).digest()


def same(left: str, right: str) -> bool:
    """Compare two secrets in constant time."""
    return hmac.compare_digest(left.encode(), right.encode())


def derive_key(secret_key: Secret, purpose: str) -> bytes:
    """Return the 256-bit key of one *purpose* (HKDF-SHA256, RFC 5869)."""
    hkdf = HKDF(algorithm=hashes.SHA256(), length=32, salt=b"", info=purpose.encode())
    return hkdf.derive(secret_key.reveal().encode())


@lru_cache(maxsize=256)  # purposes and labels are few
def _begun(key: bytes, label: str) -> HMAC:
    """Return the beginning of a keyed digest, to be copied."""
    keyed = HMAC(key, hashes.SHA256())
    keyed.update(f"{label}\x00".encode())
    return keyed


@dataclass(frozen=True)
class KeyedHash:
    """HMAC-SHA-256 under one purpose's key: search indexes and pseudonyms."""

    key: bytes = field(repr=False)

    def digest(self, label: str, value: str) -> bytes:
        """Return the digest of *value*; equal values under two labels have different ones."""
        return hmac.digest(self.key, f"{label}\x00{value}".encode(), "sha256")

    def digests(self, label: str, values: Iterable[str]) -> list[bytes]:
        """Return the digest of each value; the key and the label are taken in once for all."""
        keyed, found = _begun(self.key, label), []
        for value in values:
            one = keyed.copy()
            one.update(value.encode())
            found.append(one.finalize())
        return found

    def text(self, label: str, value: str) -> str:
        """Return the digest as 43 URL-safe characters."""
        return base64.urlsafe_b64encode(self.digest(label, value)).rstrip(b"=").decode()

    def texts(self, label: str, values: Iterable[str]) -> list[str]:
        """Return the digest of each value as 43 URL-safe characters."""
        digests = self.digests(label, values)
        return [base64.urlsafe_b64encode(each).rstrip(b"=").decode() for each in digests]


def seal_for(holder: Secret, text: str) -> bytes:
    """Encrypt *text* so that only whoever holds that random token reads it (AES-256-GCM)."""
    nonce = secrets.token_bytes(_NONCE)
    return nonce + _cipher_of(holder).encrypt(nonce, text.encode(), None)


def open_by(holder: Secret, sealed: bytes) -> str:
    """Decrypt what was sealed for the holder of that token; CannotDecrypt for any other."""
    try:
        opened = _cipher_of(holder).decrypt(sealed[:_NONCE], sealed[_NONCE:], None)
    except InvalidTag as error:
        raise CannotDecrypt from error
    return opened.decode()


def _cipher_of(holder: Secret) -> AESGCM:
    return AESGCM(derive_key(holder, "what only the holder of a token reads"))


class CannotDecrypt(Exception):
    """The ciphertext was altered, moved to another column, or its key is gone."""


DataKeys = tuple[tuple[str, bytes], ...]


class Vault:
    """Encrypts personal data at rest: AES-256-GCM, key id stored with the value.

    The associated data is ``table.column``, so a ciphertext moved elsewhere does not open. Layout:
    length of the key id (1 byte), key id, nonce (12 bytes), ciphertext and tag.
    """

    def __init__(self, load: Callable[[], DataKeys]) -> None:
        self._load = load
        self._use(load())

    def _use(self, keys: DataKeys) -> None:
        self._ciphers = {key_id: AESGCM(key) for key_id, key in keys}
        self.active = keys[0][0]

    def refresh(self) -> None:
        """Read the keys again; the first one encrypts from now on."""
        self._use(self._load())

    def seal(self, column: Column[bytes], text: str) -> bytes:
        """Encrypt *text* for that column."""
        return self.seal_all(column, [text])[0]

    def seal_all(self, column: Column[bytes], texts: Iterable[str]) -> list[bytes]:
        """Encrypt each text for that column, each under a nonce of its own.

        The nonces are drawn together but never kept: a process forked in between would use the
        same ones.
        """
        key_id = self.active.encode()
        head, place = bytes([len(key_id)]) + key_id, _place(column)
        encrypt = self._ciphers[self.active].encrypt
        plain = [text.encode() for text in texts]
        drawn = secrets.token_bytes(_NONCE * len(plain))
        nonces = (drawn[at : at + _NONCE] for at in range(0, len(drawn), _NONCE))
        return [
            b"".join((head, nonce, encrypt(nonce, text, place)))
            for nonce, text in zip(nonces, plain, strict=True)
        ]

    def open(self, column: Column[bytes], sealed: bytes) -> str:
        """Decrypt a value of that column."""
        key_id = self.key_id(sealed)
        if key_id not in self._ciphers:
            self.refresh()  # another process may have rotated the keys
        start = 1 + len(key_id)
        nonce, ciphertext = sealed[start : start + _NONCE], sealed[start + _NONCE :]
        try:
            return self._ciphers[key_id].decrypt(nonce, ciphertext, _place(column)).decode()
        except (KeyError, InvalidTag) as error:
            raise CannotDecrypt(_place(column).decode()) from error

    @staticmethod
    def key_id(sealed: bytes) -> str:
        """Return the id of the key that sealed the value."""
        return sealed[1 : 1 + sealed[0]].decode()


def _place(column: Column[bytes]) -> bytes:
    return f"{column.table.name}.{column.name}".encode()

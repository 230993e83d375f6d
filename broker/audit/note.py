"""Signed notes (C2SP signed-note): a text, then lines that sign it, in one readable file."""

import base64
import binascii
import hashlib
from dataclasses import dataclass
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

_ED25519 = b"\x01"
_KEY = 32  # bytes
_ID = 4
_MARK = "\u2014 "  # begins each line of a signature


class NoteRefused(Exception):
    """A note that is no note, or that the key did not sign."""


@dataclass(frozen=True)
class VerifierKey:
    """Who may sign: the name, and the public key under it."""

    name: str
    raw: bytes

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a key as it is published, ``name+id+base64``; NoteRefused when it is none."""
        name, _, rest = text.strip().partition("+")
        key_id, _, encoded = rest.partition("+")
        data = _decoded(encoded)
        if data[:1] != _ED25519 or len(data) != 1 + _KEY or not name:
            raise NoteRefused("not the public key of a log")
        found = cls(name, data[1:])
        if found.id.hex() != key_id:
            raise NoteRefused("the public key does not belong to its name")
        return found

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{_encoded(_ED25519 + self.raw)}"

    @property
    def id(self) -> bytes:
        """What a signature names its key by."""
        return hashlib.sha256(self.name.encode() + b"\n" + _ED25519 + self.raw).digest()[:_ID]

    def open(self, note: str) -> str:
        """Return the text of a note that this key signed; NoteRefused for any other.

        Signatures of others, such as witnesses, are left aside.
        """
        text, parted, signatures = note.rpartition("\n\n")
        text += "\n"
        lines = signatures.removesuffix("\n").split("\n")
        if not parted or not signatures.endswith("\n"):
            raise NoteRefused("not a signed note")
        for line in lines:
            name, _, encoded = line.removeprefix(_MARK).rpartition(" ")
            signed = _decoded(encoded)
            if name == self.name and signed[:_ID] == self.id and self._signed(signed, text):
                return text
        raise NoteRefused(f"not signed by {self.name}")

    def _signed(self, signature: bytes, text: str) -> bool:
        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(signature[_ID:], text.encode())
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True)
class SignerKey:
    """The key of a log, which only its sealer needs."""

    name: str
    private: Ed25519PrivateKey

    @classmethod
    def of_seed(cls, name: str, seed: bytes) -> Self:
        """Return the key that 32 bytes of chance make."""
        return cls(name, Ed25519PrivateKey.from_private_bytes(seed))

    @property
    def verifier(self) -> VerifierKey:
        """Its public part."""
        return VerifierKey(self.name, self.private.public_key().public_bytes_raw())

    def sign(self, text: str) -> str:
        """Return the text as a note of this key; it ends with a line break."""
        signature = _encoded(self.verifier.id + self.private.sign(text.encode()))
        return f"{text}\n{_MARK}{self.name} {signature}\n"


def _encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise NoteRefused("not base64") from error

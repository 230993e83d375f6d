"""Signed notes (C2SP signed-note): a text, then lines that sign it, in one readable file."""

import base64
import binascii
import hashlib
from dataclasses import dataclass
from typing import ClassVar, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

_KEY = 32  # bytes
_ID = 4
_MARK = "\u2014 "  # begins each line of a signature


class NoteRefused(Exception):
    """A note that is no note, or that the key did not sign."""


@dataclass(frozen=True)
class VerifierKey:
    """Who may sign: the name, and the public key under it."""

    kind: ClassVar[bytes] = b"\x01"
    """The type of its signatures: here Ed25519 over the text alone."""

    name: str
    raw: bytes

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a key as it is published, ``name+id+base64``; NoteRefused when it is none."""
        name, _, rest = text.strip().partition("+")
        key_id, _, encoded = rest.partition("+")
        data = _decoded(encoded)
        if data[:1] != cls.kind or len(data) != 1 + _KEY or not name:
            raise NoteRefused("not the public key of one who signs such notes")
        found = cls(name, data[1:])
        if found.id.hex() != key_id:
            raise NoteRefused("the public key does not belong to its name")
        return found

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{_encoded(self.kind + self.raw)}"

    @property
    def id(self) -> bytes:
        """What a signature names its key by."""
        return hashlib.sha256(self.name.encode() + b"\n" + self.kind + self.raw).digest()[:_ID]

    def open(self, note: str) -> str:
        """Return the text of a note that this key signed; NoteRefused for any other.

        Signatures of others, such as witnesses, are left aside.
        """
        text, parted, signatures = note.rpartition("\n\n")
        if not parted:
            raise NoteRefused("not a signed note")
        self.signature(f"{text}\n", signatures)
        return f"{text}\n"

    def signature(self, text: str, lines: str) -> bytes:
        """Return the signature of a text that this key has among others; NoteRefused: none."""
        if not lines.endswith("\n"):
            raise NoteRefused("not a signed note")
        for line in lines.removesuffix("\n").split("\n"):
            signature = self.named_by(line)
            if signature is not None and self._signed(signature, text):
                return signature
        raise NoteRefused(f"not signed by {self.name}")

    def named_by(self, line: str) -> bytes | None:
        """Return the signature, to be verified, of a line that names this key; None: another."""
        name, _, encoded = line.removeprefix(_MARK).rpartition(" ")
        signed = _decoded(encoded)
        return signed[_ID:] if name == self.name and signed[:_ID] == self.id else None

    def line(self, signature: bytes) -> str:
        """Return the line by which a note bears a signature of this key."""
        return f"{_MARK}{self.name} {_encoded(self.id + signature)}\n"

    def _signed(self, signature: bytes, text: str) -> bool:
        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(*self._stated(signature, text))
        except InvalidSignature:
            return False
        return True

    def _stated(self, signature: bytes, text: str) -> tuple[bytes, bytes]:
        """Return the bare signature, and what it is over."""
        return signature, text.encode()


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
        return f"{text}\n{self.verifier.line(self.private.sign(text.encode()))}"


def _encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise NoteRefused("not base64") from error

"""What a witness states by its signature (C2SP tlog-cosignature): this I saw, and then."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import ClassVar

from broker.audit.sealing.note import NoteRefused, VerifierKey

_TIME = 8  # bytes before the signature: seconds since 1970
_AHEAD = timedelta(minutes=5)  # how wrong the clock of a witness may be


@dataclass(frozen=True)
class WitnessKey(VerifierKey):
    """The public key of a witness: it signs the text and the moment at which it signed."""

    kind: ClassVar[bytes] = b"\x04"

    def cosignature(self, text: str, lines: str, now: datetime) -> str:
        """Return the line of this key's cosignature; NoteRefused: there is none, or of the future.

        It is written anew from what was verified: nothing else that the witness said is kept.
        """
        signature = self.signature(text, lines)
        latest = (now.astimezone(UTC) + _AHEAD).timestamp()
        if _moment(signature) > latest:
            raise NoteRefused(f"signed by {self.name} in the future")
        return self.line(signature)

    def has_signed(self, note: str) -> bool:
        """Tell whether a note has its cosignature; NoteRefused: one that names it and is not its.

        None, or one of another key, is no flaw: it may not have been asked yet, or have a new key.
        """
        lines = note.rpartition("\n\n")[2].splitlines()
        if all(self.named_by(line) is None for line in lines):
            return False
        self.open(note)
        return True

    def _stated(self, signature: bytes, text: str) -> tuple[bytes, bytes]:
        stated = f"cosignature/v1\ntime {_moment(signature)}\n{text}"
        return signature[_TIME:], stated.encode()


def _moment(signature: bytes) -> int:
    return int.from_bytes(signature[:_TIME])

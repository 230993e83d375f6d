"""A checkpoint (C2SP tlog-checkpoint): what the whole trail was, in four lines to be signed."""

import base64
import binascii
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from broker.audit.sealing.note import NoteRefused

_HASH = 32  # bytes


@dataclass(frozen=True)
class Checkpoint:
    """The size and root of a log at a moment.

    ``origin`` is the name of the log. After a restore that lost events the log goes on under
    another origin, so that nobody takes one for the other.
    """

    origin: str
    size: int
    root: bytes
    made_at: datetime

    @property
    def text(self) -> str:
        """What is signed; the moment is an extension line."""
        root = base64.b64encode(self.root).decode()
        moment = self.made_at.isoformat(timespec="microseconds").replace("+00:00", "Z")
        return f"{self.origin}\n{self.size}\n{root}\ntime {moment}\n"

    @classmethod
    def of_note(cls, note: str) -> Self:
        """Read a note that needs no proof: the sealer's own, maybe of a key that it had before."""
        return cls.parse(note.rpartition("\n\n")[0] + "\n")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the text of a note; NoteRefused when it is not a checkpoint of such a log."""
        lines = text.split("\n")
        try:
            origin, size, root, moment = lines[:4]
            found = cls(
                origin,
                int(size),
                base64.b64decode(root, validate=True),
                datetime.fromisoformat(moment.removeprefix("time ")),
            )
        except (ValueError, binascii.Error) as error:
            raise NoteRefused("not a checkpoint") from error
        if not re.fullmatch("0|[1-9][0-9]*", size) or len(found.root) != _HASH:
            raise NoteRefused("not a checkpoint")
        return found

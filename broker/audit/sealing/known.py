"""The signed checkpoints that a trail is compared with: the database's own, and those outside."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from broker.audit.sealing.checkpoint import Checkpoint
from broker.audit.sealing.cosignature import WitnessKey
from broker.audit.sealing.note import NoteRefused, VerifierKey


@dataclass(frozen=True)
class Restore:
    """A restore that the trail itself declares: from ``size`` on, events were lost."""

    event_id: str
    origin: str
    """Under which the trail went on."""
    size: int

    @classmethod
    def of(cls, body: dict[str, Any]) -> "Restore":
        """Read it from the event ``audit.restored``."""
        return cls(body["event_id"], body["origin"], body["size"])


@dataclass(frozen=True)
class Claim:
    """What one checkpoint says of a size, and where it stands."""

    origin: str
    root: bytes
    source: str


@dataclass
class Known:
    """Checkpoints by the size they tell of; each signature was verified."""

    keys: tuple[VerifierKey, ...]
    witness: WitnessKey | None = None
    by_size: dict[int, list[Claim]] = field(default_factory=dict)
    cosigned: set[tuple[int, bytes]] = field(default_factory=set)
    """Sizes and roots that the witness signed too."""
    refused: list[str] = field(default_factory=list)
    newest: Checkpoint | None = None

    def read(self, notes: Iterable[tuple[object, str]]) -> None:
        """Take in checkpoints, each with its place; those that no key signed are listed apart."""
        for place, note in notes:
            try:
                made = Checkpoint.parse(self._opened(note))
                cosigned = self.witness is not None and self.witness.has_signed(note)
            except NoteRefused as error:
                self.refused.append(f"{place}: {error}")
                continue
            claim = Claim(made.origin, made.root, str(place))
            claims = self.by_size.setdefault(made.size, [])
            if not any((c.origin, c.root) == (claim.origin, claim.root) for c in claims):
                claims.append(claim)
            if cosigned:
                self.cosigned.add((made.size, made.root))
            if self.newest is None or made.made_at > self.newest.made_at:
                self.newest = made

    def horizons(self, name: str, restores: list[Restore]) -> dict[str, int | None]:
        """Return up to which size the checkpoints of each origin speak of the present trail."""
        found: dict[str, int | None] = {}
        limit: int | None = None
        for origin, restore in zip(
            [*(each.origin for each in restores[::-1]), name],
            [*restores[::-1], None],
            strict=True,
        ):
            found[origin] = limit
            if restore:
                limit = restore.size if limit is None else min(limit, restore.size)
        return found

    def beyond(self, size: int) -> Iterator[tuple[int, Claim]]:
        """Yield what is claimed of sizes above this one, the largest first."""
        for larger in sorted((each for each in self.by_size if each > size), reverse=True):
            yield from ((larger, claim) for claim in self.by_size[larger])

    def _opened(self, note: str) -> str:
        for key in self.keys[:-1]:
            try:
                return key.open(note)
            except NoteRefused:
                continue
        return self.keys[-1].open(note)

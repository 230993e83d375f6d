"""Whether an event is sealed: in which checkpoint, or what it still waits for."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from broker.audit.commitment import leaf_of
from broker.audit.log import AuditLog
from broker.audit.proofs.evidence import Evidence, NotSigned
from broker.audit.retention.purged import Purged
from broker.audit.sealing.checkpoint import Checkpoint
from broker.audit.sealing.tree_store import TrailBroken, TreeStore


class Sealing(StrEnum):
    """How far an event has come."""

    WAITING = "waiting"
    IN_TREE = "in_tree"
    SIGNED = "signed"
    TOUCHED = "touched"


@dataclass(frozen=True, kw_only=True)
class ProofState:
    """``number`` and ``made_at`` are those of the first checkpoint that covers the event."""

    sealing: Sealing
    position: int | None = None
    number: int | None = None
    made_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Gone:
    """What is left of an event that the trail no longer has: its leaf, by which copies are proved.

    ``told`` is the event that says that it was removed at the end of its time; None: none does.
    """

    leaf: bytes
    proof: ProofState
    told: dict[str, Any] | None


@dataclass(frozen=True)
class ProofStates:
    """Judges single events, each under the newest checkpoint."""

    store: TreeStore
    audit: AuditLog

    def of(self, event_id: str, body: str) -> ProofState:
        """Prove the event as it stands now, byte for byte, and tell since when it is signed."""
        position = self.store.position(event_id)
        if position is None:
            return ProofState(sealing=Sealing.WAITING)
        return self._proved(position, leaf_of(body))

    def gone(self, event_id: str) -> Gone | None:
        """Return what is left of an event that is not there; None: nothing of that name was."""
        position = self.store.position(event_id)
        if position is None:
            return None
        (leaf,) = self.store.kept(0, position, 1)
        told = Purged(self.store, self.audit).told(position)
        return Gone(leaf=leaf, proof=self._proved(position, leaf), told=told)

    def _proved(self, position: int, leaf: bytes) -> ProofState:
        try:
            Evidence.newest(self.store).inclusion(position, leaf)
        except NotSigned:
            return ProofState(sealing=Sealing.IN_TREE, position=position)
        except TrailBroken:
            return ProofState(sealing=Sealing.TOUCHED, position=position)
        number, made = self._first_over(position)
        return ProofState(
            sealing=Sealing.SIGNED, position=position, number=number, made_at=made.made_at
        )

    def _first_over(self, position: int) -> tuple[int, Checkpoint]:
        """Return the first checkpoint that covers a position: their sizes never shrink."""
        low, high = 1, self.store.checkpoints_made()
        while low < high:
            middle = (low + high) // 2
            if self._checkpoint(middle).size > position:
                high = middle
            else:
                low = middle + 1
        return low, self._checkpoint(low)

    def _checkpoint(self, number: int) -> Checkpoint:
        return Checkpoint.of_note(self.store.checkpoint(number))

"""Evidence that outsiders can judge: events with proofs, under one signed checkpoint."""

import base64
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from broker.audit.commitment import SALT, Body, for_partner, leaf_of, shown_of
from broker.audit.readable import is_stand_in
from broker.audit.sealing.checkpoint import Checkpoint
from broker.audit.sealing.tree_store import TrailBroken, TreeStore
from broker.audit.tree import Tree, proves_consistency, proves_inclusion

_REMEMBERED = 256  # blocks of hashes that neighbouring proofs share
_OF_NOW = 3  # checkpoints that a witness may be behind: it is asked each half minute
Line = dict[str, Any]


class NotSigned(Exception):
    """No checkpoint says anything of it yet: it takes a minute, and a worker."""


@dataclass(frozen=True)
class Evidence:
    """Proofs under one checkpoint; each is verified before it is given away."""

    store: TreeStore
    number: int
    note: str
    checkpoint: Checkpoint
    tree: Tree

    @classmethod
    def newest(cls, store: TreeStore) -> "Evidence":
        """Prove under the newest checkpoint; NotSigned before the first one."""
        number = store.checkpoints_made()
        if not number:
            raise NotSigned("no checkpoint was signed yet")
        return cls._under(store, number)

    @classmethod
    def for_others(cls, store: TreeStore) -> "Evidence":
        """Prove under one of the last checkpoints that a witness signed, else as ``newest``."""
        newest = store.checkpoints_made()
        cosigned = store.newest_cosigned()
        if cosigned is None or cosigned < newest - _OF_NOW:
            return cls.newest(store)
        return cls._under(store, cosigned)

    @classmethod
    def _under(cls, store: TreeStore, number: int) -> "Evidence":
        note, tree = store.checkpoint(number), Tree(store.in_blocks(_REMEMBERED))
        return cls(store, number, note, Checkpoint.of_note(note), tree)

    def head(self, older: Checkpoint | None) -> Iterator[Line]:
        """Yield what begins a file of evidence; *older* is a checkpoint that somebody holds."""
        note = self.note + self.store.cosignature(self.number)
        yield {"kind": "checkpoint", "note": note}
        if older:
            yield self.consistency(older)

    def event(self, body: str) -> Line:
        """Prove one event; NotSigned when it is too young, TrailBroken when it was touched.

        Of a stand-in, only the leaf that the event had.
        """
        event = json.loads(body)
        if is_stand_in(event):
            return self._missing(event)
        shown = {"shown": shown_of(event)} if SALT in event else {}
        return {"kind": "event", **self._proved(event, body), "event": event, **shown}

    def for_partner(self, body: str) -> Line:
        """Prove a salted event by what its partner may see of it alone."""
        event = json.loads(body)
        return {"kind": "event", **self._proved(event, body), "event": for_partner(event)}

    def _missing(self, event: Body) -> Line:
        """Prove the leaf that is left where the event of the service is not: copies have it."""
        position = self._position(event)
        (leaf,) = self.store.kept(0, position, 1)
        proof = _encoded(self.inclusion(position, leaf))
        left = {"position": position, "leaf": _encoded([leaf])[0], "proof": proof}
        return {"kind": "missing", **left, "event": event}

    def _proved(self, event: Body, body: str) -> Line:
        position = self._position(event)
        return {"position": position, "proof": _encoded(self.inclusion(position, leaf_of(body)))}

    def _position(self, event: Body) -> int:
        position = self.store.position(event["event_id"])
        if position is None:
            raise NotSigned(f"{event['event_id']} is under no checkpoint yet")
        return position

    def inclusion(self, position: int, leaf: bytes) -> Sequence[bytes]:
        """Prove the hash of an event, which may be gone; NotSigned, TrailBroken."""
        made = self.checkpoint
        if position >= made.size:
            raise NotSigned(f"position {position} is under no checkpoint yet")
        if position < 0:
            raise TrailBroken(f"{position} is no position of a tree")
        proof = self.tree.inclusion(position, made.size)
        if not proves_inclusion(leaf, position, made.size, made.root, proof):
            raise TrailBroken(f"the event at {position} is not what was sealed")
        return proof

    def consistency(self, older: Checkpoint) -> Line:
        """Prove that nothing was rewritten since *older*; TrailBroken when something was."""
        made = self.checkpoint
        if older.origin != made.origin or not 0 < older.size <= made.size:
            raise TrailBroken(f"the trail does not go on from {older.origin}, {older.size} events")
        proof = self.tree.consistency(older.size, made.size)
        if not proves_consistency((older.size, older.root), (made.size, made.root), proof):
            raise TrailBroken(f"the first {older.size} events are not those that were signed")
        return {"kind": "consistency", "old_size": older.size, "proof": _encoded(proof)}

    def growth(self, size: int) -> list[str]:
        """Prove that the trail goes on from its first events, of which somebody knows the root."""
        return _encoded(self.tree.consistency(size, self.checkpoint.size)) if size else []


def _encoded(proof: Sequence[bytes]) -> list[str]:
    return [base64.b64encode(each).decode() for each in proof]

"""Proofs for partners: of the events about themselves, by what they may see of each alone."""

from dataclasses import dataclass

from sqlalchemy import select

from broker.audit.commitment import SALT, canonical
from broker.audit.proofs.evidence import Evidence, Line
from broker.audit.readable import event_of
from broker.audit.sealing.checkpoint import Checkpoint
from broker.audit.sealing.note import VerifierKey
from broker.audit.sealing.tree_store import TreeStore
from broker.audit.store import EVENT, readable
from broker.base.db import Database


@dataclass(frozen=True)
class PartnerProofs:
    """Finds what an event made by its digest or ``jti``, and proves it under the last checkpoint.

    Events whose leaf hides nothing (of other kinds, of older versions) are found by nobody.
    """

    store: TreeStore
    db: Database
    key: VerifierKey

    def find(self, client_id: str, column: str, value: str) -> str | None:
        """Return the body of the partner's event; *column*: ``made_ref`` or ``made_jti``."""
        rows = self.db.all(
            select(*readable(self.db)).where(
                EVENT.c[column] == value, EVENT.c.client_id == client_id
            )
        )
        return next((canonical(event) for row in rows if SALT in (event := event_of(row))), None)

    def prove(self, body: str, older: Checkpoint | None) -> list[Line]:
        """Return the lines of a file of evidence; NotSigned, TrailBroken where there is none."""
        evidence = Evidence.for_others(self.store)
        if older and older.size > evidence.checkpoint.size:  # held from before a witness signed
            evidence = Evidence.newest(self.store)
        return [*evidence.head(older), evidence.for_partner(body)]

    def opened(self, note: str) -> Checkpoint:
        """Read a checkpoint that somebody holds; NoteRefused where this log did not sign it."""
        return Checkpoint.parse(self.key.open(note))

"""The tables that the sealer adds to: leaves, inner nodes, checkpoints; and where it stands."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Integer,
    LargeBinary,
    Row,
    String,
    Text,
    cast,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column

from broker.audit.as_stored import as_stored
from broker.audit.commitment import leaf_of
from broker.audit.event_ids import first_id
from broker.audit.events import TrailPurged, TrailRestored, WitnessRefused
from broker.audit.store import EVENT
from broker.audit.tree import WIDTH, Kept, Tree
from broker.base.db import Base, Database, Instant, table
from broker.base.statements import row_of

_LATE = timedelta(minutes=5)  # how much later than its id an event usually commits
_SWEPT = 20_000  # events looked at once more for even later ones, at each checkpoint
_LAST = 2**63 - 1  # position that the column can hold


class TrailBroken(Exception):
    """Hashes are missing that the tree was built from."""


class AuditLeaf(Base):
    """The place of one event in the tree; never changed nor removed."""

    __tablename__ = "audit_leaf"

    position: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    event_id: Mapped[str] = mapped_column(String(36), unique=True)
    hash: Mapped[bytes] = mapped_column(LargeBinary(32))


class AuditNode(Base):
    """A complete subtree of 256, 65 536, … leaves, so that proofs read few rows."""

    __tablename__ = "audit_node"

    level: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    hash: Mapped[bytes] = mapped_column(LargeBinary(32))


class AuditCheckpoint(Base):
    """One signed checkpoint, as the outside got it."""

    __tablename__ = "audit_checkpoint"

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    note: Mapped[str] = mapped_column(Text)


class AuditCosignature(Base):
    """What a witness signed of the checkpoint of that number: one line of a signed note."""

    __tablename__ = "audit_cosignature"

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    line: Mapped[str] = mapped_column(Text)


class AuditSealer(Base):
    """The only row: who holds it seals. ``restored`` is set by deploy/after_restore.sql."""

    __tablename__ = "audit_sealer"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    looked_at: Mapped[datetime | None] = mapped_column(Instant)
    swept_to: Mapped[str] = mapped_column(String(36))
    line: Mapped[str] = mapped_column(String(20))
    restored: Mapped[bool] = mapped_column(Boolean)


LEAF, NODE = table(AuditLeaf), table(AuditNode)
CHECKPOINT, SEALER = table(AuditCheckpoint), table(AuditSealer)
COSIGNATURE = table(AuditCosignature)
_STORED = row_of(EVENT.c.keys())  # SQLAlchemy's own rows are slow to read by name
_OF_ONE = COSIGNATURE.c.number == CHECKPOINT.c.number


@dataclass(frozen=True)
class Standing:
    """Where the sealer stands."""

    looked_at: datetime | None
    swept_to: str
    line: str
    restored: bool

    def first_of_interest(self, now: datetime) -> str:
        """Return the id from which on events may still be unsealed, but for very late ones."""
        if self.looked_at is None:
            return ""
        return first_id(min(self.looked_at, now) - _LATE)


@dataclass(frozen=True)
class TreeStore:
    """Appends to the tree and reads it; belongs to the sealer and to those who verify."""

    db: Database

    @property
    def tree(self) -> Tree:
        """The tree over what is kept."""
        return Tree(self.kept)

    def standing(self) -> Standing:
        """Return where the sealer stands."""
        return _standing(self.db.one(select(SEALER)))

    def hold(self) -> Standing | None:
        """Take the sealer's row for this transaction; None when another worker has it."""
        row = self.db.one(select(SEALER).with_for_update(skip_locked=True))
        return _standing(row) if row else None

    def note(self, **changes: object) -> None:
        """Keep where the sealer stands; belongs in a transaction that holds the row."""
        self.db.execute(update(SEALER).values(**changes))

    def unsealed(self, after: str, limit: int, until: str | None = None) -> Sequence[Row[Any]]:
        """Return the first events after that id that are in no leaf.

        Each event asks the index for its leaf. As ``NOT EXISTS`` this became a join, for which
        PostgreSQL read every leaf there is, for each page again.
        """
        leaf = select(LEAF.c.position).where(LEAF.c.event_id == EVENT.c.event_id)
        wanted = select(EVENT.c.event_id, EVENT.c.body).where(
            EVENT.c.event_id > after, leaf.scalar_subquery().is_(None)
        )
        if until is not None:
            wanted = wanted.where(EVENT.c.event_id <= until)
        return self.db.all(wanted.order_by(EVENT.c.event_id).limit(limit))

    def swept_until(self, after: str) -> str | None:
        """Return the id at which the next slice of the whole trail ends; None: with the trail."""
        ids = select(EVENT.c.event_id).where(EVENT.c.event_id > after)
        found = self.db.scalar(ids.order_by(EVENT.c.event_id).offset(_SWEPT - 1).limit(1))
        return str(found) if found else None

    def size(self) -> int:
        """Return how many events are sealed."""
        last = self.db.scalar(select(func.max(LEAF.c.position)))
        return 0 if last is None else int(last) + 1

    def position(self, event_id: str) -> int | None:
        """Return where an event is sealed; None when it is not yet."""
        found = self.db.scalar(select(LEAF.c.position).where(LEAF.c.event_id == event_id))
        return None if found is None else int(found)

    def seal(self, events: Sequence[Row[Any]]) -> None:
        """Append a leaf for each event, in this order; belongs in the sealer's transaction."""
        if not events:
            return
        size = self.size()
        hashes = [leaf_of(event.body) for event in events]
        nodes = list(self.tree.grown(size, hashes))
        leaves = [
            {"position": size + rank, "event_id": event.event_id, "hash": each}
            for rank, (event, each) in enumerate(zip(events, hashes, strict=True))
        ]
        self.db.insert_rows(LEAF, leaves)
        if nodes:
            self.db.insert_rows(NODE, [vars(node) for node in nodes])

    def kept(self, level: int, first: int, count: int) -> list[bytes]:
        """Return hashes of a level; TrailBroken when one is missing."""
        return _whole(self._hashes(level, first, count), level, first, count)

    def in_blocks(self, remembered: int) -> Kept:
        """Return what gives hashes as ``kept`` does, but reads and remembers whole blocks.

        What a proof needs of a level is nearly all in one block.
        """
        read = lru_cache(remembered)(
            lambda level, block: self._hashes(level, block * WIDTH, WIDTH)
        )

        def kept(level: int, first: int, count: int) -> list[bytes]:
            block, start = divmod(first, WIDTH)
            return _whole(read(level, block)[start : start + count], level, first, count)

        return kept

    def _hashes(self, level: int, first: int, count: int) -> list[bytes]:
        """Return the hashes of a level up to so many, or to the first that is missing."""
        if not count:
            return []
        if level:
            place, of_level = NODE.c.number, NODE.c.level == level
        else:
            place, of_level = LEAF.c.position, LEAF.c.position >= first
        rows = self.db.all(
            select(place, *as_stored(self.db, place.table.c.hash))
            .where(of_level, place.between(first, first + count - 1))
            .order_by(place)
        )
        return [
            found
            for rank, (at, found) in enumerate(rows)
            if at == first + rank and isinstance(found, bytes)
        ]

    def next_after(self, position: int) -> int | None:
        """Return the first position behind that one that has a leaf."""
        behind = LEAF.c.position > position, LEAF.c.position <= _LAST
        found = self.db.scalar(select(func.min(LEAF.c.position)).where(*behind))
        return None if found is None else int(found)

    def leaves(self, first: int, last: int) -> Sequence[Row[Any]]:
        """Return the leaves of these positions, in their order; what is no hash is no leaf."""
        wanted = select(*as_stored(self.db, *LEAF.c)).where(LEAF.c.position.between(first, last))
        return [
            row
            for row in self.db.all(wanted.order_by(LEAF.c.position))
            if isinstance(row.position, int) and isinstance(row.hash, bytes)
        ]

    def misplaced(self, limit: int) -> Sequence[Row[Any]]:
        """Return leaves at no position of a tree, which whoever reads it would pass by."""
        at = LEAF.c.position
        nowhere = or_(at.is_(None), at < 0, cast(at, BigInteger) != at)
        return self.db.all(select(at, LEAF.c.event_id).where(nowhere).limit(limit))

    def nodes(self, level: int, first: int, last: int) -> dict[int, Any]:
        """Return what stands for the nodes of a level, by their numbers."""
        of_level = NODE.c.level == level, NODE.c.number.between(first, last)
        wanted = select(NODE.c.number, *as_stored(self.db, NODE.c.hash)).where(*of_level)
        return {row.number: row.hash for row in self.db.all(wanted)}

    def events(self, ids: Sequence[str]) -> Sequence[Any]:
        """Return the events that stand there now, as they are stored.

        In one array: PostgreSQL walks the index once, where a join begins anew for each leaf.
        """
        wanted = select(*as_stored(self.db, *EVENT.c))
        rows = self.db.all(wanted.where(self.db.among(EVENT.c.event_id, ids)))
        return list(map(_STORED, rows))

    def never_sealed(self, until: str, limit: int) -> Sequence[str]:
        """Return the first events of the whole trail, up to that id, that are in no leaf."""
        sealed = select(LEAF.c.position).where(LEAF.c.event_id == EVENT.c.event_id).exists()
        wanted = select(EVENT.c.event_id).where(EVENT.c.event_id <= until, ~sealed)
        rows = self.db.all(wanted.order_by(EVENT.c.event_id).limit(limit))
        return [str(row.event_id) for row in rows]

    def restores(self) -> Sequence[Row[Any]]:
        """Return the events that declare a restore, in the order of the tree."""
        sealed = EVENT.join(LEAF, EVENT.c.event_id == LEAF.c.event_id)
        what = select(*as_stored(self.db, EVENT.c.body, EVENT.c.mac))
        declared = what.select_from(sealed).where(EVENT.c.type == TrailRestored.type)
        return self.db.all(declared.order_by(LEAF.c.position))

    def purges(self, txn: str) -> Sequence[Row[Any]]:
        """Return the events of that act which tell that others were removed."""
        what = select(*as_stored(self.db, EVENT.c.body, EVENT.c.mac))
        return self.db.all(what.where(EVENT.c.txn == txn, EVENT.c.type == TrailPurged.type))

    def refusals(self, since: datetime) -> Sequence[Row[Any]]:
        """Return the events which tell, since then, that a witness signed nothing valid."""
        what = select(*as_stored(self.db, EVENT.c.body, EVENT.c.mac))
        return self.db.all(what.where(EVENT.c.type == WitnessRefused.type, EVENT.c.time > since))

    def add_checkpoint(self, note: str) -> None:
        """Keep a signed checkpoint; belongs in the sealer's transaction."""
        last = self.db.scalar(select(func.max(CHECKPOINT.c.number))) or 0
        self.db.insert_rows(CHECKPOINT, [{"number": last + 1, "note": note}])

    def newest_checkpoint(self) -> str | None:
        """Return the note of the newest checkpoint."""
        newest = select(CHECKPOINT.c.note).order_by(CHECKPOINT.c.number.desc()).limit(1)
        found = self.db.scalar(newest)
        return str(found) if found else None

    def checkpoints_made(self) -> int:
        """Return the number of the newest checkpoint; they are numbered from 1."""
        return int(self.db.scalar(select(func.max(CHECKPOINT.c.number))) or 0)

    def checkpoint(self, number: int) -> str:
        """Return the note of one checkpoint; TrailBroken when it is missing."""
        note = self.db.scalar(select(CHECKPOINT.c.note).where(CHECKPOINT.c.number == number))
        if note is None:
            raise TrailBroken(f"checkpoint {number} is missing")
        return str(note)

    def checkpoints(self) -> Iterator[tuple[int, str]]:
        """Yield number and note of each checkpoint, oldest first, cosigned where it is."""
        after = 0
        base = (
            select(CHECKPOINT, COSIGNATURE.c.line)
            .select_from(CHECKPOINT.outerjoin(COSIGNATURE, _OF_ONE))
            .order_by(CHECKPOINT.c.number)
            .limit(1_000)
        )
        while rows := self.db.all(base.where(CHECKPOINT.c.number > after)):
            yield from ((row.number, f"{row.note}{row.line or ''}") for row in rows)
            after = rows[-1].number

    def add_cosignature(self, number: int, line: str) -> None:
        """Keep what a witness signed of a checkpoint, where nothing is kept of it yet."""
        self.db.insert_unless_present(COSIGNATURE, {"number": number, "line": line})

    def cosignature(self, number: int) -> str:
        """Return the line of the witness below that checkpoint; empty: there is none."""
        wanted = select(COSIGNATURE.c.line).where(COSIGNATURE.c.number == number)
        return str(self.db.scalar(wanted) or "")

    def newest_cosigned(self) -> int | None:
        """Return the number of the newest checkpoint that a witness signed."""
        found = self.db.scalar(select(func.max(COSIGNATURE.c.number)))
        return None if found is None else int(found)


def _whole(hashes: list[bytes], level: int, first: int, count: int) -> list[bytes]:
    if len(hashes) != count:
        raise TrailBroken(f"level {level}, from {first}: {len(hashes)} of {count} hashes")
    return hashes


def _standing(row: Row[Any]) -> Standing:
    return Standing(row.looked_at, row.swept_to, row.line, row.restored)

"""Judges the whole trail: against its own hashes and marks, and against signed checkpoints."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter
from pathlib import Path

from broker.audit.event_ids import first_id
from broker.audit.events import TrailRestored
from broker.audit.log import AuditLog
from broker.audit.proofs.judging import Flawed, Judge, JudgedStretch
from broker.audit.retention.purged import Purged
from broker.audit.sealing.cosignature import WitnessKey
from broker.audit.sealing.known import Claim, Known, Restore
from broker.audit.sealing.note import VerifierKey
from broker.audit.sealing.outside import notes_in
from broker.audit.sealing.soundness import written
from broker.audit.sealing.tree_store import TreeStore
from broker.audit.tree import GrowingRoot
from broker.base.clock import Clock
from broker.base.engine import read_any_text
from broker.base.parallel import in_order

_MOST = 1_000  # flaws that are told one by one
_ALONE = 4  # stretches judged before child processes are worth their start
_SEALED_WITHIN = timedelta(minutes=10)
_LEVEL = attrgetter("level")


@dataclass(frozen=True)
class Flaw:
    """One thing that cannot be in a trail that nobody touched."""

    kind: str
    first: int | None
    """The position, or the first one, where it can be told."""
    last: int | None
    what: str
    event_id: str | None = None


@dataclass
class Report:
    """What a verification found."""

    size: int = 0
    checkpoints: int = 0
    agreed: int = 0
    """The largest size that a signed checkpoint confirms."""
    cosigned: int = 0
    """The largest that one with the signature of the witness confirms."""
    signed_at: datetime | None = None
    purged: int = 0
    """Leaves whose events were removed at the end of their time."""
    flaws: list[Flaw] = field(default_factory=list)
    more: int = 0

    def add(
        self, kind: str, what: str, places: tuple[int, int] | None = None, event: str | None = None
    ) -> None:
        """Keep a flaw; beyond many, only count it."""
        if len(self.flaws) == _MOST:
            self.more += 1
            return
        first, last = places or (None, None)
        self.flaws.append(Flaw(kind, first, last, what, event))


@dataclass(frozen=True)
class Verification:
    """Reads the trail once, as a stream; changes nothing."""

    store: TreeStore
    audit: AuditLog
    key: VerifierKey
    witness: WitnessKey | None
    clock: Clock

    def run(
        self,
        outside: Iterable[Path] = (),
        former_keys: Iterable[VerifierKey] = (),
        restored: Iterable[str] = (),
        unmarked_until: int = 0,
        processes: int = 1,
    ) -> Report:
        """Verify against the checkpoints in these files and folders, and the database's own.

        *restored* are ids of events ``audit.restored`` that the operator knows of: what was lost
        then is no flaw. Before the position *unmarked_until* events without a mark are believed:
        how far those of an older version go, the trail itself can't tell. *processes* judge
        events; more than one only where no thread runs.
        """
        read_any_text(self.store.db.engine)
        known = Known((*former_keys, self.key), self.witness)
        known.read((f"checkpoint {number}", note) for number, note in self.store.checkpoints())
        for place in outside:
            known.read(notes_in(place))
        declared = written(self.audit, self.store.restores(), TrailRestored.type)
        restores = [Restore.of(body) for body in declared]
        horizons = known.horizons(self.key.name, restores)
        reading = _Reading(self.store, known, horizons)
        report = reading.report
        for refused in known.refused:
            report.add("unsigned", refused)
        reading.read(self._judged(unmarked_until, processes))
        reading.compare_beyond(restores, set(restored))
        self._look_beside_the_tree(report)
        report.checkpoints = sum(map(len, known.by_size.values()))
        report.signed_at = known.newest.made_at if known.newest else None
        return report

    def _judged(self, unmarked_until: int, processes: int) -> Iterator[JudgedStretch]:
        judge = Judge(self.store, self.audit, Purged(self.store, self.audit), unmarked_until)
        return in_order(
            judge,
            judge.stretches(),
            processes=processes,
            alone=_ALONE,
            before_children=self.store.db.engine.dispose,  # each opens connections of its own
        )

    def _look_beside_the_tree(self, report: Report) -> None:
        for leaf in self.store.misplaced(_MOST):
            what = f"its leaf is at {leaf.position!r}, which is no position"
            report.add("inserted", what, None, str(leaf.event_id))
        until = first_id(self.clock() - _SEALED_WITHIN)
        for event_id in self.store.never_sealed(until, _MOST):
            report.add("unsealed", "in no leaf after ten minutes", None, event_id)


@dataclass
class _Reading:
    """One pass over the leaves, in their order."""

    store: TreeStore
    known: Known
    horizons: dict[str, int | None]
    report: Report = field(default_factory=Report)
    growing: GrowingRoot = field(default_factory=GrowingRoot)
    whole: bool = True
    """Whether every position so far has its leaf: only then do roots say something."""

    def read(self, judged: Iterable[JudgedStretch]) -> None:
        """Take in each leaf; compare the root wherever a checkpoint tells it."""
        self._compare()
        for stretch in judged:
            self.report.purged += stretch.purged
            for position, leaf in zip(stretch.positions, stretch.hashes, strict=True):
                self._take(position, leaf, stretch.flaws.get(position))
            self._compare_nodes()

    def _take(self, position: int, leaf: bytes, flaw: Flawed | None) -> None:
        report = self.report
        if position != report.size:
            report.add("removed", "positions without a leaf", (report.size, position - 1))
            self.whole = False
        report.size = position + 1
        if flaw:
            kind, what, event_id = flaw
            report.add(kind, what, (position, position), event_id)
        self.growing.add(leaf)
        if self.whole and report.size in self.known.by_size:
            self._compare()

    def _compare_nodes(self) -> None:
        """Compare what proofs are made from with what the leaves make."""
        grown, self.growing.grown = self.growing.grown, []
        if not self.whole:
            return
        for level, nodes in groupby(sorted(grown, key=_LEVEL), key=_LEVEL):
            made = {node.number: node.hash for node in nodes}
            kept = self.store.nodes(level, min(made), max(made))
            for number in (number for number in made if kept.get(number) != made[number]):
                places = number << level, (number + 1 << level) - 1
                self.report.add("nodes", "their inner node is not that of the leaves", places)

    def _compare(self) -> None:
        size, report, before = self.report.size, self.report, self.report.agreed
        root = self.growing.root()
        for claim in self.known.by_size.get(size, ()):
            horizon = self.horizons.get(claim.origin, -1)
            if horizon is not None and size > horizon:
                continue  # told of in compare_beyond
            if claim.root == root:
                report.agreed = size
                if (size, root) in self.known.cosigned:
                    report.cosigned = size
            elif self.whole:
                self.whole = self._tell_rewritten(claim, before)

    def _tell_rewritten(self, claim: Claim, before: int) -> bool:
        """Say it once: every later root differs too. Return that nothing after it says more."""
        size = self.report.size
        agreed = any(other.root == self.growing.root() for other in self.known.by_size[size])
        kind = "forked" if agreed else "rewritten"
        what = f"{claim.source} signs another tree of {size} events"
        self.report.add(kind, what, (before, size - 1))
        return False

    def compare_beyond(self, restores: list[Restore], accepted: set[str]) -> None:
        """Say what checkpoints tell of events that the trail does not have."""
        size, report = self.report.size, self.report
        told: set[str] = set()
        for larger, claim in self.known.beyond(0):
            horizon = self.horizons.get(claim.origin, -1)
            end = size if horizon is None else horizon
            if claim.origin in told or larger <= end:
                continue
            told.add(claim.origin)
            if horizon is None:
                what = f"{claim.source} signs {larger} events, there are {size}"
                report.add("truncated", what, (size, larger - 1))
            elif horizon < 0:
                report.add("forked", f"{claim.source} is of an origin that no restore declares")
            elif not any(r.event_id in accepted and r.size == horizon for r in restores):
                what = f"{claim.source} signs {larger} events, a restore kept {horizon}"
                report.add("lost", what, (horizon, larger - 1))

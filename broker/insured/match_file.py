"""``broker insured match`` and ``compare``: files of pivot identities, by the code of journeys."""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count, islice
from typing import Any, BinaryIO, ClassVar, NamedTuple, Protocol, TextIO

from broker.audit.log import AuditLog
from broker.audit.model import Actor
from broker.base.db import Database
from broker.base.parallel import in_order
from broker.base.spreadsheets import csv_of
from broker.insured.events import IdentitiesMatched
from broker.insured.matcher import Match, Matcher
from broker.insured.rules import MatchingRules

_BATCH = 200  # identities that one question to the register is about
_ALONE = 2  # batches matched before child processes are worth their start
SOMEBODY_ELSE = "somebody else"
"""What a match becomes by other rules that find another person."""

LONGEST_LINE = 1 << 16
"""Bytes of a line beyond which it is no identity: what is read at once is bounded."""


class Line(NamedTuple):
    """One line of the file; ``text`` is empty JSON where the line was too long to keep."""

    number: int
    text: bytes
    size: int


Lines = Sequence[Line]
Change = tuple[str, str]
"""Outcome by one version of the rules, and by another."""


@dataclass(frozen=True, slots=True)
class MatchedBatch:
    """What a batch of lines gives: rows to write, and how many identities ended how."""

    text: str
    read: int
    counts: Counter[Change]


class Matching(Protocol):
    """Matches a batch of lines and tells what to write about each identity."""

    @property
    def columns(self) -> Sequence[str]:
        """The columns of the file that is written."""

    @property
    def versions(self) -> Sequence[MatchingRules]:
        """The versions of the rules that it applies."""

    def __call__(self, lines: Lines) -> MatchedBatch:
        """Match a batch; runs in child processes too."""


@dataclass(frozen=True)
class OneRowEach:
    """A row for each identity: whose it is, or why nobody's."""

    matcher: Matcher
    versions: tuple[MatchingRules]
    explain: bool

    @property
    def columns(self) -> Sequence[str]:
        """The columns of the file that is written."""
        return ("sub", "nir", "reason", "record") if self.explain else ("sub", "nir", "reason")

    def __call__(self, lines: Lines) -> MatchedBatch:
        """Match a batch; a line that is no identity gives ``invalid``, an empty one nothing."""
        identities = [_claims(line.text) for line in lines if line.text.strip()]
        matches = [found for (found,) in self.matcher.match_all(identities, self.versions)]
        rows = map(self._row, identities, matches)
        counts = Counter((str(match.outcome), "") for match in matches)
        return MatchedBatch(csv_of(rows), _size(lines), counts)

    def _row(self, claims: dict[str, Any], match: Match) -> Sequence[object]:
        row = (_sub(claims), _nir(match), match.outcome)
        if not self.explain:
            return row
        return (*row, json.dumps(match.record, ensure_ascii=False, sort_keys=True))


@dataclass(frozen=True)
class OneRowPerChange:
    """A row for each identity on which two versions of the rules decide differently."""

    matcher: Matcher
    versions: tuple[MatchingRules, MatchingRules]
    """Those before, those after."""
    columns: ClassVar[Sequence[str]] = (
        "line", "sub", "before", "after", "nir_before", "nir_after",
    )  # fmt: skip

    def __call__(self, lines: Lines) -> MatchedBatch:
        """Match a batch by both versions."""
        numbered = [(line.number, _claims(line.text)) for line in lines if line.text.strip()]
        pairs = self.matcher.match_all([claims for _, claims in numbered], self.versions)
        changes = [_change(before, after) for before, after in pairs]
        rows = [
            (number, _sub(claims), *change, *map(_nir, pair))
            for (number, claims), pair, change in zip(numbered, pairs, changes, strict=True)
            if change[0] != change[1]
        ]
        return MatchedBatch(csv_of(rows), _size(lines), Counter(changes))


@dataclass(frozen=True)
class MatchFiles:
    """Matches files of identities (JSON Lines) in child processes; rows come out in order."""

    matcher: Matcher
    audit: AuditLog
    db: Database

    def write(
        self,
        matching: Matching,
        source: BinaryIO,
        out: TextIO,
        *,
        processes: int,
        actor: Actor,
        on_progress: Callable[[int], None],
    ) -> Counter[Change]:
        """Write what *matching* tells of each identity; return how many ended how.

        ``on_progress`` gets the bytes done since its last call. What was told before the reader
        went away or the disk was full is audited too.
        """
        counts: Counter[Change] = Counter()
        try:
            out.write(csv_of([matching.columns]))
            for batch in self._matched(matching, source, processes):
                counts += batch.counts
                out.write(batch.text)
                on_progress(batch.read)
        finally:
            versions = tuple(rules.version for rules in matching.versions)
            self.audit.record(
                IdentitiesMatched(identities=counts.total(), rules=versions, actor=actor)
            )
        return counts

    def _matched(
        self, matching: Matching, source: BinaryIO, processes: int
    ) -> Iterator[MatchedBatch]:
        return in_order(
            matching,
            _batches(source),
            processes=processes,
            alone=_ALONE,
            before_children=self.db.engine.dispose,  # each process opens connections of its own
        )


def _batches(source: BinaryIO) -> Iterator[Lines]:
    lines = _lines(source)
    while batch := list(islice(lines, _BATCH)):
        yield batch


def _lines(source: BinaryIO) -> Iterator[Line]:
    for number in count(1):
        text = source.readline(LONGEST_LINE)
        if not text:
            return
        further = 0 if text.endswith(b"\n") else _skip_rest(source)
        yield Line(number, b"{}" if further else text, len(text) + further)


def _skip_rest(source: BinaryIO) -> int:
    """Read on to the end of the line; return how many bytes that were."""
    skipped = 0
    while piece := source.readline(LONGEST_LINE):
        skipped += len(piece)
        if piece.endswith(b"\n"):
            break
    return skipped


def _claims(line: bytes) -> dict[str, Any]:
    try:
        claims = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return claims if isinstance(claims, dict) else {}


def _change(before: Match, after: Match) -> Change:
    other = before.nir and after.nir and before.nir != after.nir
    return str(before.outcome), SOMEBODY_ELSE if other else str(after.outcome)


def _sub(claims: dict[str, Any]) -> str:
    sub = claims.get("sub")
    return sub if isinstance(sub, str) else ""


def _nir(match: Match) -> str:
    return match.nir.value if match.nir else ""


def _size(lines: Lines) -> int:
    return sum(line.size for line in lines)

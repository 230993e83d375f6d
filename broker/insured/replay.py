"""Decides again, by other rules, what was decided: from what was found, without any value.

A decision record tells, criterion by criterion, what had to be set aside. Rules that accept more
or less of it can be applied to it exactly. What depends on a measure that the record does not hold
(another length at which names are cut, other tables of places) is told as unknown, never guessed.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from broker.audit.log import AuditLog
from broker.audit.model import Actor
from broker.insured.criteria import COMPARISON, EQUAL, SetAside
from broker.insured.events import DecisionsReplayed
from broker.insured.matching import Compared, Outcome, agrees, outcome_of
from broker.insured.rules import MatchingRules, Rulebook
from broker.insured.store import InsuredStore
from broker.insured.tolerances import Criterion, Tolerance

UNKNOWN = "unknown"
_NAMES = frozenset({Criterion.BIRTH_NAME, Criterion.GIVEN_NAMES})


class Changed(NamedTuple):
    """A decision that other rules change, or of which the record cannot tell."""

    reference: str
    before: str
    after: str


@dataclass(frozen=True)
class Replayed:
    """What other rules make of the decisions that are kept."""

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    changed: list[Changed] = field(default_factory=list)


@dataclass(frozen=True)
class Replay:
    """Applies a version of the rules to the decision records."""

    store: InsuredStore
    rulebook: Rulebook
    audit: AuditLog

    def run(self, rules: MatchingRules, since: datetime, actor: Actor) -> Replayed:
        """Decide again every creation with FranceConnect since that moment; audited."""
        told = Replayed()
        for reference, record in self.store.decisions(since):
            if "rules" not in record:
                continue  # a creation by card, or a limit: no rules were applied
            before, after = record["outcome"], self._outcome(record, rules)
            told.counts[before, after] += 1
            if before != after:
                told.changed.append(Changed(reference=reference, before=before, after=after))
        self.audit.record(
            DecisionsReplayed(
                decisions=told.counts.total(),
                changed=len(told.changed),
                rules=(rules.version,),
                actor=actor,
            )
        )
        return told

    def _outcome(self, record: Mapping[str, Any], rules: MatchingRules) -> str:
        if record["outcome"] == Outcome.INVALID or record.get("crowded"):
            return str(record["outcome"])  # no version reads identities otherwise
        if record["comparison"] != COMPARISON:
            return UNKNOWN
        origin = self.rulebook.versions.get(record["rules"])
        unsure = _unsure(record, origin, rules)
        rows = list(_compared(record))
        verdicts = [(row, _verdict(row, unsure, rules)) for row in rows]
        agreeing = [row for row, verdict in verdicts if verdict]
        told_all = record["considered"] == len(rows) and None not in {v for _, v in verdicts}
        outcome = outcome_of(agreeing)
        # Further people who agree would change everything but this.
        return str(outcome) if told_all or outcome is Outcome.SEVERAL else UNKNOWN


def _unsure(
    record: Mapping[str, Any], origin: MatchingRules | None, rules: MatchingRules
) -> set[Criterion]:
    """Return the criteria whose findings rest on another measure than that of *rules*."""
    unsure: set[Criterion] = set()
    if origin is None or origin.limits != rules.limits:
        unsure |= _NAMES
    if record["tables"] != rules.tables:
        unsure.add(Criterion.BIRTHPLACE)
    return unsure


def _compared(record: Mapping[str, Any]) -> Iterator[Compared]:
    for row in record["candidates"]:
        findings = {Criterion(name): found for name, found in row["criteria"].items()}
        yield Compared(
            row["person"],
            row["certified"],
            row["nir_status"],
            {name: _set_aside(found) for name, found in findings.items()},
        )


def _set_aside(found: Mapping[str, Any]) -> SetAside | None:
    words = tuple(map(Tolerance, found.get("set_aside", ())))
    return words if words or found["agrees"] else None


def _verdict(row: Compared, unsure: set[Criterion], rules: MatchingRules) -> bool | None:
    """Tell whether the row agrees; None where the record cannot tell."""
    doubts = False
    for name, found in row.findings.items():
        if name in unsure and _is_measured(name, found):
            doubts = True
        elif not agrees(name, found, rules):
            return False
    return None if doubts else True


def _is_measured(name: Criterion, found: SetAside | None) -> bool:
    """Tell whether another measure could find otherwise."""
    return (
        found is None
        or Tolerance.CUT in found
        or (name is Criterion.BIRTHPLACE and found != EQUAL)
    )

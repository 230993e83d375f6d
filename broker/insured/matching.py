"""Decides which insured person a pivot identity is: exactly one, and certified, or a refusal."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import product
from typing import Any

from broker.insured.birth_date import BirthDate
from broker.insured.criteria import COMPARISON, CRITERIA, SetAside
from broker.insured.model import InsuredPerson, Sex
from broker.insured.names import fold
from broker.insured.pivot import Certainty, PivotIdentity
from broker.insured.rules import KEY_LETTERS, MatchingRules
from broker.insured.tolerances import Criterion

MOST_CANDIDATES = 1_000
"""Rows under one lookup key beyond which nobody is chosen: real homonyms are some dozens."""
_MOST_RECORDED = 20  # candidates that a decision record describes


class Outcome(StrEnum):
    """How a comparison with the register ended."""

    MATCHED = "matched"
    NONE = "none"
    SEVERAL = "several"
    UNCERTIFIED = "uncertified"
    INVALID = "invalid"


@dataclass(frozen=True)
class Decision:
    """What was decided, which candidate it is, and the record that explains it without values."""

    outcome: Outcome
    record: dict[str, Any]
    chosen: int | None = None
    """Position among the candidates; set only when matched."""


@dataclass(frozen=True)
class Compared:
    """One row as compared: whose it is, and what would have to be set aside for each criterion."""

    person: int
    """Which number the row has: rows of one number are one person."""
    certified: bool
    nir_status: str
    findings: Mapping[Criterion, SetAside | None]

    def differences(self, rules: MatchingRules) -> int:
        """Count the criteria that do not agree by these rules."""
        return sum(not agrees(name, found, rules) for name, found in self.findings.items())


def agrees(criterion: Criterion, found: SetAside | None, rules: MatchingRules) -> bool:
    """Tell whether the rules accept what has to be set aside."""
    return found is not None and rules.accepts[criterion].issuperset(found)


def outcome_of(agreeing: Sequence[Compared]) -> Outcome:
    """One person, and certified; an uncertified rival refuses too."""
    if not agreeing:
        return Outcome.NONE
    if len({row.person for row in agreeing}) > 1:
        return Outcome.SEVERAL
    return Outcome.MATCHED if all(row.certified for row in agreeing) else Outcome.UNCERTIFIED


def decide(
    pivot: PivotIdentity, candidates: Sequence[InsuredPerson], rules: MatchingRules
) -> Decision:
    """Compare with every candidate; *candidates* in the order in which they were loaded."""
    if len(candidates) > MOST_CANDIDATES:
        return _crowded(pivot, rules)
    compared = _compare(pivot, candidates, rules)
    agreeing = [place for place, row in enumerate(compared) if not row.differences(rules)]
    outcome = outcome_of([compared[place] for place in agreeing])
    record = {
        **_heading(outcome, rules),
        **_pivot(pivot),
        "considered": len(compared),
        "candidates": _describe(compared, rules),
    }
    # Several rows of one number are one person, loaded again with other given names.
    return Decision(outcome, record, agreeing[-1] if outcome is Outcome.MATCHED else None)


def _compare(
    pivot: PivotIdentity, candidates: Sequence[InsuredPerson], rules: MatchingRules
) -> list[Compared]:
    numbers: dict[str, int] = {}
    return [
        Compared(
            person=numbers.setdefault(person.nir.value, len(numbers) + 1),
            certified=person.certified,
            nir_status=str(person.nir_status),
            findings={name: CRITERIA[name](pivot, person, rules) for name in rules.accepts},
        )
        for person in candidates
    ]


def unusable(flaw: str, rules: MatchingRules) -> Decision:
    """Return the decision on a pivot that lacks a usable field."""
    return Decision(Outcome.INVALID, {**_heading(Outcome.INVALID, rules), "flaw": flaw})


def _crowded(pivot: PivotIdentity, rules: MatchingRules) -> Decision:
    """Refuse: among so many, the one who agrees may be the one who was not looked at."""
    heading = _heading(Outcome.SEVERAL, rules)
    return Decision(Outcome.SEVERAL, {**heading, **_pivot(pivot), "crowded": True})


def _heading(outcome: Outcome, rules: MatchingRules) -> dict[str, Any]:
    return {
        "kind": "franceconnect",
        "rules": rules.version,
        "tables": dict(rules.tables),
        "comparison": COMPARISON,
        "outcome": str(outcome),
    }


def _pivot(pivot: PivotIdentity) -> dict[str, Any]:
    return {"pivot": {"date": str(pivot.certainty), "given_names": len(pivot.given_names)}}


def _describe(compared: Sequence[Compared], rules: MatchingRules) -> list[dict[str, Any]]:
    nearest = sorted(compared, key=lambda row: row.differences(rules))[:_MOST_RECORDED]
    return [
        {
            "person": row.person,
            "certified": row.certified,
            "nir_status": row.nir_status,
            "criteria": {
                str(name): _finding(name, found, rules) for name, found in row.findings.items()
            },
        }
        for row in nearest
    ]


def _finding(name: Criterion, found: SetAside | None, rules: MatchingRules) -> dict[str, Any]:
    verdict: dict[str, Any] = {"agrees": agrees(name, found, rules)}
    return {**verdict, "set_aside": list(map(str, found))} if found else verdict


def record_key(person: InsuredPerson) -> str:
    """Return the text under whose keyed digest a row is found again."""
    return _key(person.birth_name, person.given_names, person.birth_date, person.sex)


def lookup_keys(pivot: PivotIdentity) -> set[str]:
    """Return the keys of every row that may agree with *pivot*: at most four.

    All that differs between a key and a row that agrees is the unknown part of a date: the rest of
    the key is shorter than any tolerated cut, and equal after folding.
    """
    return {
        _key(pivot.family_name, pivot.given_names[0], date, pivot.sex) for date in _dates(pivot)
    }


def _key(name: str, given: str, date: BirthDate, sex: Sex) -> str:
    return f"{fold(name)[:KEY_LETTERS]}|{fold(given)[:1]}|{date}|{sex}"


def _dates(pivot: PivotIdentity) -> list[BirthDate]:
    date = pivot.birth_date
    if pivot.certainty is not Certainty.UNSTATED:
        return [date, date.presumed]
    months, days = ({part, 0} if part == 1 else {part} for part in (date.month, date.day))
    return [BirthDate(date.year, month, day) for month, day in product(months, days)]

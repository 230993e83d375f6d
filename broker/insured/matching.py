"""Decides which insured person a pivot identity is: exactly one, and certified, or a refusal."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import product
from typing import Any

from broker.insured.birth_date import BirthDate
from broker.insured.criteria import CRITERIA
from broker.insured.model import InsuredPerson, Sex
from broker.insured.names import fold
from broker.insured.pivot import Certainty, PivotIdentity
from broker.insured.rules import MatchingRules

_MOST_RECORDED = 10  # candidates that a decision record describes
_KEY_LETTERS = 12  # fewer than any name cut at the limit keeps, so that a cut one is found too


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
class _Compared:
    position: int
    person: InsuredPerson
    findings: dict[str, str | None]

    @property
    def agrees(self) -> bool:
        return None not in self.findings.values()

    @property
    def differences(self) -> int:
        return sum(how is None for how in self.findings.values())


def decide(
    pivot: PivotIdentity, candidates: Sequence[InsuredPerson], rules: MatchingRules
) -> Decision:
    """Compare with every candidate; *candidates* in the order in which they were loaded."""
    compared = [
        _Compared(position, person, _compare(pivot, person, rules))
        for position, person in enumerate(candidates)
    ]
    agreeing = [item for item in compared if item.agrees]
    outcome = _outcome(agreeing)
    record = {
        "kind": "franceconnect",
        "rules": rules.version,
        "outcome": str(outcome),
        "pivot": {"date": str(pivot.certainty), "given_names": len(pivot.given_names)},
        "considered": len(compared),
        "candidates": _describe(compared),
    }
    # Several rows of one number are one person, loaded again with other given names.
    chosen = agreeing[-1].position if outcome is Outcome.MATCHED else None
    return Decision(outcome, record, chosen)


def unusable(flaw: str, rules: MatchingRules) -> Decision:
    """Return the decision on a pivot that lacks a usable field."""
    record = {
        "kind": "franceconnect",
        "rules": rules.version,
        "outcome": str(Outcome.INVALID),
        "flaw": flaw,
    }
    return Decision(Outcome.INVALID, record)


def _compare(
    pivot: PivotIdentity, person: InsuredPerson, rules: MatchingRules
) -> dict[str, str | None]:
    return {name: CRITERIA[name](pivot, person, rules) for name in rules.criteria}


def _outcome(agreeing: Sequence[_Compared]) -> Outcome:
    """SPEC E.3 rows 14 and 18: one person, and certified; an uncertified rival refuses too."""
    if not agreeing:
        return Outcome.NONE
    if len({item.person.nir for item in agreeing}) > 1:
        return Outcome.SEVERAL
    if not all(item.person.certified for item in agreeing):
        return Outcome.UNCERTIFIED
    return Outcome.MATCHED


def _describe(compared: Sequence[_Compared]) -> list[dict[str, Any]]:
    nearest = sorted(compared, key=lambda item: item.differences)[:_MOST_RECORDED]
    return [
        {
            "certified": item.person.certified,
            "nir_status": str(item.person.nir_status),
            "criteria": {name: how or "differs" for name, how in item.findings.items()},
        }
        for item in nearest
    ]


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
    return f"{fold(name)[:_KEY_LETTERS]}|{fold(given)[:1]}|{date}|{sex}"


def _dates(pivot: PivotIdentity) -> list[BirthDate]:
    date = pivot.birth_date
    if pivot.certainty is not Certainty.UNSTATED:
        return [date, date.presumed]
    months, days = ({part, 0} if part == 1 else {part} for part in (date.month, date.day))
    return [BirthDate(date.year, month, day) for month, day in product(months, days)]

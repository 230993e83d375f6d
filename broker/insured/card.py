"""Creation with Vitale card and IBAN: whether four answers, then two, are somebody's own."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from broker.base.crypto import same
from broker.insured.birth_date import BirthDate
from broker.insured.model import InsuredPerson
from broker.insured.names import TypedName, fold
from broker.insured.nir import Nir
from broker.insured.proofs import IbanEnd, PostalCode, VitaleEnd

_MOST_RECORDED = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class CardAnswers:
    """The four answers of the first screen."""

    name: TypedName
    nir: Nir
    birth_date: BirthDate
    postal_code: PostalCode


@dataclass(frozen=True, slots=True, kw_only=True)
class CardProofs:
    """The two answers of the second screen."""

    iban: IbanEnd
    vitale: VitaleEnd


@dataclass(frozen=True, slots=True, kw_only=True)
class CardMask:
    """What the second screen shows, so that people know what to complete."""

    iban: tuple[str, ...] = field(repr=False)
    serial: str = field(repr=False)


@dataclass(frozen=True)
class CardDecision:
    """What was decided; ``reason`` is the audit's reason_code, None when all agrees."""

    reason: str | None
    record: dict[str, Any]
    chosen: int | None = None
    """Position among the rows of the NIR; set only when all agrees."""


def identify(answers: CardAnswers, rows: Sequence[InsuredPerson]) -> CardDecision:
    """Find the row that gives all four answers; *rows* hold that NIR, in the order of loading."""
    compared = [(row, _compare(answers, row)) for row in rows]
    agreeing = [place for place, (_, found) in enumerate(compared) if all(found.values())]
    own = [place for place in agreeing if rows[place].in_own_right]
    reason = None if own else f"unknown:{_blame(compared, dependant=bool(agreeing))}"
    record = {
        "kind": "card",
        "outcome": "unknown" if reason else "identified",
        "reason": reason,
        "considered": len(rows),
        "candidates": _describe(compared),
    }
    return CardDecision(reason, record, own[-1] if own else None)


def prove(proofs: CardProofs, person: InsuredPerson) -> CardDecision:
    """Compare both proofs, always both, so that time tells nothing about either."""
    iban = len(person.ibans) == 1 and person.ibans[0].ends_with(proofs.iban)
    serial = person.vitale_serial
    vitale = serial is not None and serial.ends_with(proofs.vitale)
    wrong = [name for name, right in (("iban", iban), ("vitale", vitale)) if not right]
    reason = f"mismatch:{'both' if len(wrong) > 1 else wrong[0]}" if wrong else None
    record = {
        "kind": "card",
        "outcome": "mismatch" if wrong else "proved",
        "reason": reason,
        "candidates": [{"criteria": _verdicts({"iban": iban, "vitale": vitale})}],
    }
    return CardDecision(reason, record, None if wrong else 0)


def mask(person: InsuredPerson) -> CardMask | None:
    """Return what to show of the account and the card; None where there is nothing to complete."""
    serial = person.vitale_serial
    if len(person.ibans) != 1 or not person.ibans[0].french or serial is None:
        return None
    return CardMask(iban=person.ibans[0].mask, serial=serial.shown)


def _compare(answers: CardAnswers, row: InsuredPerson) -> dict[str, bool]:
    names = [same(answers.name.folded, fold(name)) for name in (row.birth_name, row.usage_name)]
    codes = [same(answers.postal_code.value, code) for code in row.postal_codes]
    return {
        "name": any(names),
        "birth_date": row.known_birth_date.accepts(answers.birth_date),
        "postal_code": any(codes),
    }


def _blame(compared: Sequence[tuple[InsuredPerson, dict[str, bool]]], *, dependant: bool) -> str:
    """Name what refuses: the first wrong answer of the nearest row of an insured person."""
    own = [found for row, found in compared if row.in_own_right]
    if not compared:
        return "nir"
    if dependant or not own:
        return "dependant"
    nearest = max(own, key=lambda found: sum(found.values()))
    return next(name for name, right in nearest.items() if not right)


def _describe(
    compared: Sequence[tuple[InsuredPerson, dict[str, bool]]],
) -> list[dict[str, Any]]:
    return [
        {
            "quality": str(row.quality),
            "criteria": _verdicts(found),
        }
        for row, found in compared[:_MOST_RECORDED]
    ]


def _verdicts(found: dict[str, bool]) -> dict[str, dict[str, bool]]:
    return {name: {"agrees": right} for name, right in found.items()}

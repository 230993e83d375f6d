"""Rules of a published standard, and whether something meets them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

_T = TypeVar("_T")


class Standard(StrEnum):
    """What partners' security people measure a server and its clients by."""

    OAUTH_2_1 = "OAuth 2.1"
    FAPI_2_0 = "FAPI 2.0"


@dataclass(frozen=True)
class Criterion(Generic[_T]):
    """One rule of a standard, and how to tell that it is met."""

    standard: Standard
    rule: str
    met_by: Callable[[_T], bool]


@dataclass(frozen=True)
class Grade:
    """One rule and whether it is met."""

    standard: Standard
    rule: str
    met: bool


def grade(subject: _T, criteria: Iterable[Criterion[_T]]) -> tuple[Grade, ...]:
    """Judge *subject* by each criterion."""
    return tuple(Grade(item.standard, item.rule, item.met_by(subject)) for item in criteria)

"""The pivot identity that FranceConnect gives, read once; afterwards the type is the proof."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self

from broker.base.errors import Refusal
from broker.insured.birth_date import BirthDate, NotADate
from broker.insured.model import Sex
from broker.insured.names import fold, given_names
from broker.insured.places import FRANCE, Places

_SEXES = {"male": Sex.MALE, "female": Sex.FEMALE}
_LONGEST_NAME = 256
_PLACE_LENGTH = 5
# What registers write for people without a name (SPEC E.3 row 16): no name at all.
_NO_NAME = frozenset({
    "X", "XX", "XXX", "SANSNOM", "SANSPRENOM", "NONRENSEIGNE", "INCONNU", "NEANT", "NULL",
})  # fmt: skip

Claims = Mapping[str, object]


class UnusablePivot(Refusal):
    """The identity lacks a field or holds an impossible one; ``flaw`` names the claim."""

    code = "pivot-unusable"

    def __init__(self, flaw: str) -> None:
        super().__init__(flaw)
        self.flaw = flaw


class Certainty(StrEnum):
    """What is known of a birth date whose day or month FranceConnect may have completed."""

    CERTAIN = "certain"
    """The identity provider gave a complete date, or FranceConnect corrected it to one."""
    STATED_UNKNOWN = "stated_unknown"
    """A part is said to be unknown."""
    UNSTATED = "unstated"
    """Nothing tells whether a 01 is a day or month, or stands for an unknown one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PivotIdentity:
    """A usable pivot identity. ``birth_date`` has 0 for a part that is said to be unknown."""

    family_name: str = field(repr=False)
    """As received; its length matters (SPEC E.3 row 19)."""
    given_name: str = field(repr=False)
    given_names: tuple[str, ...] = field(repr=False)
    """Folded, in order."""
    sex: Sex = field(repr=False)
    birth_date: BirthDate
    certainty: Certainty
    place: str = field(repr=False)
    """Commune of birth in France, country (or département before independence) abroad."""

    @classmethod
    def read(cls, claims: Claims, places: Places) -> Self:
        """Read FranceConnect's claims; UnusablePivot when a field is missing or impossible."""
        family_name = _text(claims, "family_name")
        if not _is_name(fold(family_name)):
            raise UnusablePivot("family_name")
        birth_date, certainty = _birth(claims)
        return cls(
            family_name=family_name,
            given_name=_text(claims, "given_name"),
            given_names=_given_names(claims),
            sex=_sex(claims),
            birth_date=birth_date,
            certainty=certainty,
            place=_place(claims, places),
        )


def _text(claims: Claims, name: str) -> str:
    value = claims.get(name)
    return value.strip() if isinstance(value, str) and len(value) <= _LONGEST_NAME else ""


def _is_name(folded: str) -> bool:
    return folded not in _NO_NAME and any(char.isalpha() for char in folded)


def _given_names(claims: Claims) -> tuple[str, ...]:
    """Return the folded list; the array knows which names are compound, the text does not."""
    text, array = _text(claims, "given_name"), claims.get("given_name_array")
    names = given_names(text)
    if isinstance(array, list) and all(isinstance(item, str) for item in array):
        listed = tuple(filter(None, (fold(part) for item in array for part in item.split(","))))
        if names and listed and "".join(names) != "".join(listed):
            raise UnusablePivot("given_name")  # two lists that contradict one another
        names = listed or names
    if not names or not _is_name("".join(names)):
        raise UnusablePivot("given_name")
    return names


def _sex(claims: Claims) -> Sex:
    sex = _SEXES.get(_text(claims, "gender").lower())
    if sex is None:
        raise UnusablePivot("gender")  # unspecified too: SPEC E.3 row 16
    return sex


def _birth(claims: Claims) -> tuple[BirthDate, Certainty]:
    """Return the date without what was presumed, and how sure that is (SPEC E.3 row 13)."""
    completed = _date(claims, "birthdate")
    if completed is None or (completed.day and not completed.month):
        raise UnusablePivot("birthdate")
    if not completed.complete:
        return completed, Certainty.STATED_UNKNOWN
    given = _date(claims, "idp_birthdate")
    if given is None:
        return completed, Certainty.UNSTATED
    if given.hides(completed):
        return given, Certainty.STATED_UNKNOWN
    return completed, Certainty.CERTAIN


def _date(claims: Claims, name: str) -> BirthDate | None:
    try:
        return BirthDate.iso(_text(claims, name))
    except NotADate:
        return None


def _place(claims: Claims, places: Places) -> str:
    country = _code(claims, "birthcountry")
    commune = _code(claims, "birthplace")
    if country == FRANCE and commune:
        commune = commune.zfill(_PLACE_LENGTH)  # a leading zero that some partner lost
    found = places.of_birth(commune, country)
    if found is None:
        raise UnusablePivot("birthplace" if country == FRANCE else "birthcountry")
    return found


def _code(claims: Claims, name: str) -> str:
    value = claims.get(name)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**_PLACE_LENGTH:
        return str(value)
    return _text(claims, name).upper()

"""The pivot identity that FranceConnect gives, read once; afterwards the type is the proof."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import accumulate, pairwise
from typing import Self

from broker.base.errors import Refusal
from broker.insured.birth_date import BirthDate, NotADate
from broker.insured.model import Sex
from broker.insured.names import fold, given_names, is_name
from broker.insured.places import FRANCE, Places, completed

_SEXES = {"male": Sex.MALE, "female": Sex.FEMALE}
_LONGEST_NAME = 256
_PLACE_LENGTH = 5

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
    """As received; its length matters."""
    given_name: str = field(repr=False)
    """As received, one text."""
    given_names: tuple[str, ...] = field(repr=False)
    """Folded, in order."""
    sex: Sex = field(repr=False)
    birth_date: BirthDate
    certainty: Certainty
    place: str = field(repr=False)
    """Commune of birth in France, country (or département before independence) abroad."""
    zero_lost: bool = False
    """Whether the commune came without its leading zero."""

    @classmethod
    def read(cls, claims: Claims, places: Places) -> Self:
        """Read FranceConnect's claims; UnusablePivot when a field is missing or impossible."""
        family_name = _text(claims, "family_name")
        if not is_name(fold(family_name)):
            raise UnusablePivot("family_name")
        given_name, names = _given_names(claims)
        birth_date, certainty = _birth(claims)
        place = _place(claims, places)
        return cls(
            family_name=family_name,
            given_name=given_name,
            given_names=names,
            sex=_sex(claims),
            birth_date=birth_date,
            certainty=certainty,
            place=place,
            zero_lost=place
            == completed(_code(claims, "birthplace"))
            != _code(claims, "birthplace"),
        )


def _text(claims: Claims, name: str) -> str:
    value = claims.get(name)
    return value.strip() if isinstance(value, str) and len(value) <= _LONGEST_NAME else ""


def _given_names(claims: Claims) -> tuple[str, tuple[str, ...]]:
    """Return the list as one text, and folded name by name.

    Of text and array, each may know that two words are one name: a name ends where both say so.
    """
    text, listed = _text(claims, "given_name"), _listed(claims)
    text = text or " ".join(listed)
    names = given_names(text)
    if listed:
        folded = [fold(part) for item in listed for part in item.split(",")]
        if "".join(names) != "".join(folded):
            raise UnusablePivot("given_name")  # two lists that contradict one another
        names = _common(names, folded)
    if len(text) > _LONGEST_NAME or not is_name(*names):
        raise UnusablePivot("given_name")
    return text, names


def _listed(claims: Claims) -> list[str]:
    """Return the array; what is no list of texts is ignored."""
    array = claims.get("given_name_array")
    if not isinstance(array, list) or not all(isinstance(item, str) for item in array):
        return []
    return [item for item in array if fold(item)]


def _common(left: Iterable[str], right: Iterable[str]) -> tuple[str, ...]:
    """Return the names that end where both lists, of the same letters, have an end."""
    right = list(right)
    joined, ends = "".join(right), sorted(_ends(left) & _ends(right))
    return tuple(joined[start:end] for start, end in pairwise((0, *ends)) if end > start)


def _ends(names: Iterable[str]) -> set[int]:
    return set(accumulate(map(len, names)))


def _sex(claims: Claims) -> Sex:
    sex = _SEXES.get(_text(claims, "gender").lower())
    if sex is None:
        raise UnusablePivot("gender")  # unspecified too
    return sex


def _birth(claims: Claims) -> tuple[BirthDate, Certainty]:
    """Return the date without what was presumed, and how sure that is."""
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
    if completed.day == 1 and (given.year, given.month) == (completed.year, 0):
        # The national register added the month: whether it knows the day too, nothing tells.
        return completed, Certainty.UNSTATED
    return completed, Certainty.CERTAIN


def _date(claims: Claims, name: str) -> BirthDate | None:
    try:
        return BirthDate.iso(_text(claims, name))
    except NotADate:
        return None


def _place(claims: Claims, places: Places) -> str:
    country, commune = _code(claims, "birthcountry"), _code(claims, "birthplace")
    found = places.of_birth(commune, country)
    if found is None:
        raise UnusablePivot("birthplace" if country == FRANCE else "birthcountry")
    return found


def _code(claims: Claims, name: str) -> str:
    value = claims.get(name)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**_PLACE_LENGTH:
        return str(value)
    return _text(claims, name).upper()

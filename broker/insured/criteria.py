"""The criteria by which a pivot identity agrees with a row of the register.

Each returns what has to be set aside to find the two alike, or None where nothing that we know of
would do. Whether it may be set aside is for the rules to say. Neither holds a value of the person:
both go into the decision record.
"""

from collections.abc import Callable, Iterator
from itertools import accumulate

from broker.insured.model import InsuredPerson
from broker.insured.names import beginning, fold, given_names, is_name, set_aside, written
from broker.insured.pivot import Certainty, PivotIdentity
from broker.insured.places import Change, Places, completed
from broker.insured.rules import MatchingRules
from broker.insured.tolerances import Criterion, Tolerance

SetAside = tuple[Tolerance, ...]
Comparison = Callable[[PivotIdentity, InsuredPerson, MatchingRules], SetAside | None]
EQUAL: SetAside = ()
COMPARISON = 2
"""Raised with every change of what these functions find: older records then tell less."""


def own_right(_pivot: PivotIdentity, person: InsuredPerson, _: MatchingRules) -> SetAside | None:
    """Row 17: a dependant's row carries the number of somebody else."""
    return EQUAL if person.in_own_right else None


def birth_name(
    pivot: PivotIdentity, person: InsuredPerson, rules: MatchingRules
) -> SetAside | None:
    """Rows 1 to 3 and 19: the birth name alone, without separators, cut only at the limit."""
    ours, theirs = pivot.family_name, person.birth_name
    if not is_name(fold(theirs)):
        return None
    if fold(ours) == fold(theirs):
        return set_aside(ours, theirs)
    return _cut(ours, theirs, rules.limits.birth_name)


def given_list(
    pivot: PivotIdentity, person: InsuredPerson, rules: MatchingRules
) -> SetAside | None:
    """Rows 4 to 7 and 19: same names, same order; a shorter list ends where a name ends."""
    ours, theirs = pivot.given_names, given_names(person.given_names)
    if not is_name(*theirs):
        return None
    given, known = "".join(ours), "".join(theirs)
    if given == known:
        return set_aside(pivot.given_name, person.given_names)
    if given in accumulate(theirs):
        return _begins(Tolerance.SHORTER_LIST, pivot.given_name, person.given_names)
    if known in accumulate(ours):
        return _begins(Tolerance.SHORTER_LIST, person.given_names, pivot.given_name)
    return _cut(pivot.given_name, person.given_names, rules.limits.given_names)


def _cut(ours: str, theirs: str, limit: int) -> SetAside | None:
    for short, long in ((theirs, ours), (ours, theirs)):
        if _fills(short, limit) and fold(long).startswith(fold(short)):
            return _begins(Tolerance.CUT, short, long)
    return None


def _fills(text: str, limit: int) -> bool:
    """Tell whether *text* ends at the limit, and has letters enough to mean something."""
    return len(written(text)) == limit and 2 * len(fold(text)) > limit


def _begins(how: Tolerance, short: str, long: str) -> SetAside | None:
    start = beginning(long, len(fold(short)))
    return None if start is None else (how, *set_aside(short, start))


def sex(pivot: PivotIdentity, person: InsuredPerson, _rules: MatchingRules) -> SetAside | None:
    """Row 16: a change of sex is for the desk."""
    return EQUAL if pivot.sex is person.sex else None


def birth_date(
    pivot: PivotIdentity, person: InsuredPerson, _rules: MatchingRules
) -> SetAside | None:
    """Rows 13 and 15: full equality; an unknown part equals an unknown part alone.

    Where nothing tells whether the 01 of FranceConnect is real, it may stand for an unknown part:
    harmless only because a rival makes it a refusal.
    """
    date, known = pivot.birth_date, person.known_birth_date
    if pivot.certainty is Certainty.UNSTATED:
        if date == person.birth_date:
            return EQUAL
        return (Tolerance.UNSTATED,) if person.birth_date.hides(date) else None
    if date == known:
        return EQUAL if known == person.birth_date else (Tolerance.PRESUMED,)
    return (Tolerance.PRESUMED_HERE,) if date == person.birth_date else None


def birthplace(
    pivot: PivotIdentity, person: InsuredPerson, rules: MatchingRules
) -> SetAside | None:
    """Rows 8 to 12: the same place, under the code of any time.

    The register may have recoded the place; the NIR keeps the one of birth. Somebody from the next
    commune, since merged into the same one, is not this person.
    """
    places = rules.places
    known = places.of_birth(person.birthplace, person.birthcountry)
    if known is None:
        return None
    changes = [] if known == pivot.place else _changes(pivot.place, known, person, places)
    if changes is None:
        return None
    zero = pivot.zero_lost or completed(person.birthplace) == known != person.birthplace
    found = [Tolerance.LEADING_ZERO] if zero else []
    found += [kind for change in changes for kind in _kinds(change, person.birth_date.year)]
    if changes and places.merged_later(pivot.place, _origin(known, person, places)):
        found.append(Tolerance.NEIGHBOUR)
    return tuple(dict.fromkeys(found))


def _changes(given: str, known: str, person: InsuredPerson, places: Places) -> list[Change] | None:
    """Return what made one place of the given code, the known one and that of the number."""
    codes = {known, _origin(known, person, places)} - {given}
    changes = [places.link(given, code) for code in sorted(codes)]
    return None if None in changes else [change for change in changes if change]


def _origin(known: str, person: InsuredPerson, places: Places) -> str:
    """Return the place in force at birth: the number's, where the register's is the same place."""
    at_birth = person.nir.place
    return at_birth if at_birth and places.link(at_birth, known) else known


def _kinds(change: Change, born: int) -> Iterator[Tolerance]:
    yield change.kind
    if change.until is not None and born > change.until:
        yield Tolerance.AFTERWARDS


CRITERIA: dict[Criterion, Comparison] = {
    Criterion.OWN_RIGHT: own_right,
    Criterion.BIRTH_NAME: birth_name,
    Criterion.GIVEN_NAMES: given_list,
    Criterion.SEX: sex,
    Criterion.BIRTH_DATE: birth_date,
    Criterion.BIRTHPLACE: birthplace,
}

"""The criteria by which a pivot identity agrees with a row of the register (SPEC E.3).

Each returns how the two agree, or None where they differ. Neither holds a value of the person:
both go into the decision record.
"""

from collections.abc import Callable, Iterable
from itertools import accumulate

from broker.insured.model import InsuredPerson
from broker.insured.names import fold, given_names
from broker.insured.pivot import Certainty, PivotIdentity
from broker.insured.rules import MatchingRules

Criterion = Callable[[PivotIdentity, InsuredPerson, MatchingRules], str | None]

EQUAL, FOLDED, TRUNCATED, SHORTER_LIST, PRESUMED = (
    "equal", "folded", "truncated", "shorter_list", "presumed",
)  # fmt: skip


def own_right(_pivot: PivotIdentity, person: InsuredPerson, _rules: MatchingRules) -> str | None:
    """Row 17: a dependant's row carries the number of somebody else."""
    return EQUAL if person.in_own_right else None


def birth_name(pivot: PivotIdentity, person: InsuredPerson, rules: MatchingRules) -> str | None:
    """Rows 1 to 3 and 19: the birth name alone, without separators, cut only at the limit."""
    given, known = fold(pivot.family_name), fold(person.birth_name)
    if not known:
        return None
    if given == known:
        return EQUAL if pivot.family_name == person.birth_name else FOLDED
    limit = rules.birth_name_limit
    was_cut = (len(person.birth_name) == limit and given.startswith(known)) or (
        len(pivot.family_name) == limit and known.startswith(given)
    )
    return TRUNCATED if was_cut else None


def given_list(pivot: PivotIdentity, person: InsuredPerson, rules: MatchingRules) -> str | None:
    """Rows 4 to 7 and 19: same names, same order; a shorter list ends where a name ends."""
    ours, theirs = pivot.given_names, given_names(person.given_names)
    if not theirs:
        return None
    given, known = "".join(ours), "".join(theirs)
    if given == known:
        return EQUAL if pivot.given_name == person.given_names else FOLDED
    if _begins_at_name_end(given, theirs) or _begins_at_name_end(known, ours):
        return SHORTER_LIST
    limit = rules.given_names_limit
    was_cut = (len(person.given_names) == limit and given.startswith(known)) or (
        len(pivot.given_name) == limit and known.startswith(given)
    )
    return TRUNCATED if was_cut else None


def _begins_at_name_end(short: str, names: Iterable[str]) -> bool:
    return short in accumulate(names)


def sex(pivot: PivotIdentity, person: InsuredPerson, _rules: MatchingRules) -> str | None:
    """Row 16: a change of sex is for the desk."""
    return EQUAL if pivot.sex is person.sex else None


def birth_date(pivot: PivotIdentity, person: InsuredPerson, rules: MatchingRules) -> str | None:
    """Rows 13 and 15: full equality; an unknown part equals an unknown part alone.

    Where nothing tells whether the 01 of FranceConnect is real, it may stand for an unknown part:
    harmless only because a rival makes it a refusal.
    """
    date = pivot.birth_date
    if date == person.birth_date:
        return EQUAL
    if pivot.certainty is Certainty.STATED_UNKNOWN:
        return PRESUMED if date == person.known_birth_date else None
    if pivot.certainty is Certainty.UNSTATED and rules.first_may_stand_for_unknown:
        return PRESUMED if person.birth_date.hides(date) else None
    return None


def birthplace(pivot: PivotIdentity, person: InsuredPerson, rules: MatchingRules) -> str | None:
    """Rows 8 to 12: the same place, under the code of any time.

    Where the register recoded the place, the NIR still holds the one of birth: a neighbour whose
    commune merged into the same one is not this person.
    """
    places = rules.places
    known = places.of_birth(person.birthplace, person.birthcountry)
    at_birth = person.nir.place
    if known is None:
        return None
    if at_birth and places.came_from(known, at_birth) and not places.link(pivot.place, at_birth):
        return None
    return places.link(pivot.place, known)


CRITERIA: dict[str, Criterion] = {
    "own_right": own_right,
    "birth_name": birth_name,
    "given_names": given_list,
    "sex": sex,
    "birth_date": birth_date,
    "birthplace": birthplace,
}

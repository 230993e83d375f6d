"""The civil identity that partners receive: from the certified register, never from a form."""

from http import HTTPStatus

from broker.base.errors import Refusal
from broker.insured.model import CivilIdentity, InsuredPerson, Sex
from broker.insured.places import FRANCE, Places

_LONGEST_NAME = 256  # characters that FranceConnect takes
_GENDERS = {Sex.MALE: "male", Sex.FEMALE: "female"}


class IdentityNotCertified(Refusal):
    """The civil identity on file was not validated: it is told to nobody."""

    code = "identity-not-certified"
    status = HTTPStatus.FORBIDDEN


class IdentityIncomplete(Refusal):
    """The register lacks what FranceConnect requires; ``missing`` names the claims."""

    code = "identity-incomplete"
    status = HTTPStatus.FORBIDDEN

    def __init__(self, missing: tuple[str, ...]) -> None:
        super().__init__(missing)
        self.missing = missing


def civil_identity(person: InsuredPerson, places: Places) -> CivilIdentity:
    """Return the pivot fields in FranceConnect's formats; no birthplace outside France."""
    if not person.certified:
        raise IdentityNotCertified
    place = places.of_birth(person.birthplace, person.birthcountry)
    missing = tuple(name for name, lacks in _lacking(person, place).items() if lacks)
    if missing:
        raise IdentityIncomplete(missing)
    return CivilIdentity(
        family_name=person.birth_name,
        given_name=person.given_names,
        birthdate=_birthdate(person),
        gender=_GENDERS[person.sex],
        birthplace=str(place) if person.birthcountry == FRANCE else "",
        birthcountry=person.birthcountry,
        usage_name=person.usage_name or None,
    )


def _lacking(person: InsuredPerson, place: str | None) -> dict[str, bool]:
    in_france = person.birthcountry == FRANCE
    return {
        "family_name": not 0 < len(person.birth_name) <= _LONGEST_NAME,
        "given_name": not 0 < len(person.given_names) <= _LONGEST_NAME,
        "birthplace": place is None and in_france,
        "birthcountry": place is None and not in_france,
    }


def _birthdate(person: InsuredPerson) -> str:
    """Return the date; FranceConnect knows no day without a month."""
    date = person.birth_date
    day = date.day if date.month else 0
    return f"{date.year:04}-{date.month:02}-{day:02}"

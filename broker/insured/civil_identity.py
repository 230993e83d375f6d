"""The civil identity that partners receive: from the certified register, never from a form."""

from http import HTTPStatus

from broker.base.errors import Refusal
from broker.insured.model import CivilIdentity, InsuredPerson, Sex
from broker.insured.places import FRANCE, Places

_GENDERS = {Sex.MALE: "male", Sex.FEMALE: "female"}


class IdentityNotCertified(Refusal):
    """The civil identity on file was not validated: it is told to nobody."""

    code = "identity-not-certified"
    status = HTTPStatus.FORBIDDEN


class IdentityIncomplete(Refusal):
    """A field that FranceConnect requires is missing from the register."""

    code = "identity-incomplete"
    status = HTTPStatus.FORBIDDEN


def civil_identity(person: InsuredPerson, places: Places) -> CivilIdentity:
    """Return the pivot fields in FranceConnect's formats; no birthplace outside France."""
    if not person.certified:
        raise IdentityNotCertified
    if not (person.birth_name and person.given_names):
        raise IdentityIncomplete
    place = places.of_birth(person.birthplace, person.birthcountry)
    if place is None:
        raise IdentityIncomplete
    return CivilIdentity(
        family_name=person.birth_name,
        given_name=person.given_names,
        birthdate=_birthdate(person),
        gender=_GENDERS[person.sex],
        birthplace=place if person.birthcountry == FRANCE else "",
        birthcountry=person.birthcountry,
        usage_name=person.usage_name or None,
    )


def _birthdate(person: InsuredPerson) -> str:
    """Return the date; FranceConnect knows no day without a month."""
    date = person.birth_date
    day = date.day if date.month else 0
    return f"{date.year:04}-{date.month:02}-{day:02}"

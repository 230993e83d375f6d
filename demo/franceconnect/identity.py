"""The shape FranceConnect demands of an identity that an identity provider sends."""

import re
from collections.abc import Callable
from datetime import date

from demo.franceconnect.model import Claims
from demo.franceconnect.rnipp import FRANCE

_BIRTHDATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_COMMUNE = re.compile(r"(?:2[AB]|[0-9]{2})[0-9]{3}")
_COUNTRY = re.compile(r"[0-9]{5}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
_NAME_LENGTH = 256


def _is_name(value: object) -> bool:
    return isinstance(value, str) and 1 <= len(value) <= _NAME_LENGTH


def _is_birthdate(value: object) -> bool:
    found = _BIRTHDATE.fullmatch(value) if isinstance(value, str) else None
    if not found:
        return False
    year, month, day = found.groups()
    if month == "00" and day != "00":
        return False  # a known day in an unknown month is nobody's birth date
    try:
        date(int(year), int(month) or 1, int(day) or 1)
    except ValueError:
        return False
    return True


def _matches(pattern: re.Pattern[str]) -> Callable[[object], bool]:
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


_RULES: dict[str, Callable[[object], bool]] = {
    "given_name": _is_name,
    "family_name": _is_name,
    "birthdate": _is_birthdate,
    "gender": lambda value: value in ("male", "female", "unspecified"),
    "birthcountry": _matches(_COUNTRY),
    "email": _matches(_EMAIL),
    "preferred_username": lambda value: value is None or isinstance(value, str),
}


def faulty_fields(identity: Claims) -> list[str]:
    """Return the names of the claims that FranceConnect would refuse; none when all is well."""
    faults = [name for name, is_right in _RULES.items() if not is_right(identity.get(name))]
    place_matters = identity.get("birthcountry") == FRANCE
    if place_matters and not _matches(_COMMUNE)(identity.get("birthplace")):
        faults.append("birthplace")
    return faults

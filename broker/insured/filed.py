"""One row of the register's file (columns and bad rows: data/README.md)."""

from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple, TypeVar

from broker.insured.birth_date import BirthDate, NotADate
from broker.insured.model import InsuredPerson, NirStatus, Quality, Sex, VitaleStatus
from broker.insured.nir import Nir, NotANir
from broker.insured.proofs import Iban, Unreadable, VitaleSerial
from broker.insured.regimes import Regimes

_FLAGS = {"1": True, "0": False, "": False}
_Choice = TypeVar("_Choice", bound=StrEnum)
_NIR_STATUSES = {item.value: item for item in NirStatus}
_QUALITIES = {item.value: item for item in Quality}
_SEXES = {item.value: item for item in Sex}
_VITALE_STATUSES = {item.value: item for item in VitaleStatus}


class FiledRow(NamedTuple):
    """The columns of a register's file, as text."""

    nir: str
    nir_key: str
    nir_status: str
    identity_certified: str
    birth_name: str
    usage_name: str
    given_names: str
    sex: str
    birth_date: str
    birthplace_cog: str
    birthcountry_cog: str
    regime: str
    rights_open: str
    postal_code: str
    previous_postal_codes: str
    ibans: str
    vitale_serial: str
    vitale_status: str
    has_account: str
    quality: str
    holder_nir: str
    account_email: str


COLUMNS = FiledRow._fields


def read_person(row: FiledRow, regimes: Regimes) -> InsuredPerson:
    """Parse a row; Unreadable names the first column that is wrong, never its value."""
    if not regimes.known(row.regime):
        raise Unreadable("regime")
    return InsuredPerson(
        nir=_nir(row),
        nir_status=_choice(_NIR_STATUSES, row.nir_status, "nir_status"),
        certified=flag(row.identity_certified, "identity_certified"),
        quality=_choice(_QUALITIES, row.quality, "quality"),
        birth_name=row.birth_name,
        usage_name=row.usage_name,
        given_names=row.given_names,
        sex=_choice(_SEXES, row.sex, "sex"),
        birth_date=_birth_date(row),
        birthplace=row.birthplace_cog.upper(),
        birthcountry=row.birthcountry_cog,
        regime=row.regime,
        rights_open=flag(row.rights_open, "rights_open"),
        postal_codes=(row.postal_code, *_several(row.previous_postal_codes)),
        ibans=tuple(map(Iban.filed, _several(row.ibans))),
        vitale_serial=VitaleSerial.filed(row.vitale_serial) if row.vitale_serial else None,
        vitale_status=_choice(_VITALE_STATUSES, row.vitale_status, "vitale_status"),
    )


def flag(text: str, column: str) -> bool:
    """Read 1 or 0 (or nothing)."""
    found = _FLAGS.get(text)
    if found is None:
        raise Unreadable(column)
    return found


_date = lru_cache(maxsize=1 << 16)(BirthDate.iso)  # a century has fewer days than a file rows


def _nir(row: FiledRow) -> Nir:
    try:
        return Nir.filed(row.nir, row.nir_key)
    except NotANir as error:
        raise Unreadable(error.field) from None


def _birth_date(row: FiledRow) -> BirthDate:
    try:
        return _date(row.birth_date)
    except NotADate:
        raise Unreadable("birth_date") from None


def _choice(choices: Mapping[str, _Choice], text: str, column: str) -> _Choice:
    found = choices.get(text)
    if found is None:
        raise Unreadable(column)
    return found


def _several(text: str) -> list[str]:
    if not text:
        return []
    if "|" not in text:
        return [text]  # values come without spaces around them
    return [part.strip() for part in text.split("|") if part.strip()]

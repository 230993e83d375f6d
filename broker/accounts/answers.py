"""Answers that the forms of several capabilities ask: number, birth date, password."""

from collections.abc import Callable
from typing import TypeVar

from broker.base.crypto import Secret
from broker.base.errors import InvalidField
from broker.insured.birth_date import BirthDate
from broker.insured.nir import Nir

_Parsed = TypeVar("_Parsed")


def present(missing: str, parse: Callable[[str], _Parsed]) -> Callable[[str], _Parsed]:
    """Return a parser that tells an empty field from one that cannot be read."""

    def read(text: str) -> _Parsed:
        if not text:
            raise InvalidField(missing)
        return parse(text)

    return read


nir = present("nir.required", Nir.parse)
birth_date = present("date_naissance.required", BirthDate.parse)
password = present("password.required", Secret)

"""Forms: what was typed, what it means, and the message code beside each field."""

import unicodedata
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, ClassVar

from broker.base.errors import InvalidField, Refusal

_MAX_LENGTH = 400  # characters of one field: longer than any honest answer


Parser = Callable[[str], Any]
"""Reads one field, or raises InvalidField with the code of its message."""


class FormRefused(Refusal):
    """At least one field cannot be read; the page is shown again with the messages."""

    code = "form-refused"
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class Form:
    """One submitted form, or an empty one.

    ``values`` holds what the person typed, for the fields that may be shown again: passwords and
    codes never are. ``errors`` maps a field to a message code, in the order of the page.
    """

    REPEATS: ClassVar[Mapping[str, tuple[str, str]]] = {}
    """Fields that repeat another: which one, read before, and the message where they differ."""

    def __init__(
        self, submitted: Mapping[str, str] | None = None, *, echo: tuple[str, ...] = ()
    ) -> None:
        self._submitted = submitted or {}
        self.values = _Values({name: self._submitted.get(name, "") for name in echo})
        self.errors: dict[str, str] = {}

    def error(self, name: str) -> str:
        """Return the message code of a field, or an empty text."""
        return self.errors.get(name, "")

    def refuse(self, name: str, message: str) -> None:
        """Put a message beside a field; the first one stays."""
        self.errors.setdefault(name, message)

    def read(self, **parsers: Parser) -> dict[str, Any]:
        """Parse every field, or raise FormRefused with a message for each that cannot be read."""
        parsed: dict[str, Any] = {}
        for name, parse in parsers.items():
            repeated, differs = self.REPEATS.get(name, ("", ""))
            if repeated in self.errors:
                continue  # both are to be typed anew
            try:
                parsed[name] = parse(_clean(self._submitted.get(name, "")))
            except InvalidField as refusal:
                self.refuse(name, refusal.message)
            else:
                if repeated and parsed[name] != parsed[repeated]:
                    self.refuse(name, differs)
        if self.errors:
            raise FormRefused
        return parsed


class _Values(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return ""


def _clean(text: str) -> str:
    """Refuse what no keyboard types; spaces around are not part of an answer."""
    if len(text) > _MAX_LENGTH:
        raise InvalidField("field.too_long")
    # Cc and Cs are control characters and surrogates; Cf holds the direction overrides, but also
    # the soft hyphen and the joiners that a pasted code may carry: each parser drops those.
    if any(unicodedata.category(char) in {"Cc", "Cs"} and char not in "\t\r\n" for char in text):
        raise InvalidField("field.characters")
    return text.strip()


def text(*, required: str, longest: int, invalid: str) -> Callable[[str], str]:
    """Return a parser of free text: present, at most *longest* characters, printable."""

    def parse(value: str) -> str:
        if not value:
            raise InvalidField(required)
        if len(value) > longest or not value.isprintable():
            raise InvalidField(invalid)
        return value

    return parse


def yes_or_no(required: str) -> Callable[[str], bool]:
    """Return a parser of a radio group ``oui``/``non`` that nothing preselects."""

    def parse(value: str) -> bool:
        if value not in {"oui", "non"}:
            raise InvalidField(required)
        return value == "oui"

    return parse


def ticked(required: str) -> Callable[[str], bool]:
    """Return a parser of a box that must be ticked."""

    def parse(value: str) -> bool:
        if value != "oui":
            raise InvalidField(required)
        return True

    return parse

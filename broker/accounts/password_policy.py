"""Which passwords are accepted: the five rules of the product, and what is too easy to guess."""

import re
import string
import tomllib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Self

from broker.base.errors import InvalidField
from broker.insured.birth_date import BirthDate
from broker.insured.model import InsuredPerson
from broker.insured.names import fold
from broker.insured.nir import Nir

_SHORTEST_WORD = 4  # letters from which on a word counts where it is contained
_NOT_LETTERS = re.compile(r"[^a-z]+")
_NOT_DIGITS = re.compile(r"[^0-9]+")
_SEPARATORS = re.compile(r"[\s'\u2019,-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalFacts:
    """What a password must not repeat of its owner."""

    nir: Nir
    birth_date: BirthDate
    names: tuple[str, ...] = field(default=(), repr=False)
    email_local_part: str = field(default="", repr=False)

    @classmethod
    def of(cls, person: InsuredPerson, email_local_part: str = "") -> Self:
        """Collect them from the register."""
        names = (person.birth_name, person.usage_name, person.given_names)
        return cls(
            nir=person.nir,
            birth_date=person.known_birth_date,
            names=tuple(filter(None, names)),
            email_local_part=email_local_part,
        )

    @property
    def words(self) -> frozenset[str]:
        """Lower-case words that count where contained."""
        parts = [part for name in self.names for part in (name, *_SEPARATORS.split(name))]
        return _long_words([*(fold(part).lower() for part in parts), self.email_local_part])

    @property
    def digit_runs(self) -> frozenset[str]:
        """The parts of the birth date, four digits each: any longer part holds one of them.

        Of a date with unknown parts only the known ones count.
        """
        date = self.birth_date
        year, day, month = f"{date.year:04}", f"{date.day:02}", f"{date.month:02}"
        runs = {year}
        if date.month:
            runs |= {month + year[2:], year[2:] + month}
        if date.complete:
            runs |= {day + month, month + day}
        return frozenset(runs)


class PasswordRefused(InvalidField):
    """The password breaks a rule; ``message`` is the code of the first one broken."""


Rule = Callable[[str, PersonalFacts | None], bool]
"""Tells whether a password meets the rule, as far as its owner is known."""


@dataclass(frozen=True)
class PasswordPolicy:
    """The rules in force, as password_policy.toml states them."""

    minimum: int
    maximum: int
    specials: str
    service_words: frozenset[str]
    common: frozenset[str] = field(repr=False)

    @classmethod
    @cache  # files of this installation, which no process sees change
    def load(cls) -> Self:
        """Read the policy and the list of common passwords."""
        here = files("broker.accounts")
        policy = tomllib.loads((here / "password_policy.toml").read_text())
        words = frozenset(policy.pop("service_words"))
        lines = (here / "common_passwords.txt").read_text().splitlines()
        common = frozenset(line for line in lines if line and not line.startswith("#"))
        return cls(service_words=words, common=common, **policy)

    def require(self, password: str, owner: PersonalFacts | None = None) -> None:
        """Raise PasswordRefused for the first rule that is broken."""
        if not password:
            raise PasswordRefused("password.required")
        for code, met in (*self.requirements(password, owner), ("common", True)):
            if not met or (code == "common" and self._guessable(password, owner)):
                raise PasswordRefused(f"password.{code}")

    def requirements(
        self, password: str, owner: PersonalFacts | None = None
    ) -> tuple[tuple[str, bool], ...]:
        """Return each rule that the page lists, and whether *password* meets it."""
        return tuple((code, rule(password, owner)) for code, rule in self._rules())

    def _rules(self) -> Iterator[tuple[str, Rule]]:
        yield "length", lambda word, _: self.minimum <= len(word) <= self.maximum
        yield (
            "classes",
            lambda word, _: (
                _has(word, string.ascii_lowercase) and _has(word, string.ascii_uppercase)
            ),
        )
        yield "digit_or_special", lambda word, _: _has(word, string.digits + self.specials)
        yield "characters", lambda word, _: set(word) <= self._allowed
        yield "personal", lambda word, owner: owner is None or not _personal(word, owner)

    @property
    def _allowed(self) -> set[str]:
        return set(string.ascii_letters + string.digits + self.specials)

    def _guessable(self, password: str, owner: PersonalFacts | None) -> bool:
        letters = _letters(password)
        if letters in self.common or password.lower() in self.common:
            return True
        words = self.service_words | (owner.words if owner else frozenset())
        return any(word in letters for word in words)


def _personal(password: str, owner: PersonalFacts) -> bool:
    """Tell whether it holds the number, with its letters if it has any, or a part of the date."""
    digits = _NOT_DIGITS.sub("", password)
    compact = "".join(char for char in password.upper() if char.isalnum())
    holds_number = owner.nir.value in compact or owner.nir.value in digits
    return holds_number or any(run in digits for run in owner.digit_runs)


def _has(password: str, characters: str) -> bool:
    return any(char in characters for char in password)


def _letters(text: str) -> str:
    return _NOT_LETTERS.sub("", text.lower())


def _long_words(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(word for text in texts if len(word := _letters(text)) >= _SHORTEST_WORD)

"""What is told of a person: civil identity from the register, contacts from the account."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from broker.accounts.accounts import Accounts
from broker.accounts.model import Account
from broker.base.errors import Refusal
from broker.clients.model import Client
from broker.clients.scopes import CLAIMS, NIR, claims_of
from broker.insured.civil_identity import IdentityIncomplete
from broker.insured.lookup import Insured
from broker.insured.model import CivilIdentity

SUPPORTED = tuple(claim for claim in claims_of(CLAIMS) if claim != NIR)


class Person:
    """One account holder; each source is read once, and only when a claim needs it."""

    def __init__(self, account_id: str, accounts: Accounts, insured: Insured) -> None:
        self._account_id = account_id
        self._accounts = accounts
        self._insured = insured

    @cached_property
    def account(self) -> Account:
        """The account, whatever its state."""
        return self._accounts.get(self._account_id)

    @cached_property
    def identity(self) -> CivilIdentity | None:
        """The certified civil identity; None where the register cannot certify one."""
        try:
            return self._insured.identity_of(self.account.insured_id)
        except Refusal:
            return None

    @cached_property
    def identity_flaws(self) -> tuple[str, ...]:
        """What FranceConnect would refuse: ``certification``, or the claims that are missing."""
        flaws: tuple[str, ...] = ()
        try:
            self._insured.identity_of(self.account.insured_id)
        except IdentityIncomplete as incomplete:
            flaws = incomplete.missing
        except Refusal:
            flaws = ("certification",)
        return flaws if self.account.reachable else (*flaws, "email")

    @cached_property
    def telephone(self) -> str | None:
        """The mobile number, else the fixed one, in the form of E.164."""
        given = (number for number in self._accounts.telephones(self._account_id) if number)
        first = next(given, None)
        return first.value if first else None

    @cached_property
    def postal_code(self) -> str | None:
        """The present postal code of the register."""
        return next(iter(self._insured.person(self.account.insured_id).postal_codes), None)


def _civil(name: str) -> Callable[[Person], Any]:
    return lambda person: getattr(person.identity, name) if person.identity else None


def _name(person: Person) -> str | None:
    identity = person.identity
    if identity is None:
        return None
    return f"{identity.given_name} {identity.usage_name or identity.family_name}"


_SOURCES: Mapping[str, Callable[[Person], Any]] = {
    "name": _name,
    "given_name": _civil("given_name"),
    "family_name": _civil("family_name"),
    "preferred_username": _civil("usage_name"),
    "gender": _civil("gender"),
    "birthdate": _civil("birthdate"),
    "birthplace": _civil("birthplace"),
    "birthcountry": _civil("birthcountry"),
    "email": lambda person: person.account.email.reveal() or None,
    # The account is active: the address was confirmed by its link.
    "email_verified": lambda person: person.account.reachable or None,
    "phone_number": lambda person: person.telephone,
    "phone_number_verified": lambda person: False if person.telephone else None,
    "address": lambda person: {"postal_code": person.postal_code} if person.postal_code else None,
    NIR: lambda person: person.account.nir.value,
}


@dataclass(frozen=True)
class Claims:
    """Collects the claims of a person for one answer."""

    accounts: Accounts
    insured: Insured

    def person(self, account_id: str) -> Person:
        """Return the holder of an account; the session or the grant told that they may log in."""
        return Person(account_id, self.accounts, self.insured)

    def of(self, account_id: str, names: Iterable[str]) -> dict[str, Any]:
        """Return the claims of those names that have a value."""
        return told(self.person(account_id), names)


def told(person: Person, names: Iterable[str]) -> dict[str, Any]:
    """Return the claims of those names that have a value."""
    found = {name: _SOURCES[name](person) for name in names}
    return {name: value for name, value in found.items() if value is not None}


def obtainable_by_name(names: Iterable[str], client: Client) -> tuple[str, ...]:
    """Return those of the *names* that this client may obtain by name: never the NIR."""
    return tuple(name for name in names if name != NIR and name in client.claims)


def in_userinfo(scopes: Iterable[str], by_name: Iterable[str]) -> tuple[str, ...]:
    """Return what userinfo tells for these scopes and the claims asked by name."""
    return tuple(dict.fromkeys((*claims_of(scopes), *by_name)))

"""Who may create an account, and how; asked again at the last step of a journey.

X7, no account yet, belongs to the accounts.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from broker.insured.model import InsuredPerson, NirStatus, VitaleStatus
from broker.insured.regimes import Regimes

LEAST_AGE = 16
_SEVERAL = 2


class Option(StrEnum):
    """The two ways of creating an account."""

    CARD = "card"
    FRANCECONNECT = "franceconnect"


@dataclass(frozen=True)
class Eligibility:
    """The rules, as this deployment sets them."""

    regimes: Regimes
    two_ribs_block_franceconnect: bool

    def exclusions(self, person: InsuredPerson, option: Option, on: date) -> tuple[str, ...]:
        """Return every rule that excludes the person, the first one first; empty: eligible."""
        rules = self._rules(option)
        return tuple(name for name, excludes in rules if excludes(person, on))

    def _rules(self, option: Option) -> tuple[tuple[str, "Rule"], ...]:
        card = option is Option.CARD
        both: tuple[tuple[str, Rule], ...] = (
            ("regime", self._regime),
            ("rights", _rights),
            ("nir_status", _number if card else _number_or_identity),
        )
        account: tuple[tuple[str, Rule], ...] = (("no_iban", _no_account),) if card else ()
        if card or self.two_ribs_block_franceconnect:
            account += (("two_ibans", _two_accounts),)
        vitale: tuple[tuple[str, Rule], ...] = (("vitale", _card),) if card else ()
        return (*both, *account, *vitale, ("age", _age))

    def _regime(self, person: InsuredPerson, _on: date) -> bool:
        """X1, first half: a scheme that the service serves."""
        return person.regime not in self.regimes.eligible


Rule = Callable[[InsuredPerson, date], bool]
"""Tells whether the rule excludes the person on that day."""


def _rights(person: InsuredPerson, _on: date) -> bool:
    """X1, second half: rights are open."""
    return not person.rights_open


def _number(person: InsuredPerson, _on: date) -> bool:
    """X2: no provisional number, no uncertified waiting number."""
    waiting = person.nir_status is NirStatus.WAITING
    return person.nir_status is NirStatus.PROVISIONAL or (waiting and not person.certified)


def _number_or_identity(person: InsuredPerson, on: date) -> bool:
    """X2 by FranceConnect: the identity must be certified too."""
    return not person.certified or _number(person, on)


def _no_account(person: InsuredPerson, _on: date) -> bool:
    """X3: bank details on file, of a French account, the only ones whose layout can be shown."""
    return not any(iban.french for iban in person.ibans)


def _two_accounts(person: InsuredPerson, _on: date) -> bool:
    """X5: one set of bank details."""
    return len(person.ibans) >= _SEVERAL


def _card(person: InsuredPerson, _on: date) -> bool:
    """X4: an active card, its move between two caisses done, whose number is known."""
    return person.vitale_status is not VitaleStatus.ACTIVE or person.vitale_serial is None


def _age(person: InsuredPerson, on: date) -> bool:
    """X6: insured in one's own right, and sixteen."""
    return not (person.in_own_right and person.birth_date.age_is_at_least(LEAST_AGE, on))

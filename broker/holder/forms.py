"""The answers that the holder of an account changes: address, telephones, consents."""

from typing import Self

from broker.accounts.email_address import EmailAddress
from broker.accounts.model import Reach
from broker.base.forms import Form, Parser
from broker.signup.contact import CONSENTS, EMAIL, REACH, confirmed_address, reach


class AddressForm(Form):
    """The new address, typed twice."""

    ECHO = ("email", "email_confirmation")

    def address(self, **also: Parser) -> EmailAddress:
        """Return the address, or raise FormRefused; *also*: parsers of the page's other fields."""
        return confirmed_address(self, self.read(**EMAIL, **also))


class ReachForm(Form):
    """Telephones, and the question of each way to reach the person."""

    ECHO = tuple(REACH)

    @classmethod
    def of(cls, present: Reach) -> Self:
        """Return the form as it was answered before."""
        given = {consent.purpose: consent.given for consent in present.consents}
        answers = {name: given.get(purpose) for name, purpose in CONSENTS.items()}
        shown = {
            "telephone_portable": present.mobile.shown if present.mobile else "",
            "telephone_fixe": present.landline.shown if present.landline else "",
            **{name: _word(answer) for name, answer in answers.items()},
        }
        return cls(shown, echo=cls.ECHO)

    def reach(self) -> Reach:
        """Return the answers, or raise FormRefused; no consent is presumed."""
        return reach(self.read(**REACH))


def _word(answer: bool | None) -> str:  # noqa: FBT001 - a yes, a no, or nothing
    return {True: "oui", False: "non", None: ""}[answer]

"""The answers that the holder of an account changes: address, telephones, consents."""

from collections.abc import Mapping
from typing import ClassVar

from broker.accounts.email_address import EmailAddress
from broker.accounts.model import Reach
from broker.base.forms import Form, Parser
from broker.signup.contact import (
    APP_QUESTION,
    EMAIL,
    EMAIL_TWICE,
    REACH,
    Question,
    question_of,
    reach,
)


class AddressForm(Form):
    """The new address, typed twice."""

    ECHO = ("email", "email_confirmation")
    REPEATS: ClassVar = EMAIL_TWICE

    def address(self, **also: Parser) -> EmailAddress:
        """Return the address, or raise FormRefused; *also*: parsers of the page's other fields."""
        address: EmailAddress = self.read(**EMAIL, **also)["email"]
        return address


class ReachForm(Form):
    """Telephones, and the question of each way to reach the person."""

    ECHO = tuple(REACH)

    def __init__(self, present: Reach, submitted: Mapping[str, str] | None = None) -> None:
        """Take what was submitted, or the answers that the account has now."""
        self.question: Question = question_of(present.consents)
        shown = self._answered(present) if submitted is None else submitted
        super().__init__(shown, echo=self.ECHO)

    @property
    def asks_letter(self) -> bool:
        """Whether the question is about the letter ameli&vous too."""
        return self.question is APP_QUESTION

    def _answered(self, present: Reach) -> dict[str, str]:
        answers = self.question.given(present.consents)
        return {
            "telephone_portable": present.mobile.shown if present.mobile else "",
            "telephone_fixe": present.landline.shown if present.landline else "",
            **{name: _word(answer) for name, answer in answers.items()},
        }

    def reach(self) -> Reach:
        """Return the answers, or raise FormRefused; no consent is presumed."""
        return reach(self.read(**REACH), self.question)


def _word(answer: bool | None) -> str:  # noqa: FBT001 - a yes, a no, or nothing
    return {True: "oui", False: "non", None: ""}[answer]

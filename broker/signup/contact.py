"""The answers of the contact screen: address, telephones, consents."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from broker.accounts.answers import present
from broker.accounts.email_address import EmailAddress
from broker.accounts.model import Consent, Contact, Reach
from broker.accounts.telephone import Telephone
from broker.base.errors import InvalidField
from broker.base.forms import Form, yes_or_no

_MEANS = {
    "consentement_email": "email",
    "consentement_telephone": "telephone",
    "consentement_sms": "sms",
}


@dataclass(frozen=True)
class Question:
    """What is asked for each means of reaching the person, in which words."""

    text_version: str
    topics: tuple[str, ...]

    def answers(self, read: Mapping[str, Any]) -> tuple[Consent, ...]:
        """Return one consent for each topic and means."""
        return tuple(
            Consent(f"{topic}_{means}", read[name], self.text_version)
            for name, means in _MEANS.items()
            for topic in self.topics
        )

    def given(self, consents: Iterable[Consent]) -> dict[str, bool | None]:
        """Return what was answered in each field; None where nothing was."""
        given = {consent.purpose: consent.given for consent in consents}
        return {name: given.get(f"{self.topics[0]}_{means}") for name, means in _MEANS.items()}


WEB_QUESTION = Question("web-2025-07", ("studies",))
APP_QUESTION = Question("app-2025-07", ("newsletter", "studies"))
"""The app asks at once about the letter ameli&vous and about studies."""


def _again(text: str) -> EmailAddress:
    """Read the second address; an unreadable one differs from any."""
    try:
        return EmailAddress.parse(text)
    except InvalidField:
        raise InvalidField("email.confirmation") from None


EMAIL = {
    "email": present("email.required", EmailAddress.parse),
    "email_confirmation": present("email.confirmation", _again),
}
EMAIL_TWICE = {"email_confirmation": ("email", "email.confirmation")}
REACH = {
    "consentement_email": yes_or_no("consentement_email.required"),
    "telephone_portable": Telephone.mobile,
    "consentement_telephone": yes_or_no("consentement_telephone.required"),
    "consentement_sms": yes_or_no("consentement_sms.required"),
    "telephone_fixe": Telephone.landline,
}
"""The parsers of the fields, in the order of the page."""
ECHO = (*EMAIL, *REACH)


class ContactForm(Form):
    """What was typed; every field may be shown again."""

    REPEATS: ClassVar = EMAIL_TWICE

    def contact(self) -> Contact:
        """Return the answers, or raise FormRefused; no consent is presumed."""
        read = self.read(**EMAIL, **REACH)
        answered = reach(read)
        return Contact(
            email=read["email"],
            mobile=answered.mobile,
            landline=answered.landline,
            consents=answered.consents,
        )


def question_of(consents: Iterable[Consent]) -> Question:
    """Return the question that was answered: it is asked again in the same words."""
    letter = any(consent.purpose.startswith("newsletter_") for consent in consents)
    return APP_QUESTION if letter else WEB_QUESTION


def reach(read: Mapping[str, Any], question: Question = WEB_QUESTION) -> Reach:
    """Return the telephones and consents that were read."""
    return Reach(
        mobile=read["telephone_portable"],
        landline=read["telephone_fixe"],
        consents=question.answers(read),
    )

"""The answers of the contact screen: address, telephones, consents."""

from collections.abc import Mapping
from typing import Any

from broker.accounts.answers import present
from broker.accounts.email_address import EmailAddress
from broker.accounts.model import Consent, Contact, Reach
from broker.accounts.telephone import Telephone
from broker.base.errors import InvalidField
from broker.base.forms import Form, FormRefused, yes_or_no
from broker.signup.model import CONSENT_TEXT_VERSION

CONSENTS = {
    "consentement_email": "studies_email",
    "consentement_telephone": "studies_telephone",
    "consentement_sms": "studies_sms",
}
"""The purpose of each question."""


def _canonical(text: str) -> str:
    """Read the second address for comparison; an unreadable one differs from any."""
    try:
        return EmailAddress.parse(text).canonical
    except InvalidField:
        raise InvalidField("email.confirmation") from None


EMAIL = {
    "email": present("email.required", EmailAddress.parse),
    "email_confirmation": present("email.confirmation", _canonical),
}
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

    def contact(self) -> Contact:
        """Return the answers, or raise FormRefused; no consent is presumed."""
        read = self.read(**EMAIL, **REACH)
        email, answered = confirmed_address(self, read), reach(read)
        return Contact(
            email=email,
            mobile=answered.mobile,
            landline=answered.landline,
            consents=answered.consents,
        )


def confirmed_address(form: Form, read: Mapping[str, Any]) -> EmailAddress:
    """Return the address that was typed twice, or raise FormRefused."""
    email: EmailAddress = read["email"]
    if email.canonical != read["email_confirmation"]:
        form.refuse("email_confirmation", "email.confirmation")
        raise FormRefused
    return email


def reach(read: Mapping[str, Any]) -> Reach:
    """Return the telephones and consents that were read."""
    return Reach(
        mobile=read["telephone_portable"],
        landline=read["telephone_fixe"],
        consents=tuple(
            Consent(purpose, read[name], CONSENT_TEXT_VERSION)
            for name, purpose in CONSENTS.items()
        ),
    )

"""The answers of the contact screen: address, telephones, consents."""

from typing import Any

from broker.accounts.answers import present
from broker.accounts.email_address import EmailAddress
from broker.accounts.model import Consent, Contact
from broker.accounts.telephone import Telephone
from broker.base.errors import InvalidField
from broker.base.forms import Form, FormRefused, yes_or_no
from broker.signup.model import CONSENT_TEXT_VERSION

_CONSENTS = {
    "consentement_email": "studies_email",
    "consentement_telephone": "studies_telephone",
    "consentement_sms": "studies_sms",
}
ECHO = ("email", "email_confirmation", "telephone_portable", "telephone_fixe", *_CONSENTS)


class ContactForm(Form):
    """What was typed; every field may be shown again."""

    def contact(self) -> Contact:
        """Return the answers, or raise FormRefused; no consent is presumed."""
        read = self._answers()
        email: EmailAddress = read["email"]
        if email.canonical != read["email_confirmation"]:
            self.refuse("email_confirmation", "email.confirmation")
            raise FormRefused
        return Contact(
            email=email,
            mobile=read["telephone_portable"],
            landline=read["telephone_fixe"],
            consents=tuple(
                Consent(purpose, read[name], CONSENT_TEXT_VERSION)
                for name, purpose in _CONSENTS.items()
            ),
        )

    def _answers(self) -> dict[str, Any]:
        parsers = {
            "email": present("email.required", EmailAddress.parse),
            "email_confirmation": present("email.confirmation", _canonical),
            "consentement_email": yes_or_no("consentement_email.required"),
            "telephone_portable": Telephone.mobile,
            "consentement_telephone": yes_or_no("consentement_telephone.required"),
            "consentement_sms": yes_or_no("consentement_sms.required"),
            "telephone_fixe": Telephone.landline,
        }
        return self.read(**parsers)


def _canonical(text: str) -> str:
    """Read the second address for comparison; an unreadable one differs from any."""
    try:
        return EmailAddress.parse(text).canonical
    except InvalidField:
        raise InvalidField("email.confirmation") from None

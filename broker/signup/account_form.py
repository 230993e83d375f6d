"""The app's last screen of a creation: address, telephone, password, consents together."""

from collections.abc import Callable
from typing import ClassVar

from broker.accounts.model import Contact
from broker.accounts.password_form import FIELD, PASSWORD, PASSWORD_TWICE, NewPasswordForm
from broker.accounts.telephone import Telephone
from broker.base.crypto import Secret
from broker.base.forms import Parser, yes_or_no
from broker.signup.contact import APP_QUESTION, EMAIL, EMAIL_TWICE


def _no_unless_yes(required: str) -> Callable[[str], bool]:
    """Read a question that may stay without an answer: then it is a no."""
    parse = yes_or_no(required)
    return lambda text: parse(text or "non")


_BEFORE: dict[str, Parser] = {**EMAIL, "telephone": Telephone.either}
_AFTER: dict[str, Parser] = {
    "consentement_email": yes_or_no("consentement_email.required"),
    "consentement_telephone": _no_unless_yes("consentement_telephone.required"),
    "consentement_sms": _no_unless_yes("consentement_sms.required"),
}


class AccountForm(NewPasswordForm):
    """What was typed; all but the password may be shown again."""

    ECHO = (*_BEFORE, *_AFTER)
    REPEATS: ClassVar = {**EMAIL_TWICE, **PASSWORD_TWICE}

    def answers(self) -> tuple[Contact, Secret]:
        """Return how to reach the person, and the password; or raise FormRefused."""
        read = self.read(**_BEFORE, **PASSWORD, **_AFTER)
        mobile, landline = read["telephone"]
        consents = APP_QUESTION.answers(read)
        contact = Contact(email=read["email"], mobile=mobile, landline=landline, consents=consents)
        return contact, read[FIELD]

"""The two fields of a new password, and what its page shows."""

from collections.abc import Mapping
from typing import Any, ClassVar

from broker.accounts.answers import password
from broker.accounts.password_policy import PasswordPolicy, PasswordRefused, PersonalFacts
from broker.accounts.password_strength import strength
from broker.base.crypto import Secret
from broker.base.forms import Form, Parser

FIELD, CONFIRMATION = "mot_de_passe", "mot_de_passe_confirmation"
PASSWORD: Mapping[str, Parser] = {FIELD: password, CONFIRMATION: Secret}
PASSWORD_TWICE = {CONFIRMATION: (FIELD, "password.confirmation")}


class NewPasswordForm(Form):
    """What was typed, judged by the policy; nothing of it is shown again."""

    REPEATS: ClassVar = PASSWORD_TWICE

    def chosen(self, **also: Parser) -> Secret:
        """Return the password typed twice, or raise FormRefused.

        *also* are the parsers of what the page asks besides, before it.
        """
        chosen: Secret = self.read(**also, **PASSWORD)[FIELD]
        return chosen

    def refuse_password(self, refusal: PasswordRefused) -> None:
        """Put the message of the broken rule beside the field."""
        self.refuse(FIELD, refusal.message)

    def context(self, policy: PasswordPolicy, owner: PersonalFacts | None) -> dict[str, Any]:
        """Return what the page needs: each rule and whether it is met, as far as was typed."""
        typed = self._submitted.get(FIELD, "").strip()
        broken = self.error(FIELD)
        rules = [
            (code, met and broken != f"password.{code}" if typed else None)
            for code, met in policy.requirements(typed, owner)
        ]
        shown = typed[: policy.maximum]
        return {"rules": rules, "specials": tuple(policy.specials), "strength": strength(shown)}

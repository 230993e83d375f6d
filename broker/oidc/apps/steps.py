"""The steps of a login on an app's own screens: which one a request takes, and what follows it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from broker.accounts.answers import nir, present
from broker.base.crypto import Secret
from broker.base.errors import Throttled
from broker.base.forms import Form
from broker.insured.nir import Nir
from broker.oidc.apps.model import AuthSession
from broker.oidc.errors import InsufficientAuthorization, InvalidRequest, StepDelayed
from broker.oidc.parameters import Parameters
from broker.otp.model import typed_code
from broker.sessions.login import Presence

_password = present("mot_de_passe.required", Secret)


class Step(StrEnum):
    """What an app asks its person next, as the member ``next`` names it."""

    PASSWORD = "password"  # noqa: S105 - the name of a step
    CODE = "code"


class Act(StrEnum):
    """What a request does, named by the parameter that tells it."""

    CODE = "code"
    ANOTHER_CODE = "resend_code"
    PASSWORD = "password"  # noqa: S105 - the name of a parameter


def act_of(form: Parameters) -> Act:
    """Return what the request does, or raise InvalidRequest."""
    named = [act for act in Act if form.get(act) is not None]
    if len(named) != 1:
        raise InvalidRequest("exactly one of password (with nir), code or resend_code is required")
    return named[0]


@dataclass(frozen=True)
class Turn:
    """One step of one login: what came, and the token of the step after it."""

    session: AuthSession
    successor: Secret
    form: Form = field(repr=False)

    @property
    def presence(self) -> Presence:
        """The app in the place of a browser, never a remembered one."""
        return Presence(browser=self.session.browser, memory=None)

    def credentials(self) -> tuple[Nir, Secret]:
        """Return what was typed, or raise FormRefused."""
        typed = self.form.read(nir=nir, password=_password)
        return typed["nir"], typed["password"]

    def code(self) -> str:
        """Return the code that was typed, or raise FormRefused."""
        return str(self.form.read(code=typed_code)["code"])

    def needs(self, step: Step, **told: object) -> InsufficientAuthorization:
        """Return the answer that asks for that step, and says what was wrong with this one."""
        return InsufficientAuthorization(self._following(step, told), self.form.errors)

    def waits(self, step: Step, throttled: Throttled) -> StepDelayed:
        """Return the answer that lets the same step be taken later."""
        return StepDelayed(self._following(step, {}), throttled.retry_after)

    def _following(self, step: Step, told: Mapping[str, object]) -> dict[str, object]:
        return following(step, self.successor, told)


def following(
    step: Step, token: Secret, told: Mapping[str, object] = MappingProxyType({})
) -> dict[str, object]:
    """Return the members that tell an app how to go on."""
    return {"auth_session": token.reveal(), "next": str(step), **told}

"""A journey: what has been answered so far, and the ways it is refused."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from http import HTTPStatus
from typing import Any, Self

from broker.accounts.model import Channel, UpstreamIdentity
from broker.base.crypto import Secret
from broker.base.errors import Refusal
from broker.insured.eligibility import Option
from broker.insured.nir import Nir
from broker.signup import machine
from broker.signup.machine import Step, Way

TERMS_VERSION = "2025-07"


_CHANNELS = {
    Way.CARD: Channel.CARD,
    Way.FRANCECONNECT: Channel.FRANCECONNECT,
    Way.APP: Channel.APP,
}


class OutOfOrder(Refusal):
    """The step cannot be done now; ``next_step`` is the one where the person can go on."""

    code = "signup-restart"
    status = HTTPStatus.CONFLICT

    def __init__(self, next_step: Step) -> None:
        super().__init__(next_step)
        self.next_step = next_step


class JourneyRefused(Refusal):
    """The journey ends on the neutral page, the same for every reason."""

    code = "signup-neutral"


class CardMismatch(Refusal):
    """One of the two proofs is wrong, or both: which is not told."""

    code = "card-mismatch"
    status = HTTPStatus.UNPROCESSABLE_ENTITY


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What a browser has answered so far. ``step`` is the one that is due."""

    id: bytes
    """Fingerprint of the journey's cookie."""
    reference: str
    way: Way
    step: Step
    insured_id: str | None = None
    nir: Nir | None = None
    typed: dict[str, str] = field(default_factory=dict, repr=False)
    """The four answers of the first screen, to show them again."""
    suggested_email: str = field(default="", repr=False)
    upstream: UpstreamIdentity | None = None
    trip: str | None = None
    """The round trip to FranceConnect that opened this journey."""
    terms_accepted_at: datetime | None = None
    password_hash: Secret | None = None
    masked_email: str = ""

    def require(self, step: Step) -> None:
        """Raise OutOfOrder unless *step* may be done, or is the end that was come to."""
        if not machine.allows(self.way, self.step, step):
            raise OutOfOrder(self.step)

    def done(self, step: Step, **answers: Any) -> Self:  # noqa: ANN401 - fields of this class
        """Return the draft with that step done; an earlier one may be done again."""
        self.require(step)
        return replace(self, step=machine.due_after(self.way, self.step, step), **answers)

    def refused(self, step: Step) -> "Draft":
        """Return the end of a journey that was refused at *step*: nothing but its reference."""
        self.require(step)
        if not machine.refusable(self.way, step):
            raise OutOfOrder(self.step)
        return self._ended(Step.NEUTRAL)

    def finished(self, masked_email: str) -> "Draft":
        """Return the end of a completed journey: nothing but what its last page shows."""
        end = self.done(Step.CONTACT).step
        return self._ended(end, masked_email)

    def _ended(self, end: Step, masked_email: str = "") -> "Draft":
        return Draft(
            id=self.id,
            reference=self.reference,
            way=self.way,
            step=end,
            trip=self.trip,
            masked_email=masked_email,
        )

    @property
    def option(self) -> Option:
        """The eligibility rules of its way."""
        return Option.FRANCECONNECT if self.way is Way.FRANCECONNECT else Option.CARD

    @property
    def channel(self) -> Channel:
        """How the account will be said to have come to be."""
        return _CHANNELS[self.way]

    @property
    def person(self) -> tuple[str, Nir]:
        """The row of the register and the number of whoever goes through the journey."""
        if self.insured_id is None or self.nir is None:
            raise OutOfOrder(machine.first(self.way))
        return self.insured_id, self.nir

"""A journey: its steps in order, what has been answered so far, and the ways it is refused."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from http import HTTPStatus
from typing import Any, Self

from broker.accounts.model import Channel, UpstreamIdentity
from broker.base.crypto import Secret
from broker.base.errors import Refusal
from broker.insured.eligibility import Option
from broker.insured.nir import Nir

TERMS_VERSION = "2025-07"


class Step(StrEnum):
    """One screen; the last two end a journey."""

    IDENTITY = "identity"
    CARD = "card"
    TERMS = "terms"
    PASSWORD = "password"  # noqa: S105 - the name of a screen
    CONTACT = "contact"
    FINISHED = "finished"
    NEUTRAL = "neutral"


class Way(StrEnum):
    """The ways of creating: two on the web, one in the app."""

    CARD = "vitale"
    FRANCECONNECT = "franceconnect"
    APP = "app"

    @property
    def option(self) -> Option:
        """The eligibility rules of that way."""
        return Option.FRANCECONNECT if self is Way.FRANCECONNECT else Option.CARD

    @property
    def channel(self) -> Channel:
        """How the account will be said to have come to be."""
        return _CHANNELS[self]


_CHANNELS = {
    Way.CARD: Channel.CARD,
    Way.FRANCECONNECT: Channel.FRANCECONNECT,
    Way.APP: Channel.APP,
}
JOURNEYS: dict[Way, tuple[Step, ...]] = {
    Way.CARD: (Step.IDENTITY, Step.CARD, Step.TERMS, Step.PASSWORD, Step.CONTACT),
    Way.FRANCECONNECT: (Step.TERMS, Step.PASSWORD, Step.CONTACT),
    # The app asks password and contact on one screen.
    Way.APP: (Step.TERMS, Step.IDENTITY, Step.CARD, Step.CONTACT),
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
    """What a browser has answered so far. ``step`` is the first one that remains to be done."""

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
        """Raise OutOfOrder unless *step* was reached and the journey goes on."""
        steps = JOURNEYS[self.way]
        if self.step not in steps or step not in steps:
            raise OutOfOrder(self.step)
        if steps.index(step) > steps.index(self.step):
            raise OutOfOrder(self.step)

    def done(self, step: Step, **answers: Any) -> Self:  # noqa: ANN401 - fields of this class
        """Return the draft with that step done; an earlier one may be done again."""
        steps = JOURNEYS[self.way]
        following = steps[steps.index(step) + 1]
        furthest = max(following, self.step, key=steps.index)
        return replace(self, step=furthest, **answers)

    def refused(self) -> "Draft":
        """Return the end of a refused journey: nothing but its reference."""
        return Draft(
            id=self.id,
            reference=self.reference,
            way=self.way,
            step=Step.NEUTRAL,
            trip=self.trip,
        )

    def finished(self, masked_email: str) -> "Draft":
        """Return the end of a completed journey: nothing but what its last page shows."""
        return Draft(
            id=self.id,
            reference=self.reference,
            way=self.way,
            step=Step.FINISHED,
            trip=self.trip,
            masked_email=masked_email,
        )

    @property
    def person(self) -> tuple[str, Nir]:
        """The row of the register and the number of whoever goes through the journey."""
        if self.insured_id is None or self.nir is None:
            raise OutOfOrder(JOURNEYS[self.way][0])
        return self.insured_id, self.nir

"""What the trail keeps of journeys; ``txn`` is the reference that the neutral page shows."""

from dataclasses import dataclass
from typing import ClassVar

from broker.audit.model import Event, Outcome, Upstream


@dataclass(frozen=True, kw_only=True)
class CreationRequested(Event):
    """The person was found and may create; by card, the layout of the IBAN was shown."""

    type: ClassVar[str] = "account.create.requested"
    default_outcome: ClassVar[Outcome] = Outcome.ATTEMPT

    upstream: Upstream | None = None


@dataclass(frozen=True, kw_only=True)
class CreationRefused(Event):
    type: ClassVar[str] = "account.create.refused"
    default_outcome: ClassVar[Outcome] = Outcome.FAILURE

    upstream: Upstream | None = None


@dataclass(frozen=True, kw_only=True)
class ContactRefused(Event):
    type: ClassVar[str] = "security.input.reject"
    default_outcome: ClassVar[Outcome] = Outcome.FAILURE

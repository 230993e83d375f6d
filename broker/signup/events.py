"""What the trail keeps of journeys; ``txn`` is the reference that the neutral page shows."""

from dataclasses import dataclass
from typing import ClassVar

from broker.audit.model import Event, Outcome, Upstream
from broker.audit.taxonomy import Activity, Severity


@dataclass(frozen=True, kw_only=True)
class CreationRequested(Event):
    """The person was found and may create; reason: the channel."""

    type: ClassVar[str] = "account.create.requested"
    activity: ClassVar[Activity] = Activity.ACCOUNT_CREATED
    default_outcome: ClassVar[Outcome] = Outcome.ATTEMPT

    upstream: Upstream | None = None


@dataclass(frozen=True, kw_only=True)
class CreationRefused(Event):
    """The neutral page, or a wrong proof; reason below: `limited`, too many tries."""

    type: ClassVar[str] = "account.create.refused"
    activity: ClassVar[Activity] = Activity.ACCOUNT_CREATED
    severity: ClassVar[Severity] = Severity.LOW
    default_outcome: ClassVar[Outcome] = Outcome.FAILURE

    upstream: Upstream | None = None


@dataclass(frozen=True, kw_only=True)
class ContactRefused(Event):
    """Contact step with the e-mail of another account (`email_used`), or too many (`limited`)."""

    type: ClassVar[str] = "security.input.reject"
    activity: ClassVar[Activity] = Activity.ACCOUNT_CREATED
    severity: ClassVar[Severity] = Severity.LOW
    default_outcome: ClassVar[Outcome] = Outcome.FAILURE

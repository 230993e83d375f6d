"""Events of security codes; never the code."""

from dataclasses import dataclass
from typing import ClassVar

from broker.audit.model import Event, Outcome
from broker.audit.taxonomy import Activity, Severity


@dataclass(frozen=True, kw_only=True)
class CodeSent(Event):
    """A code was sent."""

    type: ClassVar[str] = "otp.sent"
    activity: ClassVar[Activity] = Activity.STEP
    code_ref: str


@dataclass(frozen=True, kw_only=True)
class CodeResent(Event):
    """Another code was sent."""

    type: ClassVar[str] = "otp.resent"
    activity: ClassVar[Activity] = Activity.STEP
    code_ref: str


@dataclass(frozen=True, kw_only=True)
class CodeAccepted(Event):
    """The right code."""

    type: ClassVar[str] = "otp.ok"
    activity: ClassVar[Activity] = Activity.STEP
    code_ref: str


@dataclass(frozen=True, kw_only=True)
class CodeFailed(Event):
    """A wrong or expired code."""

    type: ClassVar[str] = "otp.failed"
    activity: ClassVar[Activity] = Activity.STEP
    severity: ClassVar[Severity] = Severity.LOW
    default_outcome: ClassVar[Outcome] = Outcome.FAILURE
    code_ref: str


@dataclass(frozen=True, kw_only=True)
class CodeTriesExhausted(Event):
    """Last try of a code (`code`) or of the account's day (`account`)."""

    type: ClassVar[str] = "otp.exhausted"
    activity: ClassVar[Activity] = Activity.STEP
    severity: ClassVar[Severity] = Severity.MEDIUM
    default_outcome: ClassVar[Outcome] = Outcome.FAILURE
    code_ref: str


@dataclass(frozen=True, kw_only=True)
class CodesLimited(Event):
    """No code was sent: the account had as many as an hour allows."""

    type: ClassVar[str] = "otp.limited"
    activity: ClassVar[Activity] = Activity.STEP
    severity: ClassVar[Severity] = Severity.MEDIUM
    default_outcome: ClassVar[Outcome] = Outcome.FAILURE

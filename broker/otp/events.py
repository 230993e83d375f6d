"""Events of security codes; never the code."""

from dataclasses import dataclass
from typing import ClassVar

from broker.audit.model import Event, Outcome


@dataclass(frozen=True, kw_only=True)
class CodeSent(Event):
    type: ClassVar[str] = "otp.sent"
    code_ref: str


@dataclass(frozen=True, kw_only=True)
class CodeResent(Event):
    type: ClassVar[str] = "otp.resent"
    code_ref: str


@dataclass(frozen=True, kw_only=True)
class CodeAccepted(Event):
    type: ClassVar[str] = "otp.ok"
    code_ref: str


@dataclass(frozen=True, kw_only=True)
class CodeFailed(Event):
    type: ClassVar[str] = "otp.failed"
    default_outcome: ClassVar[Outcome] = Outcome.FAILURE
    code_ref: str


@dataclass(frozen=True, kw_only=True)
class CodeTriesExhausted(Event):
    """The last try of a code, or of the account's day, was used."""

    type: ClassVar[str] = "otp.exhausted"
    default_outcome: ClassVar[Outcome] = Outcome.FAILURE
    code_ref: str

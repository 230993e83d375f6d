"""Events of outgoing mail; never the recipient, never the text."""

from dataclasses import dataclass
from typing import ClassVar

from broker.audit.model import Event, Outcome
from broker.audit.taxonomy import Activity, Severity


@dataclass(frozen=True, kw_only=True)
class MailSent(Event):
    """The server took it."""

    type: ClassVar[str] = "mail.sent"
    activity: ClassVar[Activity] = Activity.MAILED
    kind: str


@dataclass(frozen=True, kw_only=True)
class MailPostponed(Event):
    """The server did not take it for now.

    It will be tried again; reason: the class of the failure and the server's reply.
    """

    type: ClassVar[str] = "mail.postponed"
    activity: ClassVar[Activity] = Activity.MAILED
    severity: ClassVar[Severity] = Severity.LOW
    default_outcome: ClassVar[Outcome] = Outcome.FAILURE
    kind: str


@dataclass(frozen=True, kw_only=True)
class MailRefused(Event):
    """The server refused for good, or the mail expired before."""

    type: ClassVar[str] = "mail.refused"
    activity: ClassVar[Activity] = Activity.MAILED
    severity: ClassVar[Severity] = Severity.MEDIUM
    default_outcome: ClassVar[Outcome] = Outcome.FAILURE
    kind: str

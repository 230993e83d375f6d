"""Events of outgoing mail; never the recipient, never the text."""

from dataclasses import dataclass
from typing import ClassVar

from broker.audit.model import Event, Outcome


@dataclass(frozen=True, kw_only=True)
class MailSent(Event):
    type: ClassVar[str] = "mail.sent"
    kind: str


@dataclass(frozen=True, kw_only=True)
class MailPostponed(Event):
    """It was not taken now and is tried again; ``reason_code`` ends with the server's reply."""

    type: ClassVar[str] = "mail.postponed"
    default_outcome: ClassVar[Outcome] = Outcome.FAILURE
    kind: str


@dataclass(frozen=True, kw_only=True)
class MailRefused(Event):
    """The mail server refused it for good, or it expired before it could be handed over."""

    type: ClassVar[str] = "mail.refused"
    default_outcome: ClassVar[Outcome] = Outcome.FAILURE
    kind: str

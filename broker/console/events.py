"""What the trail keeps of analysts: each login, each failure, each act upon their accounts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from broker.audit.model import Event, Outcome, Retention


@dataclass(frozen=True, kw_only=True)
class AnalystAdded(Event):
    type: ClassVar[str] = "console.analyst.added"
    retention: ClassVar[Retention] = Retention.ADMINISTRATION

    after: Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class AnalystInvited(Event):
    type: ClassVar[str] = "console.analyst.invited"
    retention: ClassVar[Retention] = Retention.ADMINISTRATION

    after: Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class AnalystRoleChanged(Event):
    type: ClassVar[str] = "console.analyst.role_changed"
    retention: ClassVar[Retention] = Retention.ADMINISTRATION

    before: Mapping[str, object]
    after: Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class AnalystDisabled(Event):
    type: ClassVar[str] = "console.analyst.disabled"
    retention: ClassVar[Retention] = Retention.ADMINISTRATION

    after: Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class InvitationViewed(Event):
    """The page that shows the secret of the application was opened."""

    type: ClassVar[str] = "console.invitation.viewed"
    retention: ClassVar[Retention] = Retention.ADMINISTRATION


@dataclass(frozen=True, kw_only=True)
class InvitationRefused(Event):
    """``reason_code``: dead, or the first code was wrong."""

    type: ClassVar[str] = "console.invitation.refused"
    retention: ClassVar[Retention] = Retention.ADMINISTRATION
    default_outcome: ClassVar[Outcome] = Outcome.FAILURE


@dataclass(frozen=True, kw_only=True)
class InvitationAccepted(Event):
    type: ClassVar[str] = "console.invitation.accepted"
    retention: ClassVar[Retention] = Retention.ADMINISTRATION


@dataclass(frozen=True, kw_only=True)
class AnalystLoggedIn(Event):
    type: ClassVar[str] = "console.login.ok"
    retention: ClassVar[Retention] = Retention.ADMINISTRATION


@dataclass(frozen=True, kw_only=True)
class AnalystLoginFailed(Event):
    """``reason_code``: unknown, password, invited, disabled, code or code_used."""

    type: ClassVar[str] = "console.login.failed"
    retention: ClassVar[Retention] = Retention.ADMINISTRATION
    default_outcome: ClassVar[Outcome] = Outcome.FAILURE


@dataclass(frozen=True, kw_only=True)
class AnalystLoginThrottled(Event):
    """``reason_code``: before the password was compared, or before the code was."""

    type: ClassVar[str] = "console.login.throttled"
    retention: ClassVar[Retention] = Retention.ADMINISTRATION
    default_outcome: ClassVar[Outcome] = Outcome.FAILURE


@dataclass(frozen=True, kw_only=True)
class AnalystSessionEnded(Event):
    """``reason_code``: logout, idle, expired, replaced, or what an operator did."""

    type: ClassVar[str] = "console.session.ended"
    retention: ClassVar[Retention] = Retention.ADMINISTRATION


@dataclass(frozen=True, kw_only=True)
class ConsoleRefused(Event):
    """An analyst asked for what their role does not allow; ``role`` is the one it asks for."""

    type: ClassVar[str] = "console.refused"
    retention: ClassVar[Retention] = Retention.ADMINISTRATION
    default_outcome: ClassVar[Outcome] = Outcome.FAILURE

    role: str

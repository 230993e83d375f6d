"""What the trail keeps of logouts that partners ask, and of those that they are told."""

from dataclasses import dataclass

from broker.audit.model import Event, Outcome
from broker.audit.taxonomy import Activity, Severity


@dataclass(frozen=True, kw_only=True)
class LogoutRequested(Event):
    """A partner's logout ended a session."""

    type = "logout.requested"
    activity = Activity.LOGOFF
    client_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class LogoutNoticeSent(Event):
    """A partner took its logout notice; reason: why the session ended."""

    type = "logout.notice.sent"
    activity = Activity.LOGOFF
    client_id: str


@dataclass(frozen=True, kw_only=True)
class LogoutNoticePostponed(Event):
    """A partner did not answer its logout notice; it will be told again."""

    type = "logout.notice.postponed"
    activity = Activity.LOGOFF
    severity = Severity.LOW
    default_outcome = Outcome.FAILURE
    client_id: str


@dataclass(frozen=True, kw_only=True)
class LogoutNoticeRefused(Event):
    """It said no, its address is gone, or a day has passed."""

    type = "logout.notice.refused"
    activity = Activity.LOGOFF
    severity = Severity.MEDIUM
    default_outcome = Outcome.FAILURE
    client_id: str

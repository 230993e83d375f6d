"""What the trail keeps of analysts: each login, each failure, each act upon their accounts."""

from dataclasses import dataclass
from typing import ClassVar

from broker.audit.model import Event, Outcome, Part, Retention
from broker.audit.taxonomy import Activity, Severity


@dataclass(frozen=True, kw_only=True)
class AnalystAccount(Part):
    """Whose account it is, and with which role."""

    analyst: str | None = None
    role: str


@dataclass(frozen=True, kw_only=True)
class AnalystAdded(Event):
    """An operator made an analyst's account."""

    type: ClassVar[str] = "console.analyst.added"
    activity: ClassVar[Activity] = Activity.CREATED
    severity: ClassVar[Severity] = Severity.MEDIUM
    retention: ClassVar[Retention] = Retention.ADMINISTRATION

    after: AnalystAccount


@dataclass(frozen=True, kw_only=True)
class AnalystInvited(Event):
    """An operator began it anew: password and application are void."""

    type: ClassVar[str] = "console.analyst.invited"
    activity: ClassVar[Activity] = Activity.UPDATED
    severity: ClassVar[Severity] = Severity.MEDIUM
    retention: ClassVar[Retention] = Retention.ADMINISTRATION

    after: AnalystAccount


@dataclass(frozen=True, kw_only=True)
class AnalystRoleChanged(Event):
    """An operator gave it another role."""

    type: ClassVar[str] = "console.analyst.role_changed"
    activity: ClassVar[Activity] = Activity.UPDATED
    severity: ClassVar[Severity] = Severity.MEDIUM
    retention: ClassVar[Retention] = Retention.ADMINISTRATION

    before: AnalystAccount
    after: AnalystAccount


@dataclass(frozen=True, kw_only=True)
class AnalystDisabled(Event):
    """An operator shut it."""

    type: ClassVar[str] = "console.analyst.disabled"
    activity: ClassVar[Activity] = Activity.DISABLED
    severity: ClassVar[Severity] = Severity.MEDIUM
    retention: ClassVar[Retention] = Retention.ADMINISTRATION

    after: AnalystAccount


@dataclass(frozen=True, kw_only=True)
class InvitationViewed(Event):
    """The page that shows the secret of the application was shown."""

    type: ClassVar[str] = "console.invitation.viewed"
    activity: ClassVar[Activity] = Activity.STEP
    severity: ClassVar[Severity] = Severity.LOW
    retention: ClassVar[Retention] = Retention.ADMINISTRATION


@dataclass(frozen=True, kw_only=True)
class InvitationRefused(Event):
    """A link was refused; reason: `dead` (used, replaced, too old), `code`."""

    type: ClassVar[str] = "console.invitation.refused"
    activity: ClassVar[Activity] = Activity.STEP
    severity: ClassVar[Severity] = Severity.MEDIUM
    retention: ClassVar[Retention] = Retention.ADMINISTRATION
    default_outcome: ClassVar[Outcome] = Outcome.FAILURE


@dataclass(frozen=True, kw_only=True)
class InvitationAccepted(Event):
    """The analyst chose a password and proved the application."""

    type: ClassVar[str] = "console.invitation.accepted"
    activity: ClassVar[Activity] = Activity.ENABLED
    severity: ClassVar[Severity] = Severity.LOW
    retention: ClassVar[Retention] = Retention.ADMINISTRATION


@dataclass(frozen=True, kw_only=True)
class AnalystLoggedIn(Event):
    """Name, password and code were right."""

    type: ClassVar[str] = "console.login.ok"
    activity: ClassVar[Activity] = Activity.LOGON
    severity: ClassVar[Severity] = Severity.LOW
    retention: ClassVar[Retention] = Retention.ADMINISTRATION


@dataclass(frozen=True, kw_only=True)
class AnalystLoginFailed(Event):
    """No login; reason: `unknown`, `password`, `invited`, `disabled`, `code`, `code_used`."""

    type: ClassVar[str] = "console.login.failed"
    activity: ClassVar[Activity] = Activity.LOGON
    severity: ClassVar[Severity] = Severity.MEDIUM
    retention: ClassVar[Retention] = Retention.ADMINISTRATION
    default_outcome: ClassVar[Outcome] = Outcome.FAILURE


@dataclass(frozen=True, kw_only=True)
class AnalystLoginThrottled(Event):
    """Too many tries, nothing was compared; reason: `password` or `code`."""

    type: ClassVar[str] = "console.login.throttled"
    activity: ClassVar[Activity] = Activity.LOGON
    severity: ClassVar[Severity] = Severity.HIGH
    retention: ClassVar[Retention] = Retention.ADMINISTRATION
    default_outcome: ClassVar[Outcome] = Outcome.FAILURE


@dataclass(frozen=True, kw_only=True)
class AnalystProofFailed(Event):
    """Who is logged in did not prove it anew; reason: `password`, `code`, `code_used`."""

    type: ClassVar[str] = "console.proof.failed"
    activity: ClassVar[Activity] = Activity.LOGON
    severity: ClassVar[Severity] = Severity.MEDIUM
    retention: ClassVar[Retention] = Retention.ADMINISTRATION
    default_outcome: ClassVar[Outcome] = Outcome.FAILURE


@dataclass(frozen=True, kw_only=True)
class AnalystProofThrottled(Event):
    """Too many tries within a session, nothing was compared; reason: `password` or `code`."""

    type: ClassVar[str] = "console.proof.throttled"
    activity: ClassVar[Activity] = Activity.LOGON
    severity: ClassVar[Severity] = Severity.HIGH
    retention: ClassVar[Retention] = Retention.ADMINISTRATION
    default_outcome: ClassVar[Outcome] = Outcome.FAILURE


@dataclass(frozen=True, kw_only=True)
class AnalystPasswordChanged(Event):
    """An analyst chose another password; their other sessions ended."""

    type: ClassVar[str] = "console.password.changed"
    activity: ClassVar[Activity] = Activity.UPDATED
    severity: ClassVar[Severity] = Severity.MEDIUM
    retention: ClassVar[Retention] = Retention.ADMINISTRATION


@dataclass(frozen=True, kw_only=True)
class AnalystApplicationAsked(Event):
    """An analyst proved who they are, and was shown the secret of another application."""

    type: ClassVar[str] = "console.application.asked"
    activity: ClassVar[Activity] = Activity.STEP
    severity: ClassVar[Severity] = Severity.LOW
    retention: ClassVar[Retention] = Retention.ADMINISTRATION


@dataclass(frozen=True, kw_only=True)
class AnalystApplicationRefused(Event):
    """The first code of another application was wrong; reason: `code`."""

    type: ClassVar[str] = "console.application.refused"
    activity: ClassVar[Activity] = Activity.STEP
    severity: ClassVar[Severity] = Severity.LOW
    retention: ClassVar[Retention] = Retention.ADMINISTRATION
    default_outcome: ClassVar[Outcome] = Outcome.FAILURE


@dataclass(frozen=True, kw_only=True)
class AnalystApplicationChanged(Event):
    """Another application took the place of the former one; other sessions ended."""

    type: ClassVar[str] = "console.application.changed"
    activity: ClassVar[Activity] = Activity.UPDATED
    severity: ClassVar[Severity] = Severity.MEDIUM
    retention: ClassVar[Retention] = Retention.ADMINISTRATION


@dataclass(frozen=True, kw_only=True)
class AnalystSessionEnded(Event):
    """A session ended.

    Reason: `logout`, `idle`, `expired`, `replaced`, `invited`, `disabled`, `password_changed`,
    `application_changed`.
    """

    type: ClassVar[str] = "console.session.ended"
    activity: ClassVar[Activity] = Activity.LOGOFF
    retention: ClassVar[Retention] = Retention.ADMINISTRATION


@dataclass(frozen=True, kw_only=True)
class Query(Part):
    """What an analyst asked, as structure, without a value that may be personal."""

    terms: tuple[str, ...] = ()
    type: str | None = None
    client: bool | None = None
    outcome: str | None = None
    since: str | None = None
    until: str | None = None
    direction: str | None = None
    event_id: str | None = None
    question: str | None = None
    alert: str | None = None


@dataclass(frozen=True, kw_only=True)
class ConsoleViewed(Event):
    """An analyst looked at a page of the console.

    The `timeline`, an `event`, a saved `question`, `cases`, `cuts`, `alerts`, or one of these.
    """

    type: ClassVar[str] = "console.viewed"
    activity: ClassVar[Activity] = Activity.READ
    retention: ClassVar[Retention] = Retention.ADMINISTRATION

    page: str
    query: Query


@dataclass(frozen=True, kw_only=True)
class PersonLookedUp(Event):
    """A number led to a pseudonym; reason: `report`, `alert`, `control`, `authority`."""

    type: ClassVar[str] = "console.person.looked_up"
    activity: ClassVar[Activity] = Activity.READ
    severity: ClassVar[Severity] = Severity.MEDIUM
    retention: ClassVar[Retention] = Retention.ADMINISTRATION

    case: str


@dataclass(frozen=True, kw_only=True)
class ConsoleRefused(Event):
    """An analyst asked for what their role does not allow; `role`: the one it asks for."""

    type: ClassVar[str] = "console.refused"
    activity: ClassVar[Activity] = Activity.READ
    severity: ClassVar[Severity] = Severity.MEDIUM
    retention: ClassVar[Retention] = Retention.ADMINISTRATION
    default_outcome: ClassVar[Outcome] = Outcome.FAILURE

    role: str

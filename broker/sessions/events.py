"""Events of login and sessions."""

from dataclasses import dataclass
from typing import ClassVar

from broker.audit.model import Event, Outcome, Retention, Upstream
from broker.audit.taxonomy import Activity, Severity


@dataclass(frozen=True, kw_only=True)
class PasswordAccepted(Event):
    """The password was right."""

    type: ClassVar[str] = "login.password.ok"
    activity: ClassVar[Activity] = Activity.STEP
    client_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class PasswordRefused(Event):
    """Reason: `unknown`, `password`, the account's status, `unreachable`."""

    type: ClassVar[str] = "login.password.failed"
    activity: ClassVar[Activity] = Activity.LOGON
    severity: ClassVar[Severity] = Severity.LOW
    default_outcome: ClassVar[Outcome] = Outcome.FAILURE
    client_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class LoginThrottled(Event):
    """Too many tries; nothing was compared."""

    type: ClassVar[str] = "login.password.throttled"
    activity: ClassVar[Activity] = Activity.LOGON
    severity: ClassVar[Severity] = Severity.MEDIUM
    default_outcome: ClassVar[Outcome] = Outcome.FAILURE
    client_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class FederatedLoginAccepted(Event):
    """FranceConnect's identity opens an account; `interaction_id`: the round trip."""

    type: ClassVar[str] = "fc.login.ok"
    activity: ClassVar[Activity] = Activity.STEP
    retention: ClassVar[Retention] = Retention.FEDERATION
    upstream: Upstream | None = None


@dataclass(frozen=True, kw_only=True)
class FederatedLoginRefused(Event):
    """An identity opened nothing: `not_tied`, the account's state, or what was switched off."""

    type: ClassVar[str] = "fc.login.refused"
    activity: ClassVar[Activity] = Activity.LOGON
    severity: ClassVar[Severity] = Severity.LOW
    retention: ClassVar[Retention] = Retention.FEDERATION
    default_outcome: ClassVar[Outcome] = Outcome.FAILURE
    upstream: Upstream | None = None


@dataclass(frozen=True, kw_only=True)
class SessionCreated(Event):
    """A session opened. Reason: `remembered_browser`, `new_browser`, or `first_login` of all."""

    type: ClassVar[str] = "session.created"
    activity: ClassVar[Activity] = Activity.LOGON
    makes: ClassVar[str | None] = "session_ref"
    acr: str
    amr: tuple[str, ...]
    auth_time: int
    client_id: str | None = None
    upstream: Upstream | None = None


@dataclass(frozen=True, kw_only=True)
class SessionEnded(Event):
    """A session ended.

    Reason: `logout`, `replaced`, `idle`, `expired`, `account`, `password_reset`,
    `account_disabled`, `ended_by_holder` (from another browser), `unused` (an app's, which gave no
    code).
    """

    type: ClassVar[str] = "session.ended"
    activity: ClassVar[Activity] = Activity.LOGOFF


@dataclass(frozen=True, kw_only=True)
class SessionUsedLate(Event):
    """Its browser still brought the cookie of a session that had ended; once a session.

    Reason: why it had ended, as in `session.ended`. Not after `idle`: browsers keep cookies.
    """

    type: ClassVar[str] = "session.late"
    activity: ClassVar[Activity] = Activity.LOGON
    severity: ClassVar[Severity] = Severity.LOW
    default_outcome: ClassVar[Outcome] = Outcome.FAILURE


@dataclass(frozen=True, kw_only=True)
class SessionCopied(Event):
    """Another browser brought the cookie of a session that had ended: a copy; once a session.

    Reason: why it had ended, as in `session.ended`.
    """

    type: ClassVar[str] = "session.copied"
    activity: ClassVar[Activity] = Activity.DETECTED
    severity: ClassVar[Severity] = Severity.HIGH
    default_outcome: ClassVar[Outcome] = Outcome.FAILURE


@dataclass(frozen=True, kw_only=True)
class BrowserRemembered(Event):
    """A browser is remembered for 30 days."""

    type: ClassVar[str] = "browser.remembered"
    activity: ClassVar[Activity] = Activity.STEP


@dataclass(frozen=True, kw_only=True)
class BrowserForgotten(Event):
    """The holder, or the end of all sessions, forgot it."""

    type: ClassVar[str] = "browser.forgotten"
    activity: ClassVar[Activity] = Activity.STEP

"""Events of login and sessions."""

from dataclasses import dataclass
from typing import ClassVar

from broker.audit.model import Event, Outcome, Retention, Upstream


@dataclass(frozen=True, kw_only=True)
class PasswordAccepted(Event):
    type: ClassVar[str] = "login.password.ok"
    client_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class PasswordRefused(Event):
    """``reason_code`` says why: password, unknown, or the state of the account."""

    type: ClassVar[str] = "login.password.failed"
    default_outcome: ClassVar[Outcome] = Outcome.FAILURE
    client_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class LoginThrottled(Event):
    """Too many tries, so that the password was not compared; or too many codes sent."""

    type: ClassVar[str] = "login.password.throttled"
    default_outcome: ClassVar[Outcome] = Outcome.FAILURE
    client_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class FederatedLoginRefused(Event):
    """``reason_code``: not_tied, the state of the account, or what was switched off."""

    type: ClassVar[str] = "fc.login.refused"
    retention: ClassVar[Retention] = Retention.FEDERATION
    default_outcome: ClassVar[Outcome] = Outcome.FAILURE
    upstream: Upstream | None = None


@dataclass(frozen=True, kw_only=True)
class SessionCreated(Event):
    type: ClassVar[str] = "session.created"
    acr: str
    amr: tuple[str, ...]
    auth_time: int
    client_id: str | None = None
    upstream: Upstream | None = None


@dataclass(frozen=True, kw_only=True)
class SessionEnded(Event):
    """``reason_code``: logout, replaced, idle, expired, or what ended it from elsewhere."""

    type: ClassVar[str] = "session.ended"


@dataclass(frozen=True, kw_only=True)
class BrowserRemembered(Event):
    type: ClassVar[str] = "browser.remembered"


@dataclass(frozen=True, kw_only=True)
class BrowserForgotten(Event):
    type: ClassVar[str] = "browser.forgotten"

"""What the trail keeps of codes and refresh tokens that are exchanged, and of new tokens."""

from dataclasses import dataclass

from broker.audit.model import Outcome, Retention, TokenFacts
from broker.audit.taxonomy import Activity, Severity
from broker.oidc.events import OfClient


@dataclass(frozen=True, kw_only=True)
class CodeRedeemed(OfClient):
    """The code was exchanged, or refused.

    `data`: what the partner may read from now on; failure: reason `unknown`, `client`, `key`,
    `expired_or_unbound`, or the OAuth error.
    """

    type = "code.redeemed"
    activity = Activity.TICKET
    code_ref: str | None = None
    client_auth_method: str | None = None
    data: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class CodeReplayed(OfClient):
    """A used code came again."""

    type = "code.replayed"
    activity = Activity.DETECTED
    severity = Severity.HIGH
    default_outcome = Outcome.FAILURE
    retention = Retention.SECURITY
    code_ref: str
    client_auth_method: str | None = None


@dataclass(frozen=True, kw_only=True)
class TokenIssued(OfClient):
    """An access token, a refresh token or an ID Token was made."""

    type = "token.issued"
    v = 2
    for_partner = True
    activity = Activity.TICKET
    makes = "token"
    token: TokenFacts
    code_ref: str
    subject_pairwise: str | None = None
    audience: str | None = None
    acr: str | None = None


@dataclass(frozen=True, kw_only=True)
class ClientTokenIssued(OfClient):
    """A client took an access token for itself: it manages its event stream."""

    type = "token.client.issued"
    v = 2
    for_partner = True
    activity = Activity.TICKET
    makes = "token"
    token: TokenFacts


@dataclass(frozen=True, kw_only=True)
class _OfRefresh(OfClient):
    code_ref: str | None = None
    client_auth_method: str | None = None
    token: TokenFacts | None = None


@dataclass(frozen=True, kw_only=True)
class RefreshAccepted(_OfRefresh):
    """A refresh token was used, and stays."""

    type = "refresh.ok"
    activity = Activity.RENEWAL


@dataclass(frozen=True, kw_only=True)
class RefreshRotated(_OfRefresh):
    """A refresh token was used, and replaced."""

    type = "refresh.rotated"
    activity = Activity.RENEWAL


@dataclass(frozen=True, kw_only=True)
class RefreshRepeated(_OfRefresh):
    """A rotated refresh token got its answer again, within 10 s."""

    type = "refresh.repeated"
    activity = Activity.RENEWAL


@dataclass(frozen=True, kw_only=True)
class RefreshReused(_OfRefresh):
    """A rotated refresh token came back later: its family ends."""

    type = "refresh.reuse"
    activity = Activity.DETECTED
    severity = Severity.HIGH
    default_outcome = Outcome.FAILURE
    retention = Retention.SECURITY


@dataclass(frozen=True, kw_only=True)
class RefreshExpired(_OfRefresh):
    """A refresh token came that was not used in time, or too old."""

    type = "refresh.expired"
    activity = Activity.RENEWAL
    default_outcome = Outcome.FAILURE


@dataclass(frozen=True, kw_only=True)
class RefreshRefused(_OfRefresh):
    """A refresh token was refused.

    Reason `unknown`, `client`, `revoked`, `account`, `key`, or the OAuth error.
    """

    type = "refresh.refused"
    activity = Activity.RENEWAL
    severity = Severity.MEDIUM
    default_outcome = Outcome.FAILURE
    retention = Retention.SECURITY

"""What the trail keeps of tokens, once a code was exchanged for them."""

from dataclasses import dataclass

from broker.audit.model import Outcome, Retention, TokenFacts
from broker.audit.taxonomy import Activity, Severity
from broker.oidc.events import OfClient


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


@dataclass(frozen=True, kw_only=True)
class TokenRevoked(OfClient):
    """A family, or (kind `access`) one token, was ended.

    Reason: `client`, `logout`, `replaced`, `account`, `account_disabled`, `password_reset`,
    `code_replayed`, `refresh_reuse`, `consent_revoked`, `ended_by_holder`.
    """

    type = "token.revoked"
    activity = Activity.RIGHTS_TAKEN
    retention = Retention.SECURITY
    code_ref: str
    token: TokenFacts


@dataclass(frozen=True, kw_only=True)
class RevocationRefused(OfClient):
    """A client gave back a token that is another's (`client`) or none (`unknown`)."""

    type = "token.revocation.refused"
    activity = Activity.RIGHTS_TAKEN
    severity = Severity.LOW
    default_outcome = Outcome.FAILURE
    retention = Retention.SECURITY
    client_auth_method: str


@dataclass(frozen=True, kw_only=True)
class TokenIntrospected(OfClient):
    """A resource server (actor) asked.

    Failure, with the reason, where the answer was that the token is not active.
    """

    type = "token.introspected"
    activity = Activity.DATA_READ
    token: TokenFacts | None = None
    code_ref: str | None = None
    audience: str
    client_auth_method: str
    subject_pairwise: str | None = None


@dataclass(frozen=True, kw_only=True)
class EvidenceGiven(OfClient):
    """The proof of a token was asked by its client (actor), or by an operator for it.

    Failure: reason `unknown` (issued to another, or never), `pending` (not signed yet), `broken`.
    """

    type = "token.evidence.given"
    activity = Activity.DATA_READ
    token: TokenFacts | None = None
    code_ref: str | None = None
    client_auth_method: str | None = None


@dataclass(frozen=True, kw_only=True)
class UserinfoRead(OfClient):
    """A partner read claims; failure, with the reason, where a token of ours was refused."""

    type = "userinfo.read"
    activity = Activity.DATA_READ
    code_ref: str
    token: TokenFacts
    subject_pairwise: str | None = None

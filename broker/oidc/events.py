"""What the trail keeps of the provider's acts."""

from dataclasses import dataclass

from broker.audit.model import Event, Outcome, Retention, TokenFacts


@dataclass(frozen=True, kw_only=True)
class _OfClient(Event):
    retention = Retention.FEDERATION
    client_id: str | None = None
    scopes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class AuthorizationRequested(_OfClient):
    type = "authz.requested"


@dataclass(frozen=True, kw_only=True)
class RequestPushed(_OfClient):
    type = "authz.pushed"
    cnf: str | None = None
    """Thumbprint of the key that the code will be bound to."""


@dataclass(frozen=True, kw_only=True)
class AuthorizationRefusedByPerson(_OfClient):
    type = "consent.refused"


@dataclass(frozen=True, kw_only=True)
class ConsentGiven(Event):
    type = "consent.given"
    retention = Retention.FEDERATION
    client_id: str
    data: tuple[str, ...]
    """Names of the claims that the page listed."""


@dataclass(frozen=True, kw_only=True)
class ConsentWithdrawn(Event):
    type = "consent.revoked"
    retention = Retention.FEDERATION
    client_id: str


@dataclass(frozen=True, kw_only=True)
class CodeIssued(_OfClient):
    type = "code.issued"
    code_ref: str
    cnf: str | None = None
    subject_pairwise: str
    acr: str
    amr: tuple[str, ...]
    auth_time: int


@dataclass(frozen=True, kw_only=True)
class CodeRedeemed(_OfClient):
    type = "code.redeemed"
    code_ref: str | None = None
    client_auth_method: str | None = None
    data: tuple[str, ...] = ()
    """Names of the claims that the partner may read from now on: what a receipt tells."""


@dataclass(frozen=True, kw_only=True)
class CodeReplayed(_OfClient):
    type = "code.replayed"
    default_outcome = Outcome.FAILURE
    retention = Retention.SECURITY
    code_ref: str
    client_auth_method: str | None = None


@dataclass(frozen=True, kw_only=True)
class TokenIssued(_OfClient):
    type = "token.issued"
    token: TokenFacts
    code_ref: str
    subject_pairwise: str | None = None
    audience: str | None = None
    acr: str | None = None


@dataclass(frozen=True, kw_only=True)
class _OfRefresh(_OfClient):
    code_ref: str | None = None
    client_auth_method: str | None = None
    token: TokenFacts | None = None


@dataclass(frozen=True, kw_only=True)
class RefreshAccepted(_OfRefresh):
    type = "refresh.ok"


@dataclass(frozen=True, kw_only=True)
class RefreshRotated(_OfRefresh):
    type = "refresh.rotated"


@dataclass(frozen=True, kw_only=True)
class RefreshRepeated(_OfRefresh):
    type = "refresh.repeated"


@dataclass(frozen=True, kw_only=True)
class RefreshReused(_OfRefresh):
    type = "refresh.reuse"
    default_outcome = Outcome.FAILURE
    retention = Retention.SECURITY


@dataclass(frozen=True, kw_only=True)
class RefreshExpired(_OfRefresh):
    type = "refresh.expired"
    default_outcome = Outcome.FAILURE


@dataclass(frozen=True, kw_only=True)
class RefreshRefused(_OfRefresh):
    type = "refresh.refused"
    default_outcome = Outcome.FAILURE
    retention = Retention.SECURITY


@dataclass(frozen=True, kw_only=True)
class TokenRevoked(_OfClient):
    type = "token.revoked"
    retention = Retention.SECURITY
    code_ref: str
    token: TokenFacts


@dataclass(frozen=True, kw_only=True)
class RevocationRefused(_OfClient):
    type = "token.revocation.refused"
    default_outcome = Outcome.FAILURE
    retention = Retention.SECURITY
    client_auth_method: str


@dataclass(frozen=True, kw_only=True)
class TokenIntrospected(_OfClient):
    type = "token.introspected"
    token: TokenFacts | None = None
    code_ref: str | None = None
    audience: str
    client_auth_method: str
    subject_pairwise: str | None = None


@dataclass(frozen=True, kw_only=True)
class UserinfoRead(_OfClient):
    type = "userinfo.read"
    code_ref: str
    token: TokenFacts
    subject_pairwise: str | None = None


@dataclass(frozen=True, kw_only=True)
class ClientAuthenticationFailed(Event):
    type = "client.auth.failed"
    default_outcome = Outcome.FAILURE
    client_id: str | None = None
    client_auth_method: str | None = None


@dataclass(frozen=True, kw_only=True)
class EncryptionFailed(Event):
    type = "token.encryption.failed"
    default_outcome = Outcome.FAILURE
    client_id: str


@dataclass(frozen=True, kw_only=True)
class AssertionReplayed(Event):
    type = "client.assertion.replayed"
    default_outcome = Outcome.FAILURE
    client_id: str


@dataclass(frozen=True, kw_only=True)
class ProofRefused(Event):
    type = "dpop.proof.refused"
    default_outcome = Outcome.FAILURE
    client_id: str
    cnf: str | None = None
    """Thumbprint of the key that signed it, where the signature is right."""


@dataclass(frozen=True, kw_only=True)
class ProofReplayed(Event):
    type = "dpop.proof.replayed"
    default_outcome = Outcome.FAILURE
    client_id: str
    cnf: str


@dataclass(frozen=True, kw_only=True)
class LogoutRequested(Event):
    type = "logout.requested"
    client_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class LogoutNoticeSent(Event):
    """``reason_code``: why the session ended."""

    type = "logout.notice.sent"
    client_id: str


@dataclass(frozen=True, kw_only=True)
class LogoutNoticePostponed(Event):
    type = "logout.notice.postponed"
    default_outcome = Outcome.FAILURE
    client_id: str


@dataclass(frozen=True, kw_only=True)
class LogoutNoticeRefused(Event):
    type = "logout.notice.refused"
    default_outcome = Outcome.FAILURE
    client_id: str

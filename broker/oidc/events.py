"""What the trail keeps of the provider's acts; of its tokens: token_events.py."""

from dataclasses import dataclass

from broker.audit.model import Event, Outcome, Retention
from broker.audit.taxonomy import Activity, Severity


@dataclass(frozen=True, kw_only=True)
class OfClient(Event):
    """An act between the provider and a client."""

    retention = Retention.FEDERATION
    client_id: str | None = None
    scopes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class AuthorizationRequested(OfClient):
    """A request waits for the person, or was refused.

    Attempt: reason `login:…` or `information:…`; failure: the OAuth error, `redirect_to_web` of an
    app, `oidc-redirect-uri`, or `identity:` and what FranceConnect would miss.
    """

    type = "authz.requested"
    activity = Activity.RIGHTS_GIVEN


@dataclass(frozen=True, kw_only=True)
class RequestPushed(OfClient):
    """A client pushed a request; `cnf`: the key that its code will be bound to."""

    type = "authz.pushed"
    activity = Activity.RIGHTS_GIVEN
    cnf: str | None = None


@dataclass(frozen=True, kw_only=True)
class AuthSessionRefused(OfClient):
    """An `auth_session` of a login on an app's screens opened nothing.

    Reason: `unknown_or_used`, `expired`, `client`, `key`; `cnf`: the key that was proved.
    """

    type = "authz.session.refused"
    activity = Activity.LOGON
    severity = Severity.MEDIUM
    default_outcome = Outcome.FAILURE
    retention = Retention.SECURITY
    cnf: str | None = None


@dataclass(frozen=True, kw_only=True)
class AuthorizationRefusedByPerson(OfClient):
    """The person gave up and went back to the partner."""

    type = "consent.refused"
    activity = Activity.RIGHTS_GIVEN


@dataclass(frozen=True, kw_only=True)
class ConsentGiven(Event):
    """The person agreed to what a partner receives; `data`: names of the claims."""

    type = "consent.given"
    activity = Activity.RIGHTS_GIVEN
    retention = Retention.FEDERATION
    client_id: str
    data: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ConsentWithdrawn(Event):
    """The person stopped sharing with a partner: its tokens ended."""

    type = "consent.revoked"
    activity = Activity.RIGHTS_TAKEN
    retention = Retention.FEDERATION
    client_id: str


@dataclass(frozen=True, kw_only=True)
class CodeIssued(OfClient):
    """A request was answered with a code; `cnf`: the key that it is bound to."""

    type = "code.issued"
    activity = Activity.TICKET
    makes = "code_ref"
    code_ref: str
    cnf: str | None = None
    subject_pairwise: str
    acr: str
    amr: tuple[str, ...]
    auth_time: int


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
class ClientAuthenticationFailed(Event):
    """A client did not prove itself; reason says how."""

    type = "client.auth.failed"
    activity = Activity.LOGON
    severity = Severity.MEDIUM
    default_outcome = Outcome.FAILURE
    client_id: str | None = None
    client_auth_method: str | None = None


@dataclass(frozen=True, kw_only=True)
class EncryptionFailed(Event):
    """No answer could be encrypted for a client that registered encryption.

    None was sent; reason: `no_key`, or `jwks_uri:…`.
    """

    type = "token.encryption.failed"
    activity = Activity.TICKET
    severity = Severity.MEDIUM
    default_outcome = Outcome.FAILURE
    client_id: str


@dataclass(frozen=True, kw_only=True)
class AssertionReplayed(Event):
    """A client assertion came twice."""

    type = "client.assertion.replayed"
    activity = Activity.DETECTED
    severity = Severity.HIGH
    default_outcome = Outcome.FAILURE
    client_id: str


@dataclass(frozen=True, kw_only=True)
class ProofRefused(Event):
    """A DPoP proof proves nothing.

    Reason: what is wrong (`jws`, `typ`, `alg`, `jwk`, `signature`, `jti`, `htm`, `htu`, `iat`,
    `ath`); `cnf`: the key, where the signature is right.
    """

    type = "dpop.proof.refused"
    activity = Activity.LOGON
    severity = Severity.MEDIUM
    default_outcome = Outcome.FAILURE
    client_id: str
    cnf: str | None = None


@dataclass(frozen=True, kw_only=True)
class ProofReplayed(Event):
    """A DPoP proof came twice."""

    type = "dpop.proof.replayed"
    activity = Activity.DETECTED
    severity = Severity.HIGH
    default_outcome = Outcome.FAILURE
    client_id: str
    cnf: str


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

"""What the trail keeps of who did not prove itself, and of proofs that came twice."""

from dataclasses import dataclass

from broker.audit.model import Event, Outcome
from broker.audit.taxonomy import Activity, Severity


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

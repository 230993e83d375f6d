"""What the trail keeps of tokens that come back: given back by a client, or proved to it."""

from dataclasses import dataclass

from broker.audit.model import Outcome, Retention, TokenFacts
from broker.audit.taxonomy import Activity, Severity
from broker.oidc.events import OfClient


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
class EvidenceGiven(OfClient):
    """The proof of a token was asked by its client (actor), or by an operator for it.

    Failure: reason `unknown` (issued to another, or never), `pending` (not signed yet), `broken`,
    `limited` (asked too often).
    """

    type = "token.evidence.given"
    activity = Activity.DATA_READ
    token: TokenFacts | None = None
    code_ref: str | None = None
    client_auth_method: str | None = None

"""What the trail keeps of the end of tokens."""

from dataclasses import dataclass

from broker.audit.model import Retention, TokenFacts
from broker.audit.taxonomy import Activity
from broker.oidc.events import OfClient


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

"""What the trail keeps of what access tokens opened."""

from dataclasses import dataclass

from broker.audit.model import TokenFacts
from broker.audit.taxonomy import Activity
from broker.oidc.events import OfClient


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
class UserinfoRead(OfClient):
    """A partner read claims; failure, with the reason, where a token of ours was refused."""

    type = "userinfo.read"
    activity = Activity.DATA_READ
    code_ref: str
    token: TokenFacts
    subject_pairwise: str | None = None

"""What the trail keeps of requests."""

from dataclasses import dataclass

from broker.audit.taxonomy import Activity
from broker.oidc.events import OfClient


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

"""How strongly a login proves who a person is, and what a partner may require."""

from broker.clients.model import Client
from broker.oidc.errors import UnmetAuthenticationRequirements
from broker.oidc.requests.as_sent import AuthorizationRequest

LEVELS = ("eidas1", "eidas2", "eidas3")
LOCAL_ACR = LEVELS[0]
"""What a login with number, password and e-mailed code proves."""


def rank(acr: str) -> int:
    """Return the order of a level; what is unknown is below all."""
    return LEVELS.index(acr) if acr in LEVELS else -1


def required_rank(request: AuthorizationRequest, client: Client, highest: str) -> int:
    """Return the lowest rank that answers the request.

    ``acr_values`` is a preference (OpenID Connect Core §3.1.2.1), except from FranceConnect; an
    essential ``acr`` claim (§5.5.1.1) and the client's own minimum must be met. Raises
    UnmetAuthenticationRequirements when no login here could.
    """
    if client.from_franceconnect:
        highest = LOCAL_ACR  # such a login never goes through FranceConnect again
    required = rank(client.minimum_acr)
    if request.claims.acr_is_essential and request.claims.acr_values:
        known = [rank(acr) for acr in request.claims.acr_values if acr in LEVELS]
        if not known:
            raise UnmetAuthenticationRequirements("no acr that was asked is known")
        required = max(required, min(known))
    if client.from_franceconnect:
        asked = [rank(acr) for acr in request.acr_values if acr in LEVELS]
        required = max(required, min(asked, default=0))
    if required > rank(highest):
        raise UnmetAuthenticationRequirements("the acr that was asked cannot be reached")
    return required


def preferred_rank(request: AuthorizationRequest, highest: str) -> int:
    """Return the lowest rank among ``acr_values``; below all where no login here reaches it."""
    lowest = min((rank(acr) for acr in request.acr_values if acr in LEVELS), default=-1)
    return lowest if lowest <= rank(highest) else -1


def told_acr(request: AuthorizationRequest, client: Client, reached: str) -> str:
    """Return the level that the answer tells.

    Where an essential ``acr`` names some, one of them (OpenID Connect Core §5.5.1.1): the highest
    that was reached, for who reaches a level reaches those below.
    """
    if not request.claims.acr_is_essential:
        return reached
    asked = (acr for acr in request.claims.acr_values if acr in LEVELS)
    met = [acr for acr in asked if rank(client.minimum_acr) <= rank(acr) <= rank(reached)]
    return max(met, key=rank, default=reached)

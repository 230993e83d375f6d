"""The token endpoint: who calls, and with what (RFC 6749 §4.1.3, §4.4 and §6)."""

from dataclasses import dataclass
from typing import Any

from broker.oidc.envelopes import Envelopes
from broker.oidc.errors import UnsupportedGrantType
from broker.oidc.exchange.client_credentials import OwnTokens
from broker.oidc.exchange.redemption import Redemption
from broker.oidc.exchange.refresh import Refresh
from broker.oidc.parameters import Parameters
from broker.oidc.proofs.client_auth import ClientAuthentication
from broker.oidc.proofs.dpop import DPoP
from broker.oidc.proofs.dpop_jwt import Shown


@dataclass(frozen=True)
class Tokens:
    """Makes tokens of codes and of refresh tokens, and those of a client for itself."""

    authentication: ClientAuthentication
    dpop: DPoP
    redemption: Redemption
    refresh: Refresh
    own: OwnTokens
    envelopes: Envelopes

    def answer(self, form: Parameters, authorization: str | None, shown: Shown) -> dict[str, Any]:
        """Return the token response, or raise the OAuth error."""
        form.require_single()
        client = self.authentication.authenticate(form, authorization)
        kinds = {
            "authorization_code": self.redemption.redeem,
            "refresh_token": self.refresh.refresh,
            "client_credentials": self.own.issue,
        }
        answer = kinds.get(form.need("grant_type"))
        if answer is None:
            raise UnsupportedGrantType(f"grant_type must be one of: {' '.join(kinds)}")
        envelope = self.envelopes.for_id_token(client)  # before anything is spent
        proved = self.dpop.prove(shown, client, required=client.dpop_bound_access_tokens)
        return answer(client, form, envelope, proved)

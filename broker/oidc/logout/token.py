"""Logout tokens (OpenID Connect Back-Channel Logout 1.0 §2.4): made for one call, short-lived."""

from dataclasses import dataclass
from typing import Any

from broker.base.clock import Clock, epoch
from broker.base.crypto import new_token
from broker.clients.model import Client
from broker.oidc.signed import Signer

_TYPE = "logout+jwt"
_EVENT = "http://schemas.openid.net/event/backchannel-logout"
_LIFE = 120  # seconds, §2.4: two minutes at most


@dataclass(frozen=True)
class LogoutTokens:
    """Signs with the algorithm of the client's ID Tokens; never with a nonce (§2.4)."""

    signer: Signer
    clock: Clock
    issuer: str

    def issue(self, client: Client, sub: str, sid: str | None) -> str:
        """Return the token that tells *client* of the end of a session, or of all of a person."""
        now = epoch(self.clock())
        claims: dict[str, Any] = {
            "iss": self.issuer,
            "aud": client.client_id,
            "iat": now,
            "exp": now + _LIFE,
            "jti": new_token().reveal(),
            "events": {_EVENT: {}},
            "sub": sub,
        }
        if sid is not None:
            claims["sid"] = sid
        return self.signer.sign(client.id_token_signed_response_alg, claims, kind=_TYPE)

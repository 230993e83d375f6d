"""ID Tokens: made for a client, and recognised when they come back as a hint."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from broker.base.clock import Clock, epoch
from broker.base.crypto import Secret
from broker.clients.model import Client
from broker.oidc.claims.subjects import Names
from broker.oidc.grants.model import Grant
from broker.oidc.signed import Signer, Untrusted


@dataclass(frozen=True)
class Hint:
    """An ID Token of ours that a partner sent back; it may have expired long ago."""

    client_id: str
    sub: str
    sid: str


@dataclass(frozen=True)
class IdTokens:
    """Builds and recognises ID Tokens (OpenID Connect Core §2)."""

    signer: Signer
    clock: Clock
    issuer: str
    life: int
    """Seconds."""

    def issue(
        self,
        client: Client,
        grant: Grant,
        names: Names,
        access_token: Secret,
        more: Mapping[str, Any],
    ) -> str:
        """Return the signed ID Token of a grant; *more* are the claims asked by name."""
        now = epoch(self.clock())
        claims: dict[str, Any] = {
            **more,
            "iss": self.issuer,
            "sub": names.sub,
            "aud": client.client_id,
            "exp": now + self.life,
            "iat": now,
            "auth_time": epoch(grant.auth_time),
            "acr": grant.acr,
            "amr": list(grant.amr),
            "sid": names.sid,
            "at_hash": _half_hash(access_token),
        }
        if grant.nonce is not None and grant.generation == 0:
            claims["nonce"] = grant.nonce  # never in a refreshed one (Core §12.2)
        return self.signer.sign(client.id_token_signed_response_alg, claims)

    def recognise(self, token: str) -> Hint:
        """Read a hint (RP-initiated logout §2, Core §3.1.2.1), expired or not; raise Untrusted.

        ``sid`` tells an ID Token from the other tokens that the same keys sign.
        """
        claims = self.signer.own_claims(token)
        client_id, sub, sid = (claims.get(name) for name in ("aud", "sub", "sid"))
        if claims.get("iss") != self.issuer:
            raise Untrusted("iss")
        if not (isinstance(client_id, str) and isinstance(sub, str) and isinstance(sid, str)):
            raise Untrusted("claims")
        return Hint(client_id, sub, sid)


def _half_hash(access_token: Secret) -> str:
    """Return at_hash (Core §3.1.3.6); every algorithm in use hashes with SHA-256."""
    digest = hashlib.sha256(access_token.reveal().encode()).digest()
    return base64.urlsafe_b64encode(digest[:16]).rstrip(b"=").decode()

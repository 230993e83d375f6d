"""The userinfo endpoint (OpenID Connect Core §5.3): JSON, or a JWT signed and encrypted."""

import json
from dataclasses import dataclass, field
from typing import Any

from broker.accounts.model import AccountUnknown
from broker.audit.log import AuditLog
from broker.audit.model import TokenFacts
from broker.base.clock import Clock, epoch
from broker.clients.directory import Clients
from broker.clients.model import Client, UnknownClient
from broker.oidc.claims import Claims, in_userinfo
from broker.oidc.envelopes import Envelope, Envelopes
from broker.oidc.errors import InvalidRequest, InvalidToken
from broker.oidc.events import UserinfoRead
from broker.oidc.model import Grant
from broker.oidc.signed import Signer
from broker.oidc.store import GrantStore
from broker.oidc.subjects import Subjects
from broker.oidc.token import hash_prefix


@dataclass(frozen=True)
class UserinfoAnswer:
    """The claims, or the same as a JWT for the client that registered so."""

    claims: dict[str, Any] = field(repr=False)
    jwt: str | None = field(repr=False, default=None)


@dataclass(frozen=True)
class Userinfo:
    """Tells the bearer of an access token what its scopes release."""

    clients: Clients
    grants: GrantStore
    claims: Claims
    subjects: Subjects
    signer: Signer
    envelopes: Envelopes
    audit: AuditLog
    clock: Clock
    issuer: str
    life: int
    """Seconds for which a signed answer says it is valid."""

    def answer(self, access_token: str) -> UserinfoAnswer:
        """Return the claims of the token's subject; InvalidToken for a token that is not valid."""
        grant = self.grants.of_access_token(access_token, self.clock())
        if grant is None:
            raise InvalidToken("the access token is unknown, expired or revoked")
        try:
            client = self.clients.get(grant.client_id)
            names = in_userinfo(grant.scopes, grant.userinfo_claims)
            told = self.claims.of(grant.account_id, names)
        except (UnknownClient, AccountUnknown):
            raise InvalidToken("the access token is no longer valid") from None
        sub = self.subjects.sub(client, grant.account_id)
        envelope = self.envelopes.for_userinfo(client)
        self._record(grant, sub, access_token)
        claims = {**told, "sub": sub}
        return UserinfoAnswer(claims, self._jwt(client, claims, envelope))

    def _jwt(self, client: Client, claims: dict[str, Any], envelope: Envelope) -> str | None:
        """Sign, then encrypt (§5.3.2), each where the client registered it."""
        algorithm = client.userinfo_signed_response_alg
        if algorithm is None and not envelope.closes:
            return None
        now = epoch(self.clock())
        meant_for = {
            "iss": self.issuer,
            "aud": client.client_id,
            "iat": now,
            "exp": now + self.life,
        }
        told = {**claims, **meant_for}
        if algorithm is None:
            return envelope.around(json.dumps(told), nested=False)
        return envelope.around(self.signer.sign(algorithm, told), nested=True)

    def _record(self, grant: Grant, sub: str, access_token: str) -> None:
        self.audit.record(
            UserinfoRead(
                client_id=grant.client_id,
                scopes=grant.scopes,
                subject=grant.account_id,
                subject_pairwise=sub,
                auth_event_id=grant.auth_event_id,
                session_ref=grant.sid,
                token=TokenFacts(
                    kind="access",
                    hash_prefix=hash_prefix(access_token),
                    family_id=grant.family_id,
                ),
            )
        )


def bearer(authorization: str | None, in_body: str | None) -> str:
    """Return the access token of a request (RFC 6750 §2.1 and §2.2, never from the query).

    Raises InvalidRequest when it comes in two ways, InvalidToken when there is none.
    """
    if authorization is None:
        if in_body is None:
            raise InvalidToken("an access token is required")
        return in_body
    if in_body is not None:
        raise InvalidRequest("the access token came in two ways")
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise InvalidToken("a Bearer token is required")
    return token.strip()

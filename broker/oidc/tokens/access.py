"""Access tokens: opaque, or signed for a resource server that wants them so (RFC 9068)."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from broker.base.clock import Clock, epoch
from broker.base.crypto import Secret, new_token
from broker.clients.directory import Clients
from broker.clients.model import Client, UnknownClient
from broker.oidc.claims.person import Claims, Person
from broker.oidc.claims.subjects import Subjects
from broker.oidc.grants.model import AccessToken, Grant
from broker.oidc.signed import Signer
from broker.oidc.tokens.store import TokenStore


@dataclass(frozen=True)
class Access:
    """What a valid access token stands for: whose it is, for which partner, with which scopes."""

    token: AccessToken
    grant: Grant
    client: Client
    person: Person = field(repr=False)

    @property
    def narrowed(self) -> bool:
        """Whether the partner asked this token with fewer scopes than it was granted."""
        return any(
            self.client.may_ask(scope) and scope not in self.token.scopes
            for scope in self.grant.scopes
        )


class Unusable(Exception):
    """The access token is worth nothing; ``reason`` and what was found are for the trail."""

    def __init__(self, reason: str, found: tuple[AccessToken, Grant] | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.found = found


@dataclass(frozen=True)
class AccessTokens:
    """Makes access tokens, and judges those that come back."""

    clients: Clients
    tokens: TokenStore
    claims: Claims
    subjects: Subjects
    signer: Signer
    clock: Clock
    issuer: str
    life: int
    """Seconds."""

    def issue(
        self,
        client: Client,
        grant: Grant,
        scopes: tuple[str, ...],
        server: Client | None,
        confirmation: str | None,
    ) -> tuple[Secret, AccessToken]:
        """Make and keep an access token for a resource server, or (None) for our userinfo."""
        now = self.clock()
        algorithm = server.access_token_signed_response_alg if server else None
        token = AccessToken(
            scopes=scopes,
            resource=server.resource if server else None,
            generation=grant.generation,
            jti=new_token().reveal() if algorithm else None,
            confirmation=confirmation,
            issued_at=now,
            expires_at=min(now + timedelta(seconds=self.life), grant.ends_at),
        )
        text = new_token()
        if server is not None and algorithm is not None:
            claims = self.told(token, grant, client, server)
            text = Secret(self.signer.sign(algorithm, claims, kind="at+jwt"))
        self.tokens.add_access(text, token, grant)
        return text, token

    def judge(self, text: str) -> Access:
        """Return what the token stands for now; raise Unusable where that is nothing.

        Who brings a token that is bound to a key has to prove it besides (``require_proof``).
        """
        found = self.tokens.access(text)
        if found is None:
            raise Unusable("unknown")
        token, state = found
        grant, now = state.grant, self.clock()
        reason = state.over(now) or ("expired" if token.expires_at <= now else None)
        if reason:
            raise Unusable(reason, (token, grant))
        try:
            client = self.clients.still(grant.client_id, grant.created_at)
        except UnknownClient:
            raise Unusable("client", (token, grant)) from None
        if grant.barred:
            raise Unusable("account", (token, grant))
        scopes = tuple(scope for scope in token.scopes if client.may_ask(scope))
        person = self.claims.person(grant.account_id)
        return Access(replace(token, scopes=scopes), grant, client, person)

    def told(
        self, token: AccessToken, grant: Grant, client: Client, server: Client
    ) -> dict[str, Any]:
        """Return what a resource server learns of a token (RFC 9068 §2.2, RFC 7662 §2.2)."""
        claims = {
            "iss": self.issuer,
            "aud": token.resource,
            "sub": self.subjects.at(server, client, grant.account_id),
            "client_id": client.client_id,
            "iat": epoch(token.issued_at),
            "exp": epoch(token.expires_at),
            "jti": token.jti,
            "scope": " ".join(token.scopes),
            "auth_time": epoch(grant.auth_time),
            "acr": grant.acr,
            "amr": list(grant.amr),
            "cnf": {"jkt": token.confirmation} if token.confirmation else None,
        }
        return {name: value for name, value in claims.items() if value is not None}

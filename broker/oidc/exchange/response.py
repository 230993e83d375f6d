"""The answer of the token endpoint: access token, ID Token, refresh token (RFC 6749 §5.1)."""

from dataclasses import dataclass
from typing import Any

from broker.audit.log import AuditLog
from broker.audit.model import Event, TokenFacts
from broker.base.clock import Clock, epoch
from broker.clients.directory import Clients
from broker.clients.model import Client, UnknownClient
from broker.clients.scopes import OPENID
from broker.oidc.claims.person import Claims, Person, obtainable_by_name, told
from broker.oidc.claims.subjects import Subjects
from broker.oidc.envelopes import Envelope
from broker.oidc.errors import InvalidGrant
from broker.oidc.exchange.events import TokenIssued
from broker.oidc.exchange.request import TokenRequest, scopes_for
from broker.oidc.grants import facts
from broker.oidc.grants.model import AccessToken, Grant, RefreshToken
from broker.oidc.requests.indicators import Resources
from broker.oidc.tokens.access import AccessTokens
from broker.oidc.tokens.identity import IdTokens


@dataclass(frozen=True)
class TokenResponses:
    """Makes the tokens of one answer, and records each with the act that they come from."""

    clients: Clients
    access_tokens: AccessTokens
    id_tokens: IdTokens
    resources: Resources
    claims: Claims
    subjects: Subjects
    audit: AuditLog
    clock: Clock

    def make(
        self,
        grant: Grant,
        request: TokenRequest,
        act: Event,
        envelope: Envelope,
        *,
        refresh_token: RefreshToken | None,
        parent: RefreshToken | None = None,
    ) -> dict[str, Any]:
        """Return the answer; belongs in the transaction that used the code or *parent* up.

        Raises the OAuthError of a wish that cannot be granted: the transaction is then undone.
        """
        client, person = self._judged(grant)
        scopes = scopes_for(grant, request, client)
        server = self.resources.chosen(grant.resources, request.resource, client)
        text, access = self.access_tokens.issue(client, grant, scopes, server, request.proved)
        names = self.subjects.names(client, grant.account_id, grant.sid)
        tokens = [facts.of_new_access_token(text, access, grant, parent)]
        answer: dict[str, Any] = {
            "access_token": text.reveal(),
            "token_type": access.token_type,
            "expires_in": epoch(access.expires_at) - epoch(self.clock()),
            "scope": " ".join(scopes),
        }
        if OPENID in scopes:
            by_name = grant.id_token_claims if request.scopes is None else ()
            named = told(person, obtainable_by_name(by_name, client))
            id_token = self.id_tokens.issue(client, grant, names, text, named)
            exp = epoch(self.clock()) + self.id_tokens.life
            tokens.append(facts.of_id_token(id_token, grant, names.sid, exp))
            answer["id_token"] = envelope.around(id_token, nested=True)
        if refresh_token is not None:
            answer["refresh_token"] = refresh_token.secret.reveal()
            if refresh_token is not parent:
                tokens.append(facts.of_new_refresh_token(refresh_token, grant, parent))
        self._record(grant, names.sub, act, tokens, access)
        return answer

    def _judged(self, grant: Grant) -> tuple[Client, Person]:
        """Return the partner and the person, who may both have gone since."""
        try:
            client = self.clients.still(grant.client_id, grant.created_at)
        except UnknownClient:
            raise InvalidGrant("the grant is void", "client") from None
        if grant.barred:
            raise InvalidGrant("the grant is void", "account")
        return client, self.claims.person(grant.account_id)

    def _record(
        self,
        grant: Grant,
        sub: str,
        act: Event,
        tokens: list[TokenFacts],
        access: AccessToken,
    ) -> None:
        self.audit.record(
            act,
            *(
                TokenIssued(
                    **facts.about(grant),
                    scopes=access.scopes,
                    subject_pairwise=sub,
                    acr=grant.acr,
                    audience=access.resource if token.kind == "access" else None,
                    token=token,
                )
                for token in tokens
            ),
        )

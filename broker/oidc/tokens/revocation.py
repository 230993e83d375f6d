"""Revocation (RFC 7009): a partner gives a token back."""

from dataclasses import dataclass

from broker.audit.log import AuditLog
from broker.audit.model import Actor
from broker.base.db import Database
from broker.clients.model import Client
from broker.oidc.grants import facts
from broker.oidc.grants.events import TokenRevoked
from broker.oidc.grants.families import Families
from broker.oidc.grants.model import RefreshToken
from broker.oidc.grants.store import GrantStore
from broker.oidc.parameters import Parameters
from broker.oidc.proofs.client_auth import ClientAuthentication
from broker.oidc.tokens.events import RevocationRefused
from broker.oidc.tokens.refresh import RefreshTokens
from broker.oidc.tokens.store import TokenStore


@dataclass(frozen=True)
class Revocation:
    """Ends an access token alone; a refresh token with all that came of it (RFC 7009 §2.1)."""

    authentication: ClientAuthentication
    refresh_tokens: RefreshTokens
    grants: GrantStore
    tokens: TokenStore
    families: Families
    audit: AuditLog
    db: Database

    def answer(self, form: Parameters, authorization: str | None) -> None:
        """End the token, where it is this client's; the caller cannot tell (RFC 7009 §2.2)."""
        form.require_single()
        client = self.authentication.authenticate(form, authorization)
        text = form.need("token")
        refresh_token = self.refresh_tokens.read(text)
        with self.db.transaction():
            if refresh_token is not None:
                self._end_family(client, refresh_token)
            else:
                self._end_access(client, text)

    def _end_family(self, client: Client, token: RefreshToken) -> None:
        state = self.grants.find(token.code_digest)
        if state is None or state.grant.client_id != client.client_id:
            self._record_refusal(client, "client" if state else "unknown")
        else:
            self.families.end(state.grant, "client")

    def _end_access(self, client: Client, text: str) -> None:
        found = self.tokens.access(text)
        if found is None or found[1].grant.client_id != client.client_id:
            self._record_refusal(client, "client" if found else "unknown")
        elif self.tokens.drop_access(text):
            token, state = found
            self.audit.record(
                TokenRevoked(
                    **facts.about(state.grant),
                    actor=Actor(kind="client", ref=client.client_id),
                    reason_code="client",
                    token=facts.of_access_token(text, token, state.grant),
                )
            )

    def _record_refusal(self, client: Client, reason: str) -> None:
        self.audit.record(
            RevocationRefused(
                client_id=client.client_id,
                client_auth_method=str(client.token_endpoint_auth_method),
                reason_code=reason,
            )
        )

"""A refresh token in, new tokens out (RFC 6749 §6, RFC 9700 §4.14.2, OpenID Connect Core §12).

A public client's token serves once: its successor comes with the answer. A request that is
repeated a moment later gets the same answer; a token that comes back after that was copied.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from broker.audit.log import AuditLog
from broker.base.clock import Clock
from broker.base.db import Database
from broker.clients.directory import Clients
from broker.clients.model import Client, UnknownClient
from broker.oidc.envelopes import Envelope
from broker.oidc.errors import InvalidGrant, OAuthError, UnauthorizedClient
from broker.oidc.exchange.events import (
    RefreshAccepted,
    RefreshExpired,
    RefreshRefused,
    RefreshRepeated,
    RefreshReused,
    RefreshRotated,
)
from broker.oidc.exchange.request import TokenRequest, is_held_by_its_key
from broker.oidc.exchange.response import TokenResponses
from broker.oidc.grants import facts
from broker.oidc.grants.families import Families
from broker.oidc.grants.model import GrantState, RefreshToken, family_id
from broker.oidc.grants.store import GrantStore
from broker.oidc.parameters import Parameters
from broker.oidc.tokens.refresh import RefreshTokens


@dataclass(frozen=True)
class Refresh:
    """Makes tokens of refresh tokens."""

    clients: Clients
    grants: GrantStore
    refresh_tokens: RefreshTokens
    responses: TokenResponses
    families: Families
    audit: AuditLog
    db: Database
    clock: Clock

    def refresh(
        self, client: Client, form: Parameters, envelope: Envelope, proved: str | None
    ) -> dict[str, Any]:
        """Return new tokens, or raise the OAuth error; reuse ends the family first."""
        text, request = form.need("refresh_token"), TokenRequest.of_refresh(form, proved)
        if not client.may_refresh:
            raise UnauthorizedClient("refresh_token is not a grant type of this client")
        token = self.refresh_tokens.read(text)
        answer = None
        try:
            with self.db.transaction():
                if token is None:
                    self._record_refusal(client, "unknown")
                else:
                    answer = self._answer(client, token, request, envelope)
        except OAuthError as error:  # what was undone is recorded as refused
            self._record_refusal(client, getattr(error, "reason", error.error), token)
            raise
        if answer is None:  # after the commit: the refusal itself is recorded
            raise InvalidGrant("the refresh token is unknown, expired, revoked or used", "token")
        return answer

    def _answer(
        self, client: Client, token: RefreshToken, request: TokenRequest, envelope: Envelope
    ) -> dict[str, Any] | None:
        now = self.clock()
        successor = self.refresh_tokens.new(token.code_digest) if client.rotates else token
        grant = self.grants.refresh(
            token,
            client_id=client.client_id,
            successor=successor,
            key=request.key_of(client),
            now=now,
            expiry=self.refresh_tokens.expiry(now),
        )
        if grant is None:
            return self._repeated(client, token, request, now)
        happened = RefreshRotated if client.rotates else RefreshAccepted
        act = happened(
            **facts.about(grant),
            client_auth_method=str(client.token_endpoint_auth_method),
            token=facts.of_refresh_token(token, grant),
        )
        answer = self.responses.make(
            grant, request, act, envelope, refresh_token=successor, parent=token
        )
        if successor is not token:
            self.refresh_tokens.keep_answer(token, grant, answer, now)
        return answer

    def _repeated(
        self, client: Client, token: RefreshToken, request: TokenRequest, now: datetime
    ) -> dict[str, Any] | None:
        """Return the answer that the token got a moment ago, or record why there is none."""
        state = self.grants.find(token.code_digest)
        reason = self._flaw(client, state, now)
        if state is None or reason:
            self._record_refusal(client, reason or "unknown", token)
            return None
        is_held_by_its_key(state.grant, request, client)
        told = {**facts.about(state.grant), "token": facts.of_refresh_token(token, state.grant)}
        answer = self.refresh_tokens.answer_again(token, now)
        if answer is None:
            self.audit.record(RefreshReused(**told))
            self.families.end(state.grant, "refresh_reuse")
        else:
            self.audit.record(RefreshRepeated(**told))
        return answer

    def _flaw(self, client: Client, state: GrantState | None, now: datetime) -> str | None:
        """Return why the token is worth nothing, though not because it was used."""
        if state is None:
            return "unknown"
        if state.grant.client_id != client.client_id:
            return "client"  # who only has somebody else's token proves nothing: it stays as it is
        try:
            self.clients.still(client.client_id, state.grant.created_at)
        except UnknownClient:
            return "client"
        return state.over(now)

    def _record_refusal(
        self, client: Client, reason: str, token: RefreshToken | None = None
    ) -> None:
        happened = RefreshExpired if reason == "expired" else RefreshRefused
        self.audit.record(
            happened(
                client_id=client.client_id,
                code_ref=family_id(token.code_digest) if token else None,
                reason_code=reason,
            )
        )

"""The token endpoint: a code in, tokens out, once (RFC 6749 §4.1.3, OpenID Core §3.1.3)."""

import base64
import hashlib
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from broker.accounts.model import AccountUnknown
from broker.audit.log import AuditLog
from broker.audit.model import Outcome, TokenFacts
from broker.base.clock import Clock, epoch
from broker.base.crypto import Secret, fingerprint, new_token
from broker.base.db import Database
from broker.clients.model import Client
from broker.oidc.claims import Claims
from broker.oidc.client_auth import ClientAuthentication
from broker.oidc.envelopes import Envelope, Envelopes
from broker.oidc.errors import InvalidGrant, InvalidRequest, UnsupportedGrantType
from broker.oidc.events import CodeRedeemed, CodeReplayed, TokenIssued, TokenRevoked
from broker.oidc.id_token import IdTokens
from broker.oidc.model import Grant
from broker.oidc.parameters import Parameters
from broker.oidc.store import GrantStore
from broker.oidc.subjects import Subjects

_VERIFIER = re.compile(r"[A-Za-z0-9\-._~]{43,128}")  # RFC 7636 §4.1


@dataclass(frozen=True)
class Tokens:
    """Makes tokens of codes."""

    authentication: ClientAuthentication
    grants: GrantStore
    claims: Claims
    subjects: Subjects
    id_tokens: IdTokens
    envelopes: Envelopes
    audit: AuditLog
    db: Database
    clock: Clock
    access_life: int
    """Seconds that an access token lives."""

    def answer(self, form: Parameters, authorization: str | None) -> dict[str, Any]:
        """Return the token response, or raise the OAuth error."""
        form.require_single()
        client = self.authentication.authenticate(form, authorization)
        if form.need("grant_type") != "authorization_code":
            raise UnsupportedGrantType("grant_type must be authorization_code")
        return self._redeem(client, form)

    def _redeem(self, client: Client, form: Parameters) -> dict[str, Any]:
        code, redirect_uri = form.need("code"), form.need("redirect_uri")
        challenge = _challenge(form.get("code_verifier"))
        envelope = self.envelopes.for_id_token(client)  # before the code is spent
        now, access_token = self.clock(), new_token()
        response = None
        with self.db.transaction():
            grant = self.grants.redeem(
                code,
                client_id=client.client_id,
                redirect_uri=redirect_uri,
                challenge=challenge,
                access_token=access_token,
                now=now,
                access_expires_at=now + timedelta(seconds=self.access_life),
            )
            if grant is None:
                self._refuse(client, code)
            else:
                response = self._response(client, grant, access_token, envelope)
        if response is None:  # after the commit: the refusal itself is recorded
            raise InvalidGrant("the code is unknown, used, expired, or bound to another request")
        return response

    def _response(
        self, client: Client, grant: Grant, access_token: Secret, envelope: Envelope
    ) -> dict[str, Any] | None:
        try:
            named = self.claims.of(grant.account_id, grant.id_token_claims)
        except AccountUnknown:
            self._record_refusal(client, grant.family_id, "account")
            return None
        sub = self.subjects.sub(client, grant.account_id)
        id_token = self.id_tokens.issue(client, grant, sub, access_token, named)
        self._record(client, grant, sub, access_token, id_token)
        return {
            "access_token": access_token.reveal(),
            "token_type": "Bearer",
            "expires_in": self.access_life,
            "id_token": envelope.around(id_token, nested=True),
            "scope": " ".join(grant.scopes),
        }

    def _record(
        self, client: Client, grant: Grant, sub: str, access_token: Secret, id_token: str
    ) -> None:
        now = epoch(self.clock())
        common: dict[str, Any] = {
            "client_id": client.client_id,
            "subject": grant.account_id,
            "auth_event_id": grant.auth_event_id,
            "session_ref": grant.sid,
            "code_ref": grant.family_id,
        }
        lives = (
            ("access", access_token.reveal(), now + self.access_life),
            ("id", id_token, now + self.id_tokens.life),
        )
        self.audit.record(
            CodeRedeemed(**common, client_auth_method=str(client.token_endpoint_auth_method)),
            *(
                TokenIssued(
                    **common,
                    scopes=grant.scopes,
                    subject_pairwise=sub,
                    acr=grant.acr,
                    token=TokenFacts(
                        kind=kind,
                        hash_prefix=hash_prefix(token),
                        family_id=grant.family_id,
                        exp=exp,
                    ),
                )
                for kind, token, exp in lives
            ),
        )

    def _refuse(self, client: Client, code: str) -> None:
        """Record why; a code that was used before ends all that came of it (RFC 6749 §4.1.2).

        Only its own client can bring a code to that: another one proves nothing by having it.
        """
        spent = self.grants.spent(code)
        if spent is None:
            self._record_refusal(client, None, "unknown")
        elif spent.client_id != client.client_id:
            self._record_refusal(client, spent.family_id, "client")
        elif not spent.redeemed:
            self._record_refusal(client, spent.family_id, "expired_or_unbound")
        else:
            common: dict[str, Any] = {
                "client_id": client.client_id,
                "subject": spent.account_id,
                "auth_event_id": spent.auth_event_id,
                "code_ref": spent.family_id,
            }
            self.audit.record(CodeReplayed(**common, outcome=Outcome.FAILURE))
            if self.grants.revoke_code(code, self.clock()):
                self.audit.record(TokenRevoked(**common, reason_code="code_replayed"))

    def _record_refusal(self, client: Client, family_id: str | None, reason: str) -> None:
        self.audit.record(
            CodeRedeemed(
                client_id=client.client_id,
                code_ref=family_id,
                outcome=Outcome.FAILURE,
                reason_code=reason,
            )
        )


def hash_prefix(token: str) -> str:
    """Return what the trail may know of a token: 16 bytes of its SHA-256."""
    return fingerprint(token)[:16].hex()


def _challenge(verifier: str | None) -> str | None:
    """Return the S256 challenge of a verifier (RFC 7636 §4.2)."""
    if verifier is None:
        return None
    if not _VERIFIER.fullmatch(verifier):
        raise InvalidRequest("code_verifier is malformed")
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

"""A code in, tokens out, once (RFC 6749 §4.1.3, OpenID Connect Core §3.1.3, RFC 7636)."""

import base64
import hashlib
import re
from dataclasses import dataclass
from typing import Any

from broker.audit.log import AuditLog
from broker.audit.model import Outcome
from broker.base.clock import Clock
from broker.base.crypto import fingerprint
from broker.base.db import Database
from broker.clients.model import Client
from broker.oidc.claims.readable import data_of_grant
from broker.oidc.envelopes import Envelope
from broker.oidc.errors import InvalidGrant, InvalidRequest, OAuthError
from broker.oidc.exchange.events import CodeRedeemed, CodeReplayed
from broker.oidc.exchange.request import TokenRequest
from broker.oidc.exchange.response import TokenResponses
from broker.oidc.grants import facts
from broker.oidc.grants.families import Families
from broker.oidc.grants.model import Bonds, Grant, family_id
from broker.oidc.grants.store import GrantStore
from broker.oidc.parameters import Parameters
from broker.oidc.tokens.refresh import RefreshTokens

_VERIFIER = re.compile(r"[A-Za-z0-9\-._~]{43,128}")  # RFC 7636 §4.1


@dataclass(frozen=True)
class Redemption:
    """Makes tokens of codes."""

    grants: GrantStore
    refresh_tokens: RefreshTokens
    responses: TokenResponses
    families: Families
    audit: AuditLog
    db: Database
    clock: Clock

    def redeem(
        self, client: Client, form: Parameters, envelope: Envelope, proved: str | None
    ) -> dict[str, Any]:
        """Return the tokens of a code, or raise the OAuth error.

        Raises InvalidGrant for every code that is worth nothing; a replayed one ends its tokens.
        """
        code, request = form.need("code"), TokenRequest.of_code(form, proved)
        shown = _bonds(client, form, proved)
        refresh = self.refresh_tokens.new(fingerprint(code)) if client.may_refresh else None
        now, answer = self.clock(), None
        try:
            with self.db.transaction():
                grant = self.grants.redeem(
                    code,
                    shown,
                    key=request.key_of(client),
                    refresh_token=refresh,
                    now=now,
                    expiry=self.refresh_tokens.expiry(now),
                )
                if grant is None:
                    self._refuse(client, code, proved)
                else:
                    act = _act(client, grant)
                    answer = self.responses.make(
                        grant, request, act, envelope, refresh_token=refresh
                    )
        except OAuthError as error:  # what was undone is recorded as refused
            self._record_refusal(client, fingerprint(code), getattr(error, "reason", error.error))
            raise
        if answer is None:  # after the commit: the refusal itself is recorded
            reason = "the code is unknown, used, expired, or bound to another request"
            raise InvalidGrant(reason, "code")
        return answer

    def _refuse(self, client: Client, code: str, proved: str | None) -> None:
        """Record why; a code that was used before ends all that came of it (RFC 6749 §4.1.2).

        Only its own client can bring a code to that: another one proves nothing by having it.
        """
        state = self.grants.find(fingerprint(code))
        if state is None:
            self._record_refusal(client, None, "unknown")
        elif state.grant.client_id != client.client_id:
            self._record_refusal(client, state.grant.code_digest, "client")
        elif not state.redeemed:
            unproved = state.grant.confirmation not in {None, proved}
            reason = "key" if unproved else "expired_or_unbound"
            self._record_refusal(client, state.grant.code_digest, reason)
        else:
            self.audit.record(CodeReplayed(**facts.about(state.grant)))
            self.families.end(state.grant, "code_replayed")

    def _record_refusal(self, client: Client, code_digest: bytes | None, reason: str) -> None:
        self.audit.record(
            CodeRedeemed(
                client_id=client.client_id,
                code_ref=family_id(code_digest) if code_digest else None,
                outcome=Outcome.FAILURE,
                reason_code=reason,
            )
        )


def _act(client: Client, grant: Grant) -> CodeRedeemed:
    return CodeRedeemed(
        **facts.about(grant),
        client_auth_method=str(client.token_endpoint_auth_method),
        data=data_of_grant(grant, client),
    )


def _bonds(client: Client, form: Parameters, proved: str | None) -> Bonds:
    return Bonds(
        client_id=client.client_id,
        redirect_uri=_redirect_uri(client, form),
        challenge=_challenge(form.get("code_verifier")),
        proved=proved,
    )


def _redirect_uri(client: Client, form: Parameters) -> str:
    """Return what the request has to have named (RFC 6749 §4.1.3).

    Nothing where it named nothing: draft-ietf-oauth-first-party-apps-04 §6.
    """
    return form.get("redirect_uri") or "" if client.first_party else form.need("redirect_uri")


def _challenge(verifier: str | None) -> str | None:
    """Return the S256 challenge of a verifier (RFC 7636 §4.2)."""
    if verifier is None:
        return None
    if not _VERIFIER.fullmatch(verifier):
        raise InvalidRequest("code_verifier is malformed")
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

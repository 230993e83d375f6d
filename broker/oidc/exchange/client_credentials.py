"""Access tokens of a client for itself (RFC 6749 §4.4): they manage its event stream, no more."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from broker.audit.log import AuditLog
from broker.audit.model import Actor, TokenFacts
from broker.base.clock import Clock, epoch
from broker.base.crypto import new_token
from broker.clients.directory import Clients
from broker.clients.model import Client, UnknownClient
from broker.oidc.envelopes import Envelope
from broker.oidc.errors import (
    InsufficientScope,
    InvalidProof,
    InvalidScope,
    InvalidToken,
    ProofRejected,
    UnauthorizedClient,
)
from broker.oidc.exchange.events import ClientTokenIssued
from broker.oidc.grants.facts import hash_prefix
from broker.oidc.parameters import Parameters
from broker.oidc.proofs.binding import ProofMissing, require_proof
from broker.oidc.proofs.dpop import DPoP
from broker.oidc.proofs.dpop_jwt import Shown
from broker.oidc.signed import Signer, Untrusted, header_of, key_of
from broker.oidc.tokens.presented import Presented

READ, MANAGE = "ssf.read", "ssf.manage"
"""Scopes of the CAEP interoperability profile 1.0 §2.7.2; who may manage may read."""
_SCOPES = (READ, MANAGE)
_ALGORITHM = "ES256"
_TYPE = "at+jwt"


@dataclass(frozen=True)
class OwnTokens:
    """Signed (RFC 9068), hence kept nowhere; they die with the partner, or after minutes.

    Their audience is an address of ours, so that no resource server takes one for a person's.
    """

    clients: Clients
    signer: Signer
    dpop: DPoP
    audit: AuditLog
    clock: Clock
    issuer: str
    life: int
    """Seconds."""

    def issue(
        self, client: Client, form: Parameters, _envelope: Envelope, proved: str | None
    ) -> dict[str, Any]:
        """Return the token response for a client that has an event stream."""
        if client.shared_signals is None:
            raise UnauthorizedClient("this client has no event stream")
        scopes = tuple(dict.fromkeys((form.get("scope") or " ".join(_SCOPES)).split()))
        if not set(scopes) <= set(_SCOPES):
            raise InvalidScope(f"scope must be of: {' '.join(_SCOPES)}")
        claims = self._claims(client, scopes, proved)
        text = self.signer.sign(_ALGORITHM, claims, kind=_TYPE)
        self.audit.record(
            ClientTokenIssued(
                client_id=client.client_id,
                actor=Actor(kind="client", ref=client.client_id),
                scopes=scopes,
                token=TokenFacts(
                    kind="access",
                    jti=claims["jti"],
                    hash_prefix=hash_prefix(text),
                    exp=claims["exp"],
                    cnf=proved,
                    kid=key_of(text),
                ),
            )
        )
        return {
            "access_token": text,
            "token_type": "DPoP" if proved else "Bearer",
            "expires_in": self.life,
            "scope": claims["scope"],
        }

    def judge(self, presented: Presented, shown: Shown, scope: str) -> Client:
        """Return whose token that is; raise a ResourceError unless it is good for *scope*."""
        claims = self._verified(presented.text)
        client = self._served(claims)
        self._require_key(client, claims, presented, shown)
        held = set(str(claims["scope"]).split())
        if not held & {scope, MANAGE}:
            raise InsufficientScope(f"the scope {scope} is needed", scope=scope)
        return client

    def _claims(
        self, client: Client, scopes: tuple[str, ...], proved: str | None
    ) -> dict[str, Any]:
        now = epoch(self.clock())
        return {
            "iss": self.issuer,
            "aud": self._audience,
            "sub": client.client_id,  # RFC 9068 §2.2: there is nobody else
            "client_id": client.client_id,
            "iat": now,
            "exp": now + self.life,
            "jti": new_token().reveal(),
            "scope": " ".join(scopes),
            **({"cnf": {"jkt": proved}} if proved else {}),
        }

    def _verified(self, text: str) -> dict[str, Any]:
        try:
            claims = self.signer.own_claims(text, kind=_TYPE)
            algorithm = header_of(text, kind=_TYPE).get("alg")
        except Untrusted:
            raise InvalidToken("the access token is not valid") from None
        meant_for_us = algorithm == _ALGORITHM and claims.get("aud") == self._audience
        if not meant_for_us or claims["exp"] <= epoch(self.clock()):
            raise InvalidToken("the access token is expired, or meant for another service")
        return claims

    def _served(self, claims: dict[str, Any]) -> Client:
        issued_at = datetime.fromtimestamp(claims["iat"], UTC)
        try:
            client = self.clients.still(str(claims["client_id"]), issued_at)
        except UnknownClient:
            raise InvalidToken("the client is not served") from None
        if client.shared_signals is None:
            raise InvalidToken("the client has no event stream any more")
        return client

    def _require_key(
        self, client: Client, claims: dict[str, Any], presented: Presented, shown: Shown
    ) -> None:
        """RFC 9449 §7.1 and §7.2, as userinfo does; a proof is used up last."""
        key = claims.get("cnf", {}).get("jkt")
        try:
            proof = self.dpop.read(shown, client, presented.text) if presented.with_proof else None
            require_proof(key, proof.thumbprint if proof else None)
            if proof:
                if key is None:
                    raise InvalidToken("the access token is bound to no key")
                self.dpop.use(proof, client)
        except InvalidProof as flaw:
            raise ProofRejected(flaw) from None
        except ProofMissing:
            raise InvalidToken("the access token is bound to a key") from None

    @property
    def _audience(self) -> str:
        return f"{self.issuer}/ssf"

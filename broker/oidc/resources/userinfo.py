"""The userinfo endpoint (OpenID Connect Core §5.3): JSON, or a JWT signed and encrypted."""

import json
from dataclasses import dataclass, field
from typing import Any

from broker.audit.log import AuditLog
from broker.audit.model import Outcome
from broker.base.clock import Clock, epoch
from broker.clients.model import Client
from broker.oidc.claims.person import in_userinfo, obtainable_by_name, told
from broker.oidc.claims.subjects import Subjects
from broker.oidc.envelopes import Envelope, Envelopes
from broker.oidc.errors import InvalidProof, InvalidToken, ProofRejected, ResourceError
from broker.oidc.grants import facts
from broker.oidc.grants.model import AccessToken, Grant
from broker.oidc.proofs.dpop import DPoP
from broker.oidc.proofs.dpop_jwt import Shown
from broker.oidc.resources.events import UserinfoRead
from broker.oidc.resources.protection import require_admission
from broker.oidc.signed import Signer
from broker.oidc.tokens.access import Access, AccessTokens, Unusable
from broker.oidc.tokens.presented import Presented


@dataclass(frozen=True)
class UserinfoAnswer:
    """The claims, or the same as a JWT for the client that registered so."""

    claims: dict[str, Any] = field(repr=False)
    jwt: str | None = field(repr=False, default=None)


@dataclass(frozen=True)
class Userinfo:
    """Tells the holder of an access token what its scopes release."""

    access_tokens: AccessTokens
    dpop: DPoP
    subjects: Subjects
    signer: Signer
    envelopes: Envelopes
    audit: AuditLog
    clock: Clock
    issuer: str
    life: int
    """Seconds for which a signed answer says it is valid."""

    def answer(self, presented: Presented, shown: Shown) -> UserinfoAnswer:
        """Return the claims of the token's subject; raise a ResourceError otherwise."""
        text, access = presented.text, self._admitted(presented, shown)
        client, grant = access.client, access.grant
        names = in_userinfo(access.token.scopes, self._by_name(access))
        sub = self.subjects.sub(client, grant.account_id)
        envelope = self.envelopes.for_userinfo(client)
        claims = {**told(access.person, names), "sub": sub}
        self.audit.record(
            UserinfoRead(
                **facts.about(grant),
                scopes=access.token.scopes,
                subject_pairwise=sub,
                token=facts.of_access_token(text, access.token, grant),
            )
        )
        return UserinfoAnswer(claims, self._jwt(client, claims, envelope))

    def _admitted(self, presented: Presented, shown: Shown) -> Access:
        """Judge the token; what is refused is recorded where it was a token of ours."""
        text = presented.text
        try:
            access = self.access_tokens.judge(text)
        except Unusable as unusable:
            if unusable.found is not None:
                self._record_refusal(text, *unusable.found, unusable.reason)
            raise InvalidToken("the access token is unknown, expired or revoked") from None
        try:
            if presented.with_proof:
                self._admit_holder(access, text, shown)
            else:
                require_admission(access, None)
        except ResourceError as error:
            if error.nonce is None:  # to be asked for a nonce is no refusal
                self._record_refusal(text, access.token, access.grant, error.error)
            raise
        return access

    def _admit_holder(self, access: Access, text: str, shown: Shown) -> None:
        """Admit who proves the token's key (RFC 9449 §7.1); use the proof up last.

        So nobody fills the memory of used proofs without a living token and its key.
        """
        try:
            proof = self.dpop.read(shown, access.client, text)
            require_admission(access, proof.thumbprint)
            self.dpop.use(proof, access.client)
        except InvalidProof as flaw:
            raise ProofRejected(flaw) from None

    def _by_name(self, access: Access) -> tuple[str, ...]:
        """Return the claims asked by name, which go without saying with every scope only."""
        if access.narrowed:
            return ()
        return obtainable_by_name(access.grant.userinfo_claims, access.client)

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
        whole = {**claims, **meant_for}
        if algorithm is None:
            return envelope.around(json.dumps(whole), nested=False)
        return envelope.around(self.signer.sign(algorithm, whole), nested=True)

    def _record_refusal(self, text: str, token: AccessToken, grant: Grant, reason: str) -> None:
        self.audit.record(
            UserinfoRead(
                **facts.about(grant),
                scopes=token.scopes,
                token=facts.of_access_token(text, token, grant),
                outcome=Outcome.FAILURE,
                reason_code=reason,
            )
        )

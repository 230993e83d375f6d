"""Demonstrating Proof of Possession (RFC 9449): who sends a request holds a key, just now."""

from dataclasses import dataclass

from broker.audit.log import AuditLog
from broker.base.clock import Clock
from broker.base.db import Database
from broker.clients.model import Client
from broker.oidc.errors import InvalidProof, NonceRequired
from broker.oidc.proofs.dpop_jwt import Flawed, Proof, Shown, read, unverified_nonce
from broker.oidc.proofs.events import ProofRefused, ProofReplayed
from broker.oidc.proofs.nonces import Nonces
from broker.oidc.proofs.store import ProofStore


@dataclass(frozen=True)
class DPoP:
    """Judges the proofs of a client; each serves once, over all processes."""

    used: ProofStore
    nonces: Nonces
    audit: AuditLog
    db: Database
    clock: Clock

    def prove(self, shown: Shown, client: Client, *, required: bool = False) -> str | None:
        """Return the thumbprint of the key that the request proves, using its proof up.

        None where it brings no proof and none is *required*. Raises InvalidProof.
        """
        if shown.proof is None and not required:
            return None
        return self.require(shown, client)

    def require(self, shown: Shown, client: Client) -> str:
        """Return the thumbprint of the key that the request proves, or raise InvalidProof."""
        if shown.proof is None:
            raise InvalidProof("a DPoP proof is required")
        proof = self.read(shown, client)
        self.use(proof, client)
        return proof.thumbprint

    def read(self, shown: Shown, client: Client, access_token: str | None = None) -> Proof:
        """Return a proof that is right for this request, or raise InvalidProof."""
        try:
            proof = read(shown, access_token)
            if not client.dpop_nonce:
                proof.require_recent(self.clock())
        except Flawed as flaw:
            self.audit.record(
                ProofRefused(
                    client_id=client.client_id, reason_code=flaw.reason, cnf=flaw.thumbprint
                )
            )
            raise InvalidProof(f"the DPoP proof is not valid: {flaw.reason}") from None
        if client.dpop_nonce and not self.nonces.accepts(proof.nonce or ""):
            raise NonceRequired(self.nonces.current())
        return proof

    def successor(self, proof: str) -> str | None:
        """Return the nonce to send next, where a proof holds another one (§8.2)."""
        held = unverified_nonce(proof)
        current = self.nonces.current() if held is not None else None
        return current if held != current else None

    def use(self, proof: Proof, client: Client) -> None:
        """Use a proof up in a transaction of its own: what follows may be refused (§11.1)."""
        until = self.nonces.good_until() if client.dpop_nonce else proof.good_until
        with self.db.transaction():
            fresh = self.used.use_proof(proof.thumbprint, proof.jti, until)
            if not fresh:
                self.audit.record(ProofReplayed(client_id=client.client_id, cnf=proof.thumbprint))
        if not fresh:
            raise InvalidProof("the DPoP proof is not valid: jti")

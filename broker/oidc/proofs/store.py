"""Where it is kept which client assertions and DPoP proofs were used: each serves once."""

from dataclasses import dataclass
from datetime import datetime

from broker.base.crypto import fingerprint
from broker.base.db import Database
from broker.oidc.proofs.tables import ASSERTION, PROOF


@dataclass(frozen=True)
class ProofStore:
    """Holds what was used until it has expired."""

    db: Database

    def use_assertion(self, client_id: str, jti: str, expires_at: datetime) -> bool:
        """Use a client assertion up; False when its jti was used before (RFC 7523 §3)."""
        digest = fingerprint(f"{client_id}\x00{jti}")
        return self.db.insert_unless_present(
            ASSERTION, {"digest": digest, "expires_at": expires_at}
        )

    def use_proof(self, thumbprint: str, jti: str, expires_at: datetime) -> bool:
        """Use a DPoP proof up; False when that key's jti was used before (RFC 9449 §11.1)."""
        digest = fingerprint(f"{thumbprint}\x00{jti}")
        return self.db.insert_unless_present(PROOF, {"digest": digest, "expires_at": expires_at})

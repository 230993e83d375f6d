"""Where requests on their way are kept, sealed."""

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, update

from broker.base.crypto import Vault, fingerprint
from broker.base.db import Database
from broker.oidc.requests.model import Interaction, PushedRequest
from broker.oidc.requests.tables import INTERACTION, PUSHED


@dataclass(frozen=True)
class RequestStore:
    """Requests on their way: pushed by a client, or waiting for a login; used once."""

    db: Database
    vault: Vault

    def push(self, request: PushedRequest, expires_at: datetime) -> None:
        """Keep a pushed request."""
        sealed = self.vault.seal(PUSHED.c.parameters, json.dumps(request.values))
        self.db.execute(
            insert(PUSHED),
            {
                "digest": request.digest,
                "client_id": request.client_id,
                "parameters": sealed,
                "expires_at": expires_at,
            },
        )

    def pushed(self, request_uri: str, client_id: str, now: datetime) -> PushedRequest | None:
        """Return what this client pushed under that request_uri, unless used or expired."""
        row = self.db.one(
            select(PUSHED).where(
                PUSHED.c.digest == fingerprint(request_uri),
                PUSHED.c.client_id == client_id,
                PUSHED.c.expires_at > now,
                PUSHED.c.used_at.is_(None),
            )
        )
        if row is None:
            return None
        values = json.loads(self.vault.open(PUSHED.c.parameters, row.parameters))
        return PushedRequest(digest=row.digest, client_id=row.client_id, values=values)

    def use_pushed(self, digest: bytes, now: datetime) -> bool:
        """Use a pushed request up; False when it was used before (RFC 9126 §4)."""
        used = self.db.execute(
            update(PUSHED)
            .where(PUSHED.c.digest == digest, PUSHED.c.used_at.is_(None))
            .values(used_at=now)
        )
        return used.rowcount == 1

    def wait(self, interaction: Interaction, browser: str) -> None:
        """Keep a request until the person has logged in."""
        sealed = self.vault.seal(INTERACTION.c.parameters, json.dumps(interaction.values))
        self.db.execute(
            insert(INTERACTION),
            {
                "id": interaction.id,
                "browser": browser,
                "client_id": interaction.client_id,
                "parameters": sealed,
                "pushed": interaction.pushed,
                "expires_at": interaction.expires_at,
            },
        )

    def waiting(self, interaction_id: str, browser: str | None) -> Interaction | None:
        """Return the interaction of this browser, whatever became of it."""
        row = self.db.one(
            select(INTERACTION).where(
                INTERACTION.c.id == interaction_id, INTERACTION.c.browser == (browser or "")
            )
        )
        if row is None:
            return None
        return Interaction(
            id=row.id,
            client_id=row.client_id,
            values=json.loads(self.vault.open(INTERACTION.c.parameters, row.parameters)),
            pushed=row.pushed,
            expires_at=row.expires_at,
            finished=row.finished_at is not None,
        )

    def finish(self, interaction_id: str, now: datetime) -> bool:
        """Answer an interaction, once; False when it was answered before."""
        done = self.db.execute(
            update(INTERACTION)
            .where(INTERACTION.c.id == interaction_id, INTERACTION.c.finished_at.is_(None))
            .values(finished_at=now)
        )
        return done.rowcount == 1

"""What is over, in every room of the provider, and how it is deleted."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Table, delete, select

from broker.base.db import Database
from broker.oidc.apps.tables import AUTH_SESSION
from broker.oidc.grants.tables import GRANT
from broker.oidc.proofs.tables import ASSERTION, PROOF
from broker.oidc.requests.tables import INTERACTION, PUSHED
from broker.oidc.tokens.tables import ACCESS, ROTATED

_BATCH = 500  # rows of one transaction


@dataclass(frozen=True)
class Leftovers:
    """Deletes what nobody can use any more, in batches that keep nobody waiting."""

    db: Database
    kept_for: timedelta = timedelta(days=1)
    """A replayed code, a reused refresh token are still recognised for that long."""

    def purge(self, now: datetime) -> int:
        """Delete the leftovers; return how many rows that were."""
        return sum(
            self._purge(table, limit)
            for limit, tables in (
                (now - self.kept_for, (GRANT, INTERACTION, PUSHED, AUTH_SESSION, ASSERTION)),
                (now, (ACCESS, ROTATED, PROOF)),
            )
            for table in tables
        )

    def _purge(self, table: Table, limit: datetime) -> int:
        (key,) = table.primary_key
        batch = (
            select(key)
            .where(table.c.expires_at < limit)
            .limit(_BATCH)
            .with_for_update(skip_locked=True)  # another worker's batch is not ours
        )
        purged = 0
        while True:
            with self.db.transaction():
                done = self.db.execute(delete(table).where(key.in_(batch))).rowcount
            purged += done
            if done < _BATCH:
                return purged

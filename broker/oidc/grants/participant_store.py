"""Which partners hold something good of a person: read from the grants."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select

from broker.base.db import Database
from broker.oidc.grants.tables import GRANT


@dataclass(frozen=True)
class ParticipantStore:
    """Reads; each answer holds at an instant."""

    db: Database

    def of_account(self, account_id: str, now: datetime) -> dict[str, frozenset[str]]:
        """Return the scopes that each partner was granted, by client_id."""
        return self._scopes(GRANT.c.account_id == account_id, now=now)

    def of_session(self, account_id: str, sid: str, now: datetime) -> dict[str, frozenset[str]]:
        """Return the same of one session."""
        return self._scopes(GRANT.c.account_id == account_id, GRANT.c.sid == sid, now=now)

    def people_of(self, client_id: str, now: datetime) -> list[str]:
        """Return the accounts of which that partner holds something, by their id."""
        rows = self.db.all(
            select(GRANT.c.account_id)
            .distinct()
            .where(GRANT.c.client_id == client_id, *_good(now))
            .order_by(GRANT.c.account_id)
        )
        return [row.account_id for row in rows]

    def _scopes(
        self, *conditions: ColumnElement[bool], now: datetime
    ) -> dict[str, frozenset[str]]:
        found: dict[str, frozenset[str]] = {}
        asked = select(GRANT.c.client_id, GRANT.c.scopes).distinct()
        for row in self.db.all(asked.where(*conditions, *_good(now)).order_by(GRANT.c.client_id)):
            known = found.get(row.client_id, frozenset())
            found[row.client_id] = known | frozenset(row.scopes.split())
        return found


def _good(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        GRANT.c.redeemed_at.is_not(None),
        GRANT.c.revoked_at.is_(None),
        GRANT.c.ends_at > now,
    )

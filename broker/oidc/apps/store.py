"""Where logins on apps' own screens are kept: one row each, whose token changes at each step."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select, update

from broker.base.crypto import Secret, fingerprint
from broker.base.db import Database
from broker.oidc.apps.model import AuthSession
from broker.oidc.apps.tables import AUTH_SESSION


@dataclass(frozen=True)
class AuthSessionStore:
    """Auth sessions: a token serves for one step, of one client, with one key."""

    db: Database

    def add(self, session: AuthSession, token: Secret) -> None:
        """Keep a login that begins, under the token of its first step."""
        self.db.execute(
            insert(AUTH_SESSION),
            {
                "interaction_id": session.interaction_id,
                "digest": fingerprint(token),
                "browser": session.browser,
                "client_id": session.client_id,
                "confirmation": session.confirmation,
                "attempt_id": session.attempt_id,
                "expires_at": session.expires_at,
            },
        )

    def take(
        self, token: Secret, successor: Secret, *, client_id: str, proved: str, now: datetime
    ) -> AuthSession | None:
        """Use a token up, putting its successor in its place; None where it opens nothing.

        Another client or key does not use it up: only its holder can.
        """
        row = self.db.one(
            update(AUTH_SESSION)
            .where(
                AUTH_SESSION.c.digest == fingerprint(token),
                AUTH_SESSION.c.client_id == client_id,
                AUTH_SESSION.c.confirmation == proved,
                AUTH_SESSION.c.expires_at > now,
            )
            .values(digest=fingerprint(successor))
            .returning(AUTH_SESSION)
        )
        return _session(row) if row else None

    def find(self, token: Secret) -> AuthSession | None:
        """Return the login whose next step that token is, whoever brings it and however late."""
        row = self.db.one(select(AUTH_SESSION).where(AUTH_SESSION.c.digest == fingerprint(token)))
        return _session(row) if row else None

    def wait_for_code(self, interaction_id: str, attempt_id: str) -> None:
        """Note the attempt whose code is awaited now."""
        self.db.execute(
            update(AUTH_SESSION)
            .where(AUTH_SESSION.c.interaction_id == interaction_id)
            .values(attempt_id=attempt_id)
        )


def _session(row: Row[Any]) -> AuthSession:
    return AuthSession(
        interaction_id=row.interaction_id,
        browser=row.browser,
        client_id=row.client_id,
        confirmation=row.confirmation,
        attempt_id=row.attempt_id,
        expires_at=row.expires_at,
    )

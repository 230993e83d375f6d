"""Counts and ends sessions by what they came of."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Table, delete, func, select, union, update

from broker.base.db import Database
from broker.otp.store import CHALLENGE
from broker.sessions.model import Reach, Session
from broker.sessions.store import session_of
from broker.sessions.tables import ATTEMPT, SESSION


@dataclass(frozen=True)
class ReachStore:
    """One statement for each number, and for each end."""

    db: Database

    def holder(self, auth_event_id: str) -> str | None:
        """Return the account of a login, given or waiting for its code."""
        of_login = union(
            *(
                select(kept.c.account_id).where(kept.c.auth_event_id == auth_event_id)
                for kept in (SESSION, ATTEMPT)
            )
        )
        found = self.db.scalar(of_login)
        return None if found is None else str(found)

    def sessions(
        self, reach: Reach, *, seen_after: datetime, created_after: datetime
    ) -> tuple[int, int]:
        """Count the sessions that were not ended and are no older, and their people."""
        row = self.db.one(
            select(func.count(), func.count(SESSION.c.account_id.distinct()))
            .select_from(SESSION)
            .where(
                *_within(SESSION, reach),
                SESSION.c.ended_at.is_(None),
                SESSION.c.seen_at > seen_after,
                SESSION.c.created_at > created_after,
            )
        )
        return (int(row[0]), int(row[1])) if row else (0, 0)

    def waiting(self, reach: Reach, *, created_after: datetime) -> int:
        """Count the logins that are no older and whose code was not given yet.

        One whose code is dead counts: another one may be sent for it.
        """
        challenge = ATTEMPT.c.challenge_id == CHALLENGE.c.id
        counted = (
            select(func.count())
            .select_from(ATTEMPT.join(CHALLENGE, challenge))
            .where(
                *_within(ATTEMPT, reach),
                ATTEMPT.c.created_at > created_after,
                CHALLENGE.c.used_at.is_(None),
            )
        )
        return int(self.db.scalar(counted))

    def drop_attempts(self, reach: Reach) -> None:
        """Forget the logins that wait for their code, and those that waited."""
        self.db.execute(delete(ATTEMPT).where(*_within(ATTEMPT, reach)))

    def end(self, reach: Reach, reason: str, now: datetime) -> Sequence[Session]:
        """End every session; return those that ended."""
        # Locked in one order: two such statements never wait for each other in a circle.
        living = (
            select(SESSION.c.cookie)
            .where(*_within(SESSION, reach), SESSION.c.ended_at.is_(None))
            .order_by(SESSION.c.cookie)
            .with_for_update()
        )
        rows = self.db.execute(
            update(SESSION)
            .where(SESSION.c.cookie.in_(living), SESSION.c.ended_at.is_(None))
            .values(ended_at=now, end_reason=reason)
            .returning(SESSION)
        ).all()
        return [session_of(row) for row in rows]


def _within(kept: Table, reach: Reach) -> list[ColumnElement[bool]]:
    wanted = {"auth_event_id": reach.auth_event_id, "account_id": reach.account_id}
    return [kept.c[name] == value for name, value in wanted.items() if value is not None]

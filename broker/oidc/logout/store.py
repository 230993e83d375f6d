"""Where notices of logout wait, and which partners take part in a session."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, insert, select

from broker.base.db import Database
from broker.base.due import DueQueue
from broker.oidc.grants.tables import GRANT
from broker.oidc.logout.model import LogoutNotice
from broker.oidc.logout.tables import NOTICE


@dataclass(frozen=True)
class LogoutStore:
    """Queues notices and hands each to one worker at a time; an ended one is deleted."""

    db: Database

    def of(self, account_id: str, sid: str) -> Sequence[str]:
        """Return the partners that redeemed a code of that session, by client_id."""
        rows = self.db.all(
            select(GRANT.c.client_id)
            .distinct()
            .where(
                GRANT.c.account_id == account_id,
                GRANT.c.sid == sid,
                GRANT.c.redeemed_at.is_not(None),
            )
            .order_by(GRANT.c.client_id)
        )
        return [row.client_id for row in rows]

    def sessions_at(self, account_id: str, client_id: str) -> Sequence[str]:
        """Return the sids that a partner was told of a person, as long as they are kept."""
        rows = self.db.all(
            select(GRANT.c.sid)
            .distinct()
            .where(
                GRANT.c.account_id == account_id,
                GRANT.c.client_id == client_id,
                GRANT.c.redeemed_at.is_not(None),
            )
        )
        return [row.sid for row in rows]

    def sessions_of(self, client_id: str) -> Sequence[tuple[str, str]]:
        """Return account and sid of every session that a partner takes part in."""
        rows = self.db.all(
            select(GRANT.c.account_id, GRANT.c.sid)
            .distinct()
            .where(
                GRANT.c.client_id == client_id,
                GRANT.c.redeemed_at.is_not(None),
                GRANT.c.revoked_at.is_(None),
            )
            .order_by(GRANT.c.account_id, GRANT.c.sid)
        )
        return [(row.account_id, row.sid) for row in rows]

    def partners(self) -> Sequence[str]:
        """Return the partners that take part in any session."""
        rows = self.db.all(
            select(GRANT.c.client_id)
            .distinct()
            .where(GRANT.c.redeemed_at.is_not(None), GRANT.c.revoked_at.is_(None))
            .order_by(GRANT.c.client_id)
        )
        return [row.client_id for row in rows]

    def add(self, notices: Iterable[LogoutNotice]) -> None:
        """Queue notices; belongs in the transaction of what they tell."""
        rows = [{**asdict(notice), "due_at": notice.created_at} for notice in notices]
        if rows:
            self.db.execute(insert(NOTICE), rows)

    def claim(self, now: datetime, *, lease: timedelta, most: int) -> Sequence[LogoutNotice]:
        """Take notices that are due, for *lease*: another worker takes them only after that."""
        rows = self._queue.claim(now, lease=lease, most=most)
        return [_notice(row) for row in rows]

    def postpone(self, notice: LogoutNotice, due_at: datetime) -> bool:
        """Leave a notice for a later try, unless another worker has taken it over meanwhile."""
        return self._queue.postpone(notice.id, notice.attempts, due_at)

    def end(self, notice: LogoutNotice) -> bool:
        """Delete a notice that was delivered or given up; False when that was done before."""
        return self._queue.end(notice.id)

    @property
    def _queue(self) -> DueQueue:
        return DueQueue(self.db, NOTICE)


def _notice(row: Row[Any]) -> LogoutNotice:
    return LogoutNotice(
        id=row.id,
        client_id=row.client_id,
        account_id=row.account_id,
        sid=row.sid,
        auth_event_id=row.auth_event_id,
        reason=row.reason,
        created_at=row.created_at,
        expires_at=row.expires_at,
        attempts=row.attempts,
    )

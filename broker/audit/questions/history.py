"""What the trail holds about one person, read for that person."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, func, select

from broker.audit.as_stored import is_moment
from broker.audit.log import AuditLog
from broker.audit.readable import event_of, is_stand_in
from broker.audit.store import EVENT, readable
from broker.base.db import Database

# The canonical body of an event has this text, and no other place for it: quotes are escaped.
_SUCCEEDED = EVENT.c.body.contains('"outcome":"success"', autoescape=True)


@dataclass(frozen=True, kw_only=True)
class Acts:
    """Acts of one kind that one login led to at one partner, taken together."""

    auth_event_id: str
    client_id: str
    first: datetime
    last: datetime
    count: int


@dataclass(frozen=True)
class History:
    """Reads events of one subject; only acts that succeeded."""

    db: Database
    audit: AuditLog

    def by_login_and_partner(
        self,
        subject: str,
        kind: str,
        *,
        since: datetime,
        logins: Iterable[str] | None = None,
        most: int | None = None,
        skip: int = 0,
    ) -> list[Acts]:
        """Return the acts of that type, one line per login and partner, the newest first."""
        last = func.max(EVENT.c.time)
        statement = (
            select(
                EVENT.c.auth_event_id,
                EVENT.c.client_id,
                func.min(EVENT.c.time).label("first"),
                last.label("last"),
                func.count().label("number"),
            )
            .where(*self._about(subject, (kind,), since, logins))
            .where(EVENT.c.auth_event_id.is_not(None), EVENT.c.client_id.is_not(None))
            .group_by(EVENT.c.auth_event_id, EVENT.c.client_id)
            .order_by(last.desc(), EVENT.c.auth_event_id, EVENT.c.client_id)
            .limit(most)
            .offset(skip)
        )
        return [_acts(row) for row in self.db.all(statement)]

    def bodies(
        self,
        subject: str,
        kinds: Sequence[str],
        *,
        since: datetime,
        logins: Iterable[str] | None = None,
    ) -> list[dict[str, Any]]:
        """Return the events of those types, oldest first: nobody is shown what is no event."""
        rows = self.db.all(
            select(*readable(self.db))
            .where(*self._about(subject, kinds, since, logins))
            .order_by(EVENT.c.event_id)
        )
        return [event for row in rows if not is_stand_in(event := event_of(row))]

    def _about(
        self, subject: str, kinds: Sequence[str], since: datetime, logins: Iterable[str] | None
    ) -> list[ColumnElement[bool]]:
        conditions = [
            EVENT.c.subject_ref == self.audit.subject_ref(subject),
            EVENT.c.type.in_(kinds),
            EVENT.c.time >= since,
            is_moment(EVENT.c.time),
            _SUCCEEDED,
        ]
        if logins is not None:
            conditions.append(EVENT.c.auth_event_id.in_(list(logins)))
        return conditions


def _acts(row: Row[Any]) -> Acts:
    return Acts(
        auth_event_id=row.auth_event_id,
        client_id=row.client_id,
        first=row.first,
        last=row.last,
        count=row.number,
    )

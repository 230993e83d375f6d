"""Questions that a security team asks each day, as data: which events, grouped by what."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select

from broker.audit.store import EVENT
from broker.base.db import Database

_MOST = 200  # groups of an answer
STEPS = 24  # of a window that is drawn


@dataclass(frozen=True, kw_only=True)
class SavedQuery:
    """Events of these types, grouped by a column; groups below *at_least* are everyday's."""

    name: str
    types: tuple[str, ...]
    by: str
    at_least: int = 1


@dataclass(frozen=True, kw_only=True)
class Group:
    """One line of an answer."""

    value: str
    events: int
    people: int
    logins: int
    first: datetime
    last: datetime


SAVED = {
    query.name: query
    for query in (
        SavedQuery(
            name="codes_guessed",
            types=("otp.failed", "otp.exhausted"),
            by="subject_ref",
            at_least=3,
        ),
        SavedQuery(
            name="passwords_tried",
            types=("login.password.failed", "login.password.throttled"),
            by="subject_ref",
            at_least=3,
        ),
        SavedQuery(
            name="creations_refused",
            types=("account.create.refused",),
            by="subject_ref",
            at_least=3,
        ),
        SavedQuery(
            name="replays",
            types=(
                "client.assertion.replayed",
                "code.replayed",
                "dpop.proof.replayed",
                "refresh.reuse",
            ),
            by="client_id",
        ),
        SavedQuery(
            name="proofs_refused",
            types=("client.auth.failed", "dpop.proof.refused", "refresh.refused"),
            by="client_id",
        ),
        SavedQuery(name="people_of_services", types=("code.issued",), by="client_id"),
        SavedQuery(name="intrusions", types=("account.intrusion.reported",), by="subject_ref"),
    )
}
LOGINS = (("login.password.ok", "fc.callback.ok"), ("login.password.failed",))
"""What succeeded and what failed, as it is drawn over time."""


@dataclass(frozen=True)
class SavedQueries:
    """Answers them within a window, from the index over type and time."""

    db: Database

    def run(self, query: SavedQuery, since: datetime, until: datetime) -> list[Group]:
        """Return the groups, the largest first."""
        by, count = EVENT.c[query.by], func.count()
        rows = self.db.all(
            select(
                by.label("value"),
                count.label("events"),
                func.count(EVENT.c.subject_ref.distinct()).label("people"),
                func.count(EVENT.c.auth_event_id.distinct()).label("logins"),
                func.min(EVENT.c.time).label("first"),
                func.max(EVENT.c.time).label("last"),
            )
            .where(EVENT.c.type.in_(query.types), by.is_not(None))
            .where(EVENT.c.time >= since, EVENT.c.time < until)
            .group_by(by)
            .having(count >= query.at_least)
            .order_by(count.desc(), by)
            .limit(_MOST)
        )
        return [_group(row) for row in rows]

    def over_time(
        self, types: tuple[str, ...], since: datetime, until: datetime
    ) -> list[tuple[datetime, int]]:
        """Return how many events of these types each of the window's steps has."""
        step = (until - since) / STEPS
        beginnings = [since + step * number for number in range(STEPS)]
        return [(begin, self._count(types, begin, begin + step)) for begin in beginnings]

    def _count(self, types: tuple[str, ...], since: datetime, until: datetime) -> int:
        return int(
            self.db.scalar(
                select(func.count())
                .where(EVENT.c.type.in_(types))
                .where(EVENT.c.time >= since, EVENT.c.time < until)
            )
        )


def _group(row: Row[Any]) -> Group:
    return Group(**row._mapping)  # noqa: SLF001 - a public name of SQLAlchemy

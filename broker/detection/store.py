"""Keeps where detection stands, and its alerts."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from broker.base.db import Database
from broker.base.due import DueQueue
from broker.base.paging import MOST, Listing, Part
from broker.detection.model import Alert, Finding, Key, Notice, Urgency
from broker.detection.tables import ALERT, NOTICE, POSITION, QUIET


@dataclass(frozen=True)
class DetectionStore:
    """The tables of detection."""

    db: Database

    def position(self) -> int:
        """Return the last place of the sealed trail that was looked at."""
        return int(self.db.scalar(select(POSITION.c.position)))

    def advance(self, seen: int, last: int) -> bool:
        """Move on from *seen*; False where another worker has done so before."""
        moved = self.db.execute(
            update(POSITION).where(POSITION.c.position == seen).values(position=last)
        )
        return moved.rowcount == 1

    def quiet(self, rule: str, groups: Collection[str]) -> dict[str, datetime]:
        """Return until when an alert stands for each of the groups that have one."""
        rows = self.db.all(
            select(QUIET).where(QUIET.c.rule == rule, self.db.among(QUIET.c.group_value, groups))
        )
        return {row.group_value: row.until for row in rows}

    def may_alert(self, finding: Finding) -> bool:
        """Let one alert stand for the group's window; False where one stands already."""
        made = sqlite.insert if self.db.engine.dialect.name == "sqlite" else postgresql.insert
        until = finding.last_at + finding.rule.within
        row = {"rule": finding.rule.name, "group_value": finding.group, "until": until}
        taken = self.db.execute(
            made(QUIET)
            .values(row)
            .on_conflict_do_update(
                index_elements=[QUIET.c.rule, QUIET.c.group_value],
                set_={"until": until},
                where=QUIET.c.until <= finding.last_at,
            )
            .returning(QUIET.c.until)
        )
        return taken.one_or_none() is not None

    def add(self, alert: Alert) -> None:
        """Keep a new alert."""
        values = {name: value for name, value in asdict(alert).items() if value is not None}
        values["severity"], values["group_by"] = str(alert.severity), str(alert.group_by)
        self.db.execute(insert(ALERT).values(values))

    def get(self, reference: str) -> Alert | None:
        """Return one alert."""
        row = self.db.one(select(ALERT).where(ALERT.c.reference == reference))
        return _alert(row) if row else None

    def part(self, *, acknowledged: bool, behind: str | None, most: int = MOST) -> Part[Alert]:
        """Return the alerts that wait, or those that somebody acknowledged; the newest first."""
        done = ALERT.c.acknowledged_at
        state = done.is_not(None) if acknowledged else done.is_(None)
        return Listing(ALERT.c.raised_at, _alert).part(self.db, state, behind=behind, most=most)

    def waiting(self) -> int:
        """Return how many alerts nobody has acknowledged."""
        waits = select(func.count()).where(ALERT.c.acknowledged_at.is_(None))
        return int(self.db.scalar(waits))

    def acknowledge(self, reference: str, now: datetime, analyst: str, note: str) -> bool:
        """Note who looked at it and what came of it; False where that was done before."""
        done = self.db.execute(
            update(ALERT)
            .where(ALERT.c.reference == reference, ALERT.c.acknowledged_at.is_(None))
            .values(acknowledged_at=now, acknowledged_by=analyst, note=note)
        )
        return done.rowcount == 1

    def add_notice(self, notice: Notice) -> None:
        """Queue a notice, due at once."""
        self.db.execute(insert(NOTICE).values(**asdict(notice), due_at=notice.created_at))

    def claim_notices(self, now: datetime, *, lease: timedelta, most: int) -> Sequence[Notice]:
        """Take notices that are due, for *lease*."""
        rows = self._queue.claim(now, lease=lease, most=most)
        return [
            Notice(**{name: row._mapping[name] for name in _NOTICE})  # noqa: SLF001 - a public name of SQLAlchemy
            for row in rows
        ]

    def postpone_notice(self, notice: Notice, due_at: datetime) -> bool:
        """Leave a notice for a later try; False where another worker has it."""
        return self._queue.postpone(notice.id, notice.attempts, due_at)

    def end_notice(self, notice: Notice) -> bool:
        """Delete a notice; False when that was done before."""
        return self._queue.end(notice.id)

    @property
    def _queue(self) -> DueQueue:
        return DueQueue(self.db, NOTICE)

    def purge(self, before: datetime, quiet_before: datetime) -> int:
        """Delete alerts raised before that moment, and what stands for no window any more."""
        with self.db.transaction():
            self.db.execute(delete(QUIET).where(QUIET.c.until < quiet_before))
            return self.db.execute(delete(ALERT).where(ALERT.c.raised_at < before)).rowcount


_NOTICE = tuple(each.name for each in fields(Notice))


def _alert(row: Row[Any]) -> Alert:
    told = dict(row._mapping)  # noqa: SLF001 - a public name of SQLAlchemy
    return Alert(**told | {"severity": Urgency(row.severity), "group_by": Key(row.group_by)})

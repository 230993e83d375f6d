"""Reads and writes cuts; each is decided once, by one conditional statement."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, delete, func, insert, select, update

from broker.base.db import Database
from broker.base.paging import Listing, Part
from broker.cuts.model import Account, Counts, Cut, Kind, State
from broker.cuts.tables import CUT


@dataclass(frozen=True)
class CutStore:
    """The table of cuts."""

    db: Database

    def add(self, cut: Cut) -> None:
        """Keep a new plan."""
        self.db.execute(
            insert(CUT).values(
                reference=cut.reference,
                kind=str(cut.kind),
                name=cut.name,
                reason=cut.reason,
                planned_at=cut.planned_at,
                planned_by=cut.planned_by,
                planner_id=cut.planner_id,
                expires_at=cut.expires_at,
                state=str(cut.state),
                counted_before=json.dumps(cut.before.present()),
            )
        )

    def get(self, reference: str) -> Cut | None:
        """Return one cut."""
        row = self.db.one(select(CUT).where(CUT.c.reference == reference))
        return _cut(row) if row else None

    def part(self, behind: str | None) -> Part[Cut]:
        """Return cuts, whatever their state; the newest first."""
        return Listing(CUT.c.planned_at, _cut).part(self.db, behind=behind)

    def approve(self, reference: str, by: str, account: Account | None, now: datetime) -> bool:
        """Take a plan for its one effect; False where it is over, or not for them to approve.

        Two people are two names and, in the console, two accounts, both begun before the plan.
        """
        others = [CUT.c.planned_by != by]
        if account:
            others += [
                func.coalesce(CUT.c.planner_id, "") != account.id,
                CUT.c.planned_at >= account.since,
            ]
        return self._decide(reference, State.DONE, by, now, *others)

    def do_own(self, reference: str, by: str, now: datetime) -> bool:
        """Take a plan that its planner may do alone; False where it is over."""
        return self._decide(reference, State.DONE, by, now)

    def refuse(self, reference: str, by: str, now: datetime) -> bool:
        """End a plan without an effect; False where it is over."""
        return self._decide(reference, State.REFUSED, by, now)

    def count(self, reference: str, before: Counts, after: Counts) -> None:
        """Keep what stood before and after the effect."""
        self.db.execute(
            update(CUT)
            .where(CUT.c.reference == reference)
            .values(
                counted_before=json.dumps(before.present()),
                counted_after=json.dumps(after.present()),
            )
        )

    def purge(self, before: datetime) -> int:
        """Delete what was planned before that moment."""
        with self.db.transaction():
            return self.db.execute(delete(CUT).where(CUT.c.planned_at < before)).rowcount

    def _decide(
        self, reference: str, state: State, by: str, now: datetime, *more: ColumnElement[bool]
    ) -> bool:
        changed = self.db.execute(
            update(CUT)
            .where(
                CUT.c.reference == reference,
                CUT.c.state == str(State.PLANNED),
                CUT.c.expires_at > now,
                *more,
            )
            .values(state=str(state), decided_at=now, decided_by=by)
        )
        return changed.rowcount == 1


def _cut(row: Row[Any]) -> Cut:
    return Cut(
        reference=row.reference,
        kind=Kind(row.kind),
        name=row.name,
        reason=row.reason,
        planned_at=row.planned_at,
        planned_by=row.planned_by,
        planner_id=row.planner_id,
        expires_at=row.expires_at,
        state=State(row.state),
        decided_at=row.decided_at,
        decided_by=row.decided_by,
        before=Counts(**json.loads(row.counted_before)),
        after=Counts(**json.loads(row.counted_after)) if row.counted_after else None,
    )

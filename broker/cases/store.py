"""Reads and writes cases."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, select, update

from broker.base.db import Database
from broker.base.paging import Listing, Part
from broker.cases.model import Case, Conclusion, Kind
from broker.cases.tables import CASE


@dataclass(frozen=True)
class CaseStore:
    """The table of cases."""

    db: Database

    def add(self, case: Case) -> bool:
        """Keep a new case; False where one of that kind is open for that account."""
        values = {
            "reference": case.reference,
            "kind": str(case.kind),
            "subject_ref": case.subject_ref,
            "auth_event_id": case.auth_event_id,
            "opened_at": case.opened_at,
        }
        return self.db.insert_unless_present(CASE, values)

    def get(self, reference: str) -> Case | None:
        """Return one case."""
        row = self.db.one(select(CASE).where(CASE.c.reference == reference))
        return _case(row) if row else None

    def every(self, *, closed: bool) -> list[Case]:
        """Return the open cases, or the closed ones; the oldest first."""
        state = CASE.c.closed_at.is_not(None) if closed else CASE.c.closed_at.is_(None)
        ordered = select(CASE).where(state).order_by(CASE.c.opened_at, CASE.c.reference)
        return [_case(row) for row in self.db.all(ordered)]

    def part(self, *, closed: bool, behind: str | None) -> Part[Case]:
        """Return open cases, the oldest first, or closed ones, the last conclusion first."""
        done = CASE.c.closed_at
        if closed:
            return Listing(done, _case).part(self.db, done.is_not(None), behind=behind)
        waiting = Listing(CASE.c.opened_at, _case, newest_first=False)
        return waiting.part(self.db, done.is_(None), behind=behind)

    def close(self, reference: str, now: datetime, analyst: str, conclusion: Conclusion) -> bool:
        """Conclude an open case; False where it is not open."""
        changed = self.db.execute(
            update(CASE)
            .where(CASE.c.reference == reference, CASE.c.closed_at.is_(None))
            .values(closed_at=now, closed_by=analyst, conclusion=str(conclusion))
        )
        return changed.rowcount == 1

    def purge(self, before: datetime) -> int:
        """Delete what was concluded before that moment."""
        with self.db.transaction():
            return self.db.execute(delete(CASE).where(CASE.c.closed_at < before)).rowcount


def _case(row: Row[Any]) -> Case:
    return Case(
        reference=row.reference,
        kind=Kind(row.kind),
        subject_ref=row.subject_ref,
        auth_event_id=row.auth_event_id,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        closed_by=row.closed_by,
        conclusion=Conclusion(row.conclusion) if row.conclusion else None,
    )

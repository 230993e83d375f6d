"""Opens a case in the transaction of the report, and concludes it once."""

from dataclasses import dataclass
from datetime import timedelta

from broker.audit.log import AuditLog
from broker.audit.model import Actor
from broker.base.clock import Clock
from broker.base.crypto import new_reference
from broker.base.db import Database
from broker.base.paging import Part
from broker.base.tasks import Task
from broker.cases.events import CaseConcluded, CaseFacts, CaseOpened
from broker.cases.model import Case, CaseClosed, CaseUnknown, Conclusion, Kind
from broker.cases.store import CaseStore

_KEPT = timedelta(days=3 * 365)  # after the conclusion, as the events that tell of it


@dataclass(frozen=True)
class Cases:
    """What waits for the security team."""

    store: CaseStore
    audit: AuditLog
    db: Database
    clock: Clock

    def open(self, kind: Kind, account_id: str, auth_event_id: str | None) -> None:
        """Open a case; belongs in the transaction of what reports it.

        A report more while one is open adds nothing: its own event is in the trail.
        """
        case = Case(
            reference=new_reference(),
            kind=kind,
            subject_ref=self.audit.subject_ref(account_id),
            auth_event_id=auth_event_id,
            opened_at=self.clock(),
        )
        if self.store.add(case):
            facts = CaseFacts(reference=case.reference, kind=str(kind))
            self.audit.record(
                CaseOpened(security_case=facts, subject=account_id, auth_event_id=auth_event_id)
            )

    def every(self, *, closed: bool = False) -> list[Case]:
        """Return the open cases, or the concluded ones; the oldest first."""
        return self.store.every(closed=closed)

    def part(self, *, closed: bool, behind: str | None) -> Part[Case]:
        """Return open cases, the oldest first, or concluded ones, the last conclusion first."""
        return self.store.part(closed=closed, behind=behind)

    def get(self, reference: str) -> Case:
        """Return one case; CaseUnknown."""
        found = self.store.get(reference)
        if found is None:
            raise CaseUnknown
        return found

    def conclude(self, reference: str, conclusion: Conclusion, actor: Actor) -> None:
        """Close a case with what was found; CaseUnknown, or CaseClosed where it was closed."""
        with self.db.transaction():
            case = self.get(reference)
            if not self.store.close(reference, self.clock(), str(actor.ref), conclusion):
                raise CaseClosed
            facts = CaseFacts(reference=reference, kind=str(case.kind))
            self.audit.record(
                CaseConcluded(
                    security_case=facts,
                    actor=actor,
                    reason_code=str(conclusion),
                    auth_event_id=case.auth_event_id,
                )
            )

    def tasks(self) -> tuple[Task, ...]:
        """Return the background work of cases."""
        return (Task("cases purge", 86_400, lambda: self.store.purge(self.clock() - _KEPT)),)

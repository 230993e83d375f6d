"""Cuts as responders see them in the console: each look is on record before it is answered."""

from dataclasses import dataclass

from broker.audit.log import AuditLog
from broker.audit.model import Recorded
from broker.audit.proofs.proof_state import ProofState
from broker.audit.questions.timeline import Question
from broker.base.paging import Part
from broker.console.events import ConsoleViewed, Query
from broker.console.model import AnalystSession
from broker.console.sessions import actor, by
from broker.console.terms import structure
from broker.cuts.cuts import Cuts
from broker.cuts.model import Account, Counts, Cut, Kind, Target, Telling


@dataclass(frozen=True, kw_only=True)
class Proved:
    """A cut with what stands of its target now, and its events, each with its proof."""

    cut: Cut
    left: Counts | None
    events: list[tuple[Recorded, ProofState]]


@dataclass(frozen=True)
class CutDesk:
    """The use cases of the console's pages of cuts; their routes ask for the role."""

    cuts: Cuts
    audit: AuditLog

    def part(self, session: AnalystSession, behind: str | None) -> Part[Cut]:
        """Return cuts, the newest first."""
        self._record(session, "cuts", Query())
        return self.cuts.part(behind)

    def preview(self, session: AnalystSession, kind: Kind, name: str) -> tuple[Target, Counts]:
        """Return what would fall; TargetUnknown."""
        self._record(session, "cut_preview", structure(Question(terms=(name,) if name else ())))
        return self.cuts.preview(kind, name)

    def look(self, session: AnalystSession, reference: str) -> Proved:
        """Return one cut with its proof; CutUnknown."""
        cut = self.cuts.get(reference)
        self._record(session, "cut", structure(Question(terms=(reference,))))
        return Proved(cut=cut, left=self.cuts.left(cut), events=self.cuts.proof(cut))

    def telling(self, target: Target) -> Telling:
        """Return whether a mail would reach the holder of a target that was shown."""
        return self.cuts.holders.telling(target)

    def plan(
        self, session: AnalystSession, kind: Kind, name: str, reason: str, *, tell: bool
    ) -> Cut:
        """Plan a cut, which is done at once where one responder may; *tell* its holder."""
        return self.cuts.plan(
            kind, name, reason, actor(session.analyst), _account(session), tell=tell
        )

    def approve(self, session: AnalystSession, reference: str) -> Cut:
        """Do what another responder planned."""
        return self.cuts.approve(reference, actor(session.analyst), _account(session))

    def refuse(self, session: AnalystSession, reference: str) -> None:
        """End a plan without an effect."""
        self.cuts.refuse(reference, actor(session.analyst))

    def _record(self, session: AnalystSession, page: str, query: Query) -> None:
        self.audit.record(ConsoleViewed(page=page, query=query, **by(session)))


def _account(session: AnalystSession) -> Account:
    analyst = session.analyst
    return Account(id=analyst.id, since=analyst.begun_at or analyst.created_at)

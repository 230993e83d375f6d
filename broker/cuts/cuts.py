"""Plans, approves and does cuts: each effect once, in one transaction with its events."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from broker.audit.log import AuditLog
from broker.audit.model import Actor, Motive, Recorded
from broker.audit.proofs.proof_state import ProofState, ProofStates
from broker.audit.questions.timeline import Question, Timeline
from broker.base.clock import Clock
from broker.base.crypto import new_reference
from broker.base.db import Database
from broker.base.paging import Part
from broker.base.tasks import Task
from broker.cuts.effect import Effect
from broker.cuts.events import CutApproved, CutDone, CutFacts, CutPlanned, CutRefused, CutTold
from broker.cuts.holders import Holders
from broker.cuts.model import (
    APPROVAL_LIFE,
    Account,
    Counts,
    Cut,
    CutOver,
    CutUnknown,
    Kind,
    SecondResponderRequired,
    Target,
    TargetUnknown,
)
from broker.cuts.store import CutStore

_KEPT = timedelta(days=3 * 365)  # as long as the events that tell of it


@dataclass(frozen=True)
class Cuts:
    """What responders and operators do against an incident."""

    store: CutStore
    effects: Mapping[Kind, Effect]
    holders: Holders
    timeline: Timeline
    proofs: ProofStates
    audit: AuditLog
    db: Database
    clock: Clock

    def preview(self, kind: Kind, name: str) -> tuple[Target, Counts]:
        """Return what would fall, changing nothing; TargetUnknown."""
        target = self.effects[kind].find(name)
        return target, self.effects[kind].count(target)

    def plan(
        self,
        kind: Kind,
        name: str,
        reason: str,
        actor: Actor,
        account: Account | None = None,
        *,
        tell: bool = False,
    ) -> Cut:
        """Plan a cut, and do it at once where one responder may; TargetUnknown.

        *tell*: its holder by mail, where it has one who can be told.
        """
        with self.db.transaction():
            target, before = self.preview(kind, name)
            planned = self._planned(target, reason, actor, before)
            cut = replace(planned, planner_id=account.id if account else None)
            self.store.add(cut)
            self.audit.record(
                CutPlanned(
                    subject=target.account_id,
                    auth_event_id=target.auth_event_id,
                    client_id=target.client_id,
                    before=before,
                    after=Motive(reason=reason),
                    actor=actor,
                    txn=cut.reference,
                    cut=_facts(cut),
                )
            )
            if not kind.is_wide and self.store.do_own(cut.reference, str(actor.ref), self.clock()):
                self._do(cut, actor)
                if tell and self.holders.tell(target, cut.reference):
                    self._told(target, cut, actor)
        return self.get(cut.reference)

    def approve(self, reference: str, actor: Actor, account: Account | None = None) -> Cut:
        """Do what another responder planned, once; *account*: theirs, of the console.

        Raises CutUnknown, SecondResponderRequired, or CutOver.
        """
        with self.db.transaction():
            done = self.store.approve(reference, str(actor.ref), account, self.clock())
            cut = self.get(reference)
            if done:
                self.audit.record(CutApproved(actor=actor, txn=reference, cut=_facts(cut)))
                self._do(cut, actor)
                return self.get(reference)
            reason = _why_not(cut, actor, account)
            self._refused(cut, reason, actor)
        raise CutOver if reason == "over" else SecondResponderRequired

    def refuse(self, reference: str, actor: Actor) -> None:
        """End a plan without an effect, the planner's own too; CutUnknown, CutOver."""
        with self.db.transaction():
            ended = self.store.refuse(reference, str(actor.ref), self.clock())
            self._refused(self.get(reference), "declined" if ended else "over", actor)
        if not ended:
            raise CutOver

    def get(self, reference: str) -> Cut:
        """Return one cut; CutUnknown."""
        found = self.store.get(reference)
        if found is None:
            raise CutUnknown
        return found

    def part(self, behind: str | None = None) -> Part[Cut]:
        """Return cuts, whatever their state; the newest first."""
        return self.store.part(behind)

    def left(self, cut: Cut) -> Counts | None:
        """Count again what stands of a target; None where nothing of it is kept any more."""
        try:
            return self.preview(cut.kind, cut.name)[1]
        except TargetUnknown:
            return None

    def proof(self, cut: Cut) -> list[tuple[Recorded, ProofState]]:
        """Return the events of a cut, the newest first, each with the state of its proof."""
        found = self.timeline.page(Question(terms=(cut.reference,))).events
        own = [event for event in found if event.type.startswith("cut.")]
        return [(event, self._proved(event)) for event in own]

    def tasks(self) -> tuple[Task, ...]:
        """Return the background work of cuts."""
        return (Task("cuts purge", 86_400, lambda: self.store.purge(self.clock() - _KEPT)),)

    def _planned(self, target: Target, reason: str, actor: Actor, before: Counts) -> Cut:
        now = self.clock()
        return Cut(
            reference=new_reference(),
            kind=target.kind,
            name=target.name,
            reason=reason,
            planned_at=now,
            planned_by=str(actor.ref),
            expires_at=now + APPROVAL_LIFE,
            before=before,
        )

    def _do(self, cut: Cut, actor: Actor) -> None:
        """Have the effect, counting before and after it: what was planned may have changed."""
        effect = self.effects[cut.kind]
        target = effect.find(cut.name)
        before = effect.count(target)
        effect.end(target, actor, cut.reason)
        after = effect.count(target)
        self.store.count(cut.reference, before, after)
        self.audit.record(
            CutDone(
                subject=target.account_id,
                auth_event_id=target.auth_event_id,
                client_id=target.client_id,
                before=before,
                after=after,
                actor=actor,
                txn=cut.reference,
                cut=_facts(cut),
            )
        )

    def _told(self, target: Target, cut: Cut, actor: Actor) -> None:
        self.audit.record(
            CutTold(
                subject=target.account_id,
                auth_event_id=target.auth_event_id,
                client_id=target.client_id,
                actor=actor,
                txn=cut.reference,
                cut=_facts(cut),
            )
        )

    def _refused(self, cut: Cut, reason: str, actor: Actor) -> None:
        self.audit.record(
            CutRefused(actor=actor, txn=cut.reference, reason_code=reason, cut=_facts(cut))
        )

    def _proved(self, event: Recorded) -> ProofState:
        body = self.timeline.body(event.event_id)
        return self.proofs.of(event.event_id, str(body))


def _why_not(cut: Cut, actor: Actor, account: Account | None) -> str:
    if cut.decided_at is not None:
        return "over"
    if cut.planned_by == actor.ref or (account and cut.planner_id == account.id):
        return "own_plan"
    return "young_account" if account and cut.planned_at < account.since else "over"


def _facts(cut: Cut) -> CutFacts:
    return CutFacts(kind=str(cut.kind), target=cut.name)

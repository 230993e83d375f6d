"""What journeys ask the register: who is this, may they create an account, what do we know."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from broker.audit.log import AuditLog
from broker.audit.model import Actor
from broker.base.clock import Clock
from broker.base.db import Database
from broker.base.errors import Refusal
from broker.base.tasks import Task
from broker.insured.card import CardAnswers, CardMask, CardProofs, identify, mask, prove
from broker.insured.civil_identity import civil_identity
from broker.insured.eligibility import Eligibility, Option
from broker.insured.events import DecisionRead
from broker.insured.matcher import Match, Matcher
from broker.insured.matching import Outcome
from broker.insured.model import CivilIdentity, InsuredPerson
from broker.insured.nir import Nir
from broker.insured.pivot import Claims
from broker.insured.store import InsuredStore

_DECISIONS_KEPT = timedelta(days=365)  # as long as the trail keeps the refusal
_UNMATCHED = {
    Outcome.NONE: "unknown",
    Outcome.SEVERAL: "unknown",
    Outcome.INVALID: "unknown",
    Outcome.UNCERTIFIED: "excluded:nir_status",
}


class NotInRegister(Refusal):
    """The row that a journey or an account refers to is no longer in the register."""

    code = "insured-unknown"


class DecisionUnknown(Refusal):
    """No decision record is kept under that reference."""

    code = "decision-unknown"


@dataclass(frozen=True)
class Finding:
    """An answer of the register: a person, or the reason why not.

    ``reason`` is the audit's reason_code and None when all is well; ``record`` explains it to an
    adviser and holds no value of the person.
    """

    reason: str | None
    record: dict[str, Any]
    insured_id: str | None = None
    """The row that was found; set too where an exclusion refuses it."""
    nir: Nir | None = field(default=None)

    @property
    def found(self) -> bool:
        """Whether the journey may go on."""
        return self.reason is None


@dataclass(frozen=True)
class Insured:
    """The register as journeys, accounts and commands see it."""

    store: InsuredStore
    eligibility: Eligibility
    matcher: Matcher
    audit: AuditLog
    db: Database
    clock: Clock

    def by_card(self, answers: CardAnswers) -> Finding:
        """Find who gave the four answers of the first screen, and whether they may go on."""
        rows = self.store.of_nir(answers.nir)
        decision = identify(answers, [row.person for row in rows])
        if decision.chosen is None:
            return Finding(decision.reason, decision.record)
        chosen = rows[decision.chosen]
        return self._eligible(chosen.id, chosen.person, Option.CARD, decision.record)

    def prove(self, insured_id: str, proofs: CardProofs) -> Finding:
        """Compare the two answers of the second screen with that person's account and card."""
        person = self.person(insured_id)
        decision = prove(proofs, person)
        return Finding(decision.reason, decision.record, insured_id, person.nir)

    def match(self, claims: Claims) -> Match:
        """Find who the pivot identity is; eligibility is another question."""
        return self.matcher.match(claims)

    def by_pivot(self, claims: Claims) -> Finding:
        """Find who the pivot identity is, and whether they may create an account that way."""
        match = self.match(claims)
        if match.insured_id is None:
            return Finding(_UNMATCHED[match.outcome], match.record)
        person = self.person(match.insured_id)
        return self._eligible(match.insured_id, person, Option.FRANCECONNECT, match.record)

    def eligible_again(self, insured_id: str, option: Option) -> Finding:
        """Ask the exclusions once more, at the last step of a journey."""
        return self._eligible(insured_id, self.person(insured_id), option, {"kind": str(option)})

    def person(self, insured_id: str) -> InsuredPerson:
        """Return a row of the register; NotInRegister when it is not there."""
        person = self.store.get(insured_id)
        if person is None:
            raise NotInRegister
        return person

    def card_mask(self, insured_id: str) -> CardMask:
        """Return what the second screen shows of the account and the card."""
        shown = mask(self.person(insured_id))
        if shown is None:
            raise NotInRegister  # eligibility was asked before: the register changed since
        return shown

    def identity_of(self, insured_id: str) -> CivilIdentity:
        """Return the certified civil identity for partners; refuses an uncertified one."""
        return civil_identity(self.person(insured_id), self.matcher.rulebook.in_force.places)

    def keep(self, reference: str, finding: Finding) -> None:
        """Keep the record behind the reference that a page shows; joins the transaction.

        The first refusal of a reference holds; it completes the record of who was found before.
        """
        with self.db.transaction():
            before = self.store.decision(reference) or {} if finding.reason else {}
            record = {**before, **finding.record}
            self.store.keep_decision(
                reference, record, self.clock(), refused=finding.reason is not None
            )

    def read_decision(self, reference: str, reader: Actor) -> dict[str, Any]:
        """Return the decision record for an adviser; the reading is audited."""
        wanted = reference.strip().upper()
        with self.db.transaction():
            record = self.store.decision(wanted)
            if record is None:
                raise DecisionUnknown
            self.audit.record(DecisionRead(txn=wanted, actor=reader))
        return record

    def tasks(self) -> tuple[Task, ...]:
        """Return the background work: forgetting old decision records."""
        return (
            Task(
                "decision records purge",
                3_600,
                lambda: self.purge_decisions(self.clock() - _DECISIONS_KEPT),
            ),
        )

    def purge_decisions(self, before: datetime) -> int:
        """Delete decision records older than that; return how many."""
        with self.db.transaction():
            return self.store.purge_decisions(before)

    def _eligible(
        self, insured_id: str, person: InsuredPerson, option: Option, record: dict[str, Any]
    ) -> Finding:
        excluded = self.eligibility.exclusions(person, option, self.clock().date())
        reason = f"excluded:{excluded[0]}" if excluded else None
        full = {**record, "option": str(option), "exclusions": list(excluded), "reason": reason}
        return Finding(reason, full, insured_id, person.nir)

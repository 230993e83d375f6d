"""What analysts read of the trail, each look on record before it is answered."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from broker.accounts.accounts import Accounts
from broker.audit.log import AuditLog
from broker.audit.proofs.proof_state import Gone, ProofState, ProofStates
from broker.audit.questions.timeline import Question, Slice, Timeline
from broker.base.errors import InvalidField
from broker.console.events import ConsoleViewed, PersonLookedUp, Query
from broker.console.model import AnalystSession, EventUnknown, Motive
from broker.console.sessions import by
from broker.console.terms import digest, may_be_token, structure
from broker.insured.nir import Nir


@dataclass(frozen=True)
class Shown:
    """An event, or its stand-in; ``text``: what is kept, byte for byte."""

    event: dict[str, Any]
    proof: ProofState
    text: str


@dataclass(frozen=True)
class Reading:
    """The use cases of the console's pages; their routes ask for the role."""

    timeline: Timeline
    proofs: ProofStates
    accounts: Accounts
    audit: AuditLog

    def named(self, question: Question) -> tuple[str, ...]:
        """Return what to search for: of a token that somebody pasted, what the trail keeps of it.

        No living token becomes an address: of what may be one the trail must know either form,
        or InvalidField is raised.
        """
        return tuple(
            self._named(term, question) if may_be_token(term) else term for term in question.terms
        )

    def search(
        self,
        session: AnalystSession,
        question: Question,
        *,
        before: str | None,
        after: str | None,
    ) -> Slice:
        """Return a page of the events that answer the question."""
        query = structure(question, "older" if before else "newer" if after else None)
        self.audit.record(ConsoleViewed(page="timeline", query=query, **by(session)))
        return self.timeline.page(question, before=before, after=after)

    def event(self, session: AnalystSession, event_id: str) -> Shown | Gone:
        """Return one event with the state of its proof, or what is left of it; EventUnknown."""
        text, event = self.timeline.body(event_id), self.timeline.event(event_id)
        found: Shown | Gone | None
        if text is None or event is None:
            found = self.proofs.gone(event_id)
        else:
            found = Shown(event, self.proofs.of(event_id, text), text)
        if found is None:
            raise EventUnknown
        query = Query(event_id=event_id)
        self.audit.record(ConsoleViewed(page="event", query=query, **by(session)))
        return found

    def gone(self, terms: Sequence[str]) -> list[str]:
        """Return which of these name an event that the trail had, and no longer has."""
        return [
            term
            for term in terms
            if self.timeline.body(term) is None and self.proofs.store.position(term) is not None
        ]

    def person(
        self, session: AnalystSession, nir: Nir, motive: Motive, case: str
    ) -> tuple[str, ...]:
        """Return the pseudonyms of a number: of its account where it has one, and of its own.

        What happened before the account, or without one, stands under that of the number.
        """
        account, of_number = self.accounts.by_nir(nir), self.accounts.nir_subject(nir)
        subjects = (account.id, of_number) if account else (of_number,)
        self.audit.record(
            PersonLookedUp(subject=subjects[0], reason_code=str(motive), case=case, **by(session))
        )
        return tuple(map(self.audit.subject_ref, subjects))

    def _named(self, term: str, question: Question) -> str:
        for name in (term, digest(term)):
            if self.timeline.holds(name, question):
                return name
        raise InvalidField("terme.not_found")

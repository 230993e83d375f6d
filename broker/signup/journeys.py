"""Keeps each journey between its screens, in one browser, for a while after the last act."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from broker.base.clock import Clock
from broker.base.crypto import Secret, fingerprint, new_reference, new_token
from broker.base.db import Database
from broker.base.limits import Limits
from broker.base.tasks import Task
from broker.signup.machine import Step, Way, first
from broker.signup.model import Draft, OutOfOrder
from broker.signup.store import DraftStore

_PURGE_EVERY = 300.0  # seconds


@dataclass(frozen=True)
class Journeys:
    """Opens, finds, moves and erases drafts."""

    store: DraftStore
    limits: Limits
    db: Database
    clock: Clock

    def new(self, way: Way) -> tuple[Draft, Secret]:
        """Return an empty draft, not kept yet, and the cookie of its journey."""
        token = new_token()
        draft = Draft(id=fingerprint(token), reference=new_reference(), way=way, step=first(way))
        return draft, token

    def anew(self, begun: Draft) -> tuple[Draft, Secret]:
        """Return another draft, not kept yet, that has of *begun* the accepted terms alone.

        What was proved of one person must not serve the next one who is named.
        """
        draft, token = self.new(begun.way)
        return draft.done(Step.TERMS, terms_accepted_at=begun.terms_accepted_at), token

    def keep(self, draft: Draft, browser: str) -> None:
        """Keep a new draft; belongs in a transaction."""
        self.store.add(draft, browser, self._end())

    def current(self, cookie: Secret | None, browser: str | None) -> Draft | None:
        """Return the journey of this browser, if it has one that is alive."""
        if cookie is None or browser is None:
            return None
        return self.store.get(fingerprint(cookie), browser, self.clock())

    def at(self, step: Step, cookie: Secret | None, browser: str | None, entry: Way) -> Draft:
        """Return the journey, which must have come to *step*; OutOfOrder otherwise.

        Without a journey the first step of *entry* is due.
        """
        draft = self.current(cookie, browser)
        if draft is None:
            raise OutOfOrder(first(entry))
        draft.require(step)
        return draft

    def move(self, before: Draft, after: Draft) -> None:
        """Write a step that was done; OutOfOrder when another tab was faster."""
        with self.db.transaction():
            if not self.store.save(after, self._end(), after=before.step):
                raise OutOfOrder(self.store.step_of(before.id) or first(before.way))

    def cancel(self, cookie: Secret | None) -> None:
        """Erase the journey."""
        if cookie is not None:
            with self.db.transaction():
                self.store.remove(fingerprint(cookie))

    def tasks(self) -> tuple[Task, ...]:
        """Return the background work: erasing expired journeys."""
        return (Task("sign-up drafts purge", _PURGE_EVERY, self._purge),)

    def _purge(self) -> int:
        with self.db.transaction():
            return self.store.purge(self.clock())

    def _end(self) -> datetime:
        return self.clock() + timedelta(seconds=self.limits.journey_life)

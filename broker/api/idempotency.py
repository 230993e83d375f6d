"""Idempotency keys (draft-ietf-httpapi-idempotency-key-header): asked again, answered the same."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta

from broker.api.model import Answer, Claim, KeyInUse, KeyReused, read_key
from broker.api.store import AnswerStore
from broker.base.clock import Clock
from broker.base.crypto import KeyedHash
from broker.base.db import Database
from broker.base.tasks import Task

_KEPT = timedelta(hours=24)
_LEASE = timedelta(minutes=1)
"""After which a request without an answer is taken for one whose process died."""


@dataclass(frozen=True)
class Idempotency:
    """Gives the first answer again to whoever repeats a request under the same key.

    Digests are keyed: a body holds a NIR, which a bare digest would let anybody find by trying.
    """

    store: AnswerStore
    marks: KeyedHash
    db: Database
    clock: Clock

    def claim(self, key: str, journey: str, path: str, body: bytes) -> Claim | Answer:
        """Return the right to do it, or the answer of who did; KeyReused, KeyInUse otherwise.

        A key is one journey's: another journey's token makes another key of it.
        """
        now = self.clock()
        claim = Claim(self.marks.digest("key", f"{journey}\x00{read_key(key)}"), now + _LEASE)
        asked = self.marks.digest("request", f"{path}\x00{hashlib.sha256(body).hexdigest()}")
        with self.db.transaction():
            if self.store.claim(claim, asked, now):
                return claim
            found = self.store.find(claim.id)
        if found is None or found == (asked, None):
            raise KeyInUse
        request, answer = found
        if request != asked or answer is None:
            raise KeyReused
        return answer

    def settle(self, claim: Claim, answer: Answer) -> None:
        """Keep an answer that stays; free the key after a wait or a fault, to be tried again."""
        with self.db.transaction():
            if answer.is_final:
                self.store.keep(claim, answer, self.clock() + _KEPT)
            else:
                self.store.release(claim)

    def tasks(self) -> tuple[Task, ...]:
        """Return the background work: erasing what has expired."""
        return (Task("API answers purge", 600, self._purge),)

    def _purge(self) -> int:
        with self.db.transaction():
            return self.store.purge(self.clock())

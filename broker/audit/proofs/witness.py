"""A witness elsewhere (C2SP tlog-witness): it judges each checkpoint, and signs what it saw."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

import requests

from broker.audit.events import WitnessRefused
from broker.audit.log import AuditLog
from broker.audit.model import Actor
from broker.audit.proofs.evidence import Evidence, NotSigned
from broker.audit.sealing.cosignature import WitnessKey
from broker.audit.sealing.note import NoteRefused
from broker.audit.sealing.outside import Outside
from broker.audit.sealing.soundness import written
from broker.audit.sealing.tree_store import TreeStore
from broker.base.capped_http import Call, CallFailed, CappedAdapter, NoAnswer
from broker.base.clock import Clock
from broker.base.db import Database
from broker.base.metrics import Metrics
from broker.base.tasks import Task

_TOTAL = 10.0  # seconds of one call
_TAKEN, _CONFLICT = 200, 409
_AGAIN = timedelta(hours=1)  # after which the trail tells once more what still is so
_TURNS = 3  # other workers may tell it something newer between our question and our proof


class Refusal(StrEnum):
    """Why a checkpoint has no cosignature, as the trail tells it."""

    UNKNOWN_LOG = "unknown_log"
    UNKNOWN_KEY = "unknown_key"
    INCONSISTENT = "inconsistent"
    """The proof does not lead from what it knows to the checkpoint."""
    KNOWS_MORE = "knows_more"
    """It took more events than the trail has."""
    CONFLICT = "conflict"
    """It took another tree of that size."""
    BAD_COSIGNATURE = "bad_cosignature"
    UNEXPECTED = "unexpected"


_REFUSALS = {
    403: Refusal.UNKNOWN_KEY,
    404: Refusal.UNKNOWN_LOG,
    422: Refusal.INCONSISTENT,
}


class NotWitnessed(Exception):
    """The witness did not take the checkpoint; the next turn tries again."""

    def __init__(self, reason: Refusal) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Place:
    """Where a witness answers, and the key that it signs with."""

    address: str
    key: WitnessKey


@dataclass(frozen=True)
class Witness:
    """Gives the newest checkpoint with the proof that it goes on from what the witness knows.

    What it knows is not remembered here: it says so, so that any number of workers may tell it,
    and one that was down for a week misses no event. Nothing that it answers keeps the trail from
    being sealed and signed.
    """

    place: Place | None
    store: TreeStore
    outside: Outside | None
    audit: AuditLog
    metrics: Metrics
    db: Database
    clock: Clock

    def tasks(self) -> tuple[Task, ...]:
        """Return what must be done again and again, where there is a witness."""
        return (Task("witness", 30.0, self.give, apart=True),) if self.place else ()

    def give(self) -> int:
        """Give the newest checkpoint, keep its cosignature; return how many were taken.

        Raises NotWitnessed, of which the trail then tells, or CallFailed.
        """
        if self.place is None:
            return 0
        try:
            evidence = Evidence.newest(self.store)
        except NotSigned:
            return 0
        try:
            line = self._cosigned(self.place, evidence)
        except NotWitnessed as refused:
            self.metrics.witness(refused.reason)
            self._tell(self.place.key.name, evidence.checkpoint.size, refused.reason)
            raise
        except CallFailed:
            self.metrics.witness("unreachable")
            raise
        self.metrics.witness("cosigned")
        self._keep(evidence, line)
        return 1

    def _cosigned(self, place: Place, evidence: Evidence) -> str:
        """Return the line that the witness signs this checkpoint with."""
        answer = self._told(place, evidence)
        if answer.status_code != _TAKEN:
            raise NotWitnessed(_REFUSALS.get(answer.status_code, Refusal.UNEXPECTED))
        try:
            return place.key.cosignature(evidence.checkpoint.text, answer.text, self.clock())
        except NoteRefused:
            raise NotWitnessed(Refusal.BAD_COSIGNATURE) from None

    def _told(self, place: Place, evidence: Evidence) -> requests.Response:
        """Go on from what the witness says that it knows; it says so where we are wrong."""
        known = 0
        for _ in range(_TURNS):
            lines = (f"old {known}", *evidence.growth(known), "", evidence.note)
            answer = _posted(f"{place.address}/add-checkpoint", "\n".join(lines))
            if answer.status_code != _CONFLICT:
                return answer
            said = _size(answer)
            if said is None or said == known:
                raise NotWitnessed(Refusal.CONFLICT)
            if said > self.store.size():
                raise NotWitnessed(Refusal.KNOWS_MORE)
            if said > evidence.checkpoint.size:
                break
            known = said
        raise NoAnswer("another worker told it something newer")

    def _keep(self, evidence: Evidence, line: str) -> None:
        """Keep the first cosignature of a checkpoint: another one only has another time."""
        with self.db.transaction():
            self.store.add_cosignature(evidence.number, line)
        if self.outside:
            self.outside.publish_cosigned(evidence.checkpoint, evidence.note + line)

    def _tell(self, name: str, size: int, reason: Refusal) -> None:
        """Record a refusal, unless the trail tells it already: each reason once an hour."""
        with self.db.transaction():
            rows = self.store.refusals(self.clock() - _AGAIN)
            told = written(self.audit, rows, WitnessRefused.type)
            if any((each["actor"]["ref"], each["reason_code"]) == (name, reason) for each in told):
                return
            actor = Actor(kind="system", ref=name)
            self.audit.record(WitnessRefused(actor=actor, size=size, reason_code=str(reason)))


def _posted(address: str, text: str) -> requests.Response:
    def post() -> requests.Response:
        with requests.Session() as session:
            session.mount("https://", CappedAdapter())
            session.mount("http://", CappedAdapter())
            return session.post(address, data=text.encode(), allow_redirects=False)

    answer = Call(_TOTAL).run(post)
    answer.encoding = "utf-8"
    return answer


def _size(answer: requests.Response) -> int | None:
    """Return the size that the witness says that it knows; None: it says nothing of the kind."""
    text = answer.text.removesuffix("\n")
    is_size = text.isascii() and text.isdigit() and len(text) < 20  # noqa: PLR2004 - 64 bits
    return int(text) if is_size else None

"""A witness elsewhere (C2SP tlog-witness): it judges each checkpoint, and signs what it saw."""

from dataclasses import dataclass

import requests

from broker.audit.evidence import Evidence, NotSigned
from broker.audit.tree_store import TreeStore
from broker.base.capped_http import Call, CappedAdapter
from broker.base.tasks import Task

_TOTAL = 10.0  # seconds of one call
_TAKEN, _KNOWS_OTHERS = 200, 409
_SIGNED = "— "  # begins each line of a signature (C2SP signed-note)


class NotWitnessed(Exception):
    """The witness did not take the checkpoint; the next turn tries again."""


@dataclass(frozen=True)
class Witness:
    """Gives the newest checkpoint with the proof that it goes on from what the witness knows.

    Nothing is remembered here: the witness says what it knows, so that any number of workers may
    tell it, and one that was down for a week misses no event.
    """

    address: str | None
    store: TreeStore

    def tasks(self) -> tuple[Task, ...]:
        """Return what must be done again and again, where there is a witness."""
        return (Task("witness", 30.0, self.give, apart=True),) if self.address else ()

    def give(self) -> int:
        """Give the newest checkpoint; return how many were taken. NotWitnessed or CallFailed."""
        try:
            evidence = Evidence.newest(self.store)
        except NotSigned:
            return 0
        answer = self._told(evidence, 0)
        if answer.status_code == _KNOWS_OTHERS:
            answer = self._told(evidence, _size(answer))
        if answer.status_code != _TAKEN or not answer.text.startswith(_SIGNED):
            raise NotWitnessed(f"answered {answer.status_code}")
        return 1

    def _told(self, evidence: Evidence, known: int) -> requests.Response:
        if known > evidence.checkpoint.size:
            raise NotWitnessed(f"it knows {known} events, the trail has less")
        lines = (f"old {known}", *evidence.growth(known), "", evidence.note)
        body = "\n".join(lines).encode()
        return Call(_TOTAL).run(lambda: _posted(f"{self.address}/add-checkpoint", body))


def _posted(address: str, body: bytes) -> requests.Response:
    with requests.Session() as session:
        session.mount("https://", CappedAdapter())
        session.mount("http://", CappedAdapter())
        answer = session.post(address, data=body, allow_redirects=False)
    answer.encoding = "utf-8"
    return answer


def _size(answer: requests.Response) -> int:
    text = answer.text.removesuffix("\n")
    if not (text.isascii() and text.isdigit() and len(text) < 20):  # noqa: PLR2004 - 64 bits
        raise NotWitnessed("it does not say what it knows")
    return int(text)

"""Looking up what came of a login: the question itself is kept."""

from dataclasses import dataclass
from typing import Any

from broker.audit.events import LineageRead
from broker.audit.lineage.growth import Node, tree
from broker.audit.lineage.lineage_store import LineageStore, in_address
from broker.audit.log import AuditLog
from broker.audit.model import Actor, Motive, Outcome


@dataclass(frozen=True)
class Lineage:
    """The trees that an identifier led to; none where the trail knows nothing of it."""

    roots: tuple[Node, ...]
    whole: bool

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {"whole": self.whole, "roots": [root.as_json() for root in self.roots]}


@dataclass(frozen=True)
class Lineages:
    """What a security analyst asks of anything that was reported."""

    store: LineageStore
    audit: AuditLog

    def name(self, identifier: str) -> str:
        """Return what may be written down in its place: no token and no code is."""
        return in_address(identifier.strip(), self.store)

    def read(self, identifier: str, *, actor: Actor, reason: str) -> Lineage:
        """Return what hangs together with whatever the identifier names."""
        found = self.store.find(identifier)
        logins = {event["auth_event_id"] for event in found.events if "auth_event_id" in event}
        self.audit.record(
            LineageRead(
                actor=actor,
                outcome=None if found.events else Outcome.FAILURE,
                reason_code=None if found.events else "unknown",
                after=Motive(reason=reason),
                logins=tuple(sorted(logins)),
                events=len(found.events),
            )
        )
        return Lineage(tree(found.events, found.names), found.whole)

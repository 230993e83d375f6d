"""FranceConnect as one thing that can be cut: nothing that was on its way comes back later."""

from dataclasses import dataclass

from broker.audit.model import Actor
from broker.base.clock import Clock
from broker.base.db import Database
from broker.franceconnect.store import RoundTripStore
from broker.franceconnect.switches import FRANCECONNECT, Switches


@dataclass(frozen=True)
class Leg:
    """Closes the way over FranceConnect; `Switches` opens it again."""

    store: RoundTripStore
    switches: Switches
    db: Database
    clock: Clock

    def is_open(self) -> bool:
        """Tell whether anybody may leave for FranceConnect."""
        return all(each.enabled for each in self.switches.list() if each.name == FRANCECONNECT)

    def under_way(self) -> int:
        """Count the departures and identities that may still lead to a login."""
        return self.store.under_way(self.clock())

    def close(self, actor: Actor, reason: str) -> None:
        """Switch it off and forget what is under way; joins the caller's transaction."""
        with self.db.transaction():
            self.switches.disable(
                FRANCECONNECT, operator=str(actor.ref), reason=reason, kind=actor.kind
            )
            self.store.drop_under_way()

"""What every kind of cut can do: find its target, count what stands of it, end it."""

from typing import Protocol

from broker.audit.model import Actor
from broker.cuts.model import Counts, Target
from broker.oidc.grants.model import GrantsReached
from broker.sessions.model import Reached

REASON = "cut"
"""What the trail gives as the reason of each end."""


class Effect(Protocol):
    """One kind of cut; the acts are those of the capabilities that own them."""

    def find(self, name: str) -> Target:
        """Return the target of that name; TargetUnknown."""

    def count(self, target: Target) -> Counts:
        """Count what stands of it now, each number by one query."""

    def end(self, target: Target, actor: Actor, reason: str) -> None:
        """End it, in the caller's transaction; what is over already is harmless."""


def counted(sessions: Reached | None, grants: GrantsReached) -> Counts:
    """Return the numbers of sessions and grants in the words of a cut."""
    return Counts(
        **(vars(sessions) if sessions else {}),
        codes=grants.codes,
        families=grants.families,
        holders=grants.people,
        partners=grants.partners,
    )

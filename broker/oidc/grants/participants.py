"""Who takes part in what a person does: the partners with a grant that is good now."""

from collections.abc import Mapping
from dataclasses import dataclass

from broker.base.clock import Clock
from broker.oidc.grants.participant_store import ParticipantStore
from broker.sessions.model import Session

Participation = Mapping[str, frozenset[str]]
"""The scopes that each partner was granted, by client_id."""


@dataclass(frozen=True)
class Participants:
    """Asked before anything ends: what is revoked counts no more."""

    store: ParticipantStore
    clock: Clock

    def of_account(self, account_id: str) -> Participation:
        """Return the partners that hold something of a person."""
        return self.store.of_account(account_id, self.clock())

    def of_session(self, session: Session) -> Participation:
        """Return the partners that hold something of one session."""
        return self.store.of_session(session.account_id, session.sid, self.clock())

    def people_of(self, client_id: str) -> list[str]:
        """Return the accounts of which a partner holds something."""
        return self.store.people_of(client_id, self.clock())

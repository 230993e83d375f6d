"""Ends families: all that came of one authorization, in one statement, whatever asks for it."""

from collections.abc import Iterable
from dataclasses import dataclass

from broker.audit.log import AuditLog
from broker.audit.model import TokenFacts
from broker.base.clock import Clock
from broker.base.db import Database
from broker.base.metrics import Metrics
from broker.oidc.grants import facts
from broker.oidc.grants.events import TokenRevoked
from broker.oidc.grants.model import Grant, GrantReach, GrantsReached
from broker.oidc.grants.store import GrantStore
from broker.sessions.model import Session


@dataclass(frozen=True)
class Families:
    """Each method joins the caller's transaction; ending what is over is harmless."""

    grants: GrantStore
    audit: AuditLog
    metrics: Metrics
    db: Database
    clock: Clock

    def end(self, grant: Grant, reason: str) -> None:
        """End one family: its code, its refresh token, its access tokens."""
        with self.db.transaction():
            self._record(self.grants.revoke(grant.code_digest, self.clock()), reason)

    def hold(self, session: Session) -> None:
        """Wait for partners that just use what they hold of the person; then none does.

        Belongs before anything that ends some of it in steps: whoever ends some of it meanwhile
        waits too, and no two wait for each other.
        """
        self.grants.hold(session.account_id, self.clock())

    def end_codes(self, session: Session, reason: str) -> None:
        """End the codes of a session that were not redeemed."""
        with self.db.transaction():
            ended = self.grants.revoke_codes(session.account_id, session.sid, self.clock())
            self._record(ended, reason)

    def end_of_session(self, session: Session, reason: str) -> None:
        """End what the person's logins in that browser gave, but for redeemed offline access."""
        with self.db.transaction():
            ended = self.grants.revoke_login(session.account_id, session.browser, self.clock())
            self._record(ended, reason)

    def end_of_account(self, account_id: str, reason: str) -> None:
        """End everything that partners hold of an account, offline access included."""
        with self.db.transaction():
            self._record(self.grants.revoke_account(account_id, self.clock()), reason)

    def end_of_client(self, account_id: str, client_id: str, reason: str) -> None:
        """End everything that one partner holds of an account."""
        with self.db.transaction():
            self._record(self.grants.revoke_client(account_id, client_id, self.clock()), reason)

    def end_within(self, reach: GrantReach, reason: str) -> None:
        """End all that is meant, offline access included."""
        with self.db.transaction():
            self._record(self.grants.revoke_within(reach, self.clock()), reason)

    def count(self, reach: GrantReach) -> GrantsReached:
        """Count what is good now of all that is meant."""
        return self.grants.within(reach, self.clock())

    def parties(self, family_id: str) -> tuple[str, str] | None:
        """Return whose family that is, and which partner's; None where none is kept."""
        return self.grants.parties(family_id)

    def _record(self, ended: Iterable[Grant], reason: str) -> None:
        events = [
            TokenRevoked(
                **facts.about(grant),
                reason_code=reason,
                token=TokenFacts(
                    kind="family", family_id=grant.family_id, generation=grant.generation
                ),
            )
            for grant in ended
        ]
        if events:
            self.audit.record(*events)
            self.metrics.families_ended(reason, len(events))

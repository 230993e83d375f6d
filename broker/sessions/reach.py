"""Sessions and waiting logins as a cut sees them: those of one login, or everybody's."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from broker.audit.log import AuditLog
from broker.base.clock import Clock
from broker.base.limits import Limits
from broker.sessions.events import SessionEnded
from broker.sessions.model import Reach, Reached, Session
from broker.sessions.reach_store import ReachStore


@dataclass(frozen=True)
class SessionReach:
    """Counts what a cut would end, and ends it; each joins the caller's transaction."""

    store: ReachStore
    limits: Limits
    audit: AuditLog
    clock: Clock

    def holder(self, auth_event_id: str) -> str | None:
        """Return whose login it was, or would be once its code is given; None: none is kept."""
        return self.store.holder(auth_event_id)

    def count(self, reach: Reach) -> Reached:
        """Count the sessions that are good now, their people, and the waiting logins."""
        now = self.clock()
        sessions, people = self.store.sessions(
            reach,
            seen_after=now - timedelta(seconds=self.limits.session_idle_life),
            created_after=now - timedelta(seconds=self.limits.session_life),
        )
        waiting = self.store.waiting(
            reach, created_after=now - timedelta(seconds=self.limits.login_request_life)
        )
        return Reached(sessions=sessions, people=people, waiting=waiting)

    def end(self, reach: Reach, reason: str) -> Sequence[Session]:
        """End them; the caller ends what partners hold of the sessions that are returned."""
        self.store.drop_attempts(reach)
        ended = self.store.end(reach, reason, self.clock())
        if ended:
            self.audit.record(
                *(
                    SessionEnded(
                        subject=session.account_id,
                        auth_event_id=session.auth_event_id,
                        session_ref=session.sid,
                        reason_code=reason,
                    )
                    for session in ended
                )
            )
        return ended

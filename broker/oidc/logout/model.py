"""What a partner is told when a session ends: a notice that waits until it is delivered."""

from dataclasses import dataclass
from datetime import datetime

from broker.base.due import next_call


@dataclass(frozen=True, kw_only=True)
class LogoutNotice:
    """One call to make: one partner, one session there; without ``sid``, all of the person's."""

    id: str
    client_id: str
    account_id: str
    sid: str | None
    auth_event_id: str | None
    reason: str
    """Why the session ended, for the trail."""
    created_at: datetime
    expires_at: datetime
    attempts: int = 0

    def next_try(self, now: datetime) -> datetime:
        """Return when to try again: soon at first, because somebody may still be there."""
        return next_call(now, self.attempts)

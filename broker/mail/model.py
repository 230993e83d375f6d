"""A mail that waits, and how it can end."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from broker.base.crypto import Secret

_RETRIES = (30, 60, 120, 240, 480, 960, 1_800)  # seconds; the last one repeats


class State(StrEnum):
    """Where a mail is."""

    DUE = "due"
    SENT = "sent"
    REFUSED = "refused"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


@dataclass(frozen=True, kw_only=True)
class Mail:
    """One mail; ``content`` is the whole message as it goes to the server."""

    id: str
    kind: str
    about: str | None
    """The account that it is about."""
    reference: str | None
    """The reference that it shows, of a login or of another act."""
    message_id: str
    recipient: Secret
    content: Secret
    created_at: datetime
    expires_at: datetime | None
    attempts: int = 0

    def is_expired(self, now: datetime) -> bool:
        """Whether what it says is no longer true: then nobody must receive it."""
        return self.expires_at is not None and self.expires_at <= now

    def next_try(self, now: datetime) -> datetime:
        """Return when to try again: soon at first, because a code lives ten minutes."""
        return now + timedelta(seconds=_RETRIES[min(self.attempts, len(_RETRIES)) - 1])

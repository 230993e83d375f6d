"""A security event on its way to one partner, and the state of that partner's stream."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from http import HTTPStatus
from typing import Any

from broker.base.crypto import Secret, fingerprint
from broker.base.due import next_call
from broker.oidc.errors import OAuthError

VERIFICATION = "verification"
LONGEST_TEXT = 255  # characters of a state or a reason that a partner gives


class Status(StrEnum):
    """SSF 1.0 §8.1.2: sent, held for later, or neither."""

    ENABLED = "enabled"
    PAUSED = "paused"
    DISABLED = "disabled"


class StreamUnknown(OAuthError):
    """SSF 1.0 §8.1: the client has no stream of that id."""

    error = "not_found"
    status = HTTPStatus.NOT_FOUND

    def __init__(self) -> None:
        super().__init__("this client has no stream of that stream_id")


@dataclass(frozen=True)
class StreamState:
    """What a stream does now; ``reason`` is the partner's, who set it so."""

    status: Status = Status.ENABLED
    reason: str | None = None


@dataclass(frozen=True)
class Waiting:
    """How much one partner has not taken yet, and since when the first of it waits."""

    client_id: str
    count: int
    oldest: datetime


@dataclass(frozen=True, kw_only=True)
class Signal:
    """One event to tell one partner, by its own token (RFC 8417), which is the same at each try.

    ``account_id``: whom it is about; None, the stream itself. ``sid``: that session alone.
    """

    id: str
    """Its ``jti``, in the order of what happened (UUIDv7)."""
    client_id: str
    kind: str
    details: Mapping[str, Any]
    txn: str
    created_at: datetime
    expires_at: datetime
    account_id: str | None = None
    sid: str | None = None
    address: Secret | None = field(default=None, repr=False)
    """The e-mail address that names the person, where the event is about that very name."""
    attempts: int = 0

    def next_try(self, now: datetime) -> datetime:
        """Return when to try again."""
        return next_call(now, self.attempts)


def stream_id(client_id: str) -> str:
    """Return the id of the one stream of a client: steady, and safe in any address."""
    return fingerprint(f"ssf stream of {client_id}").hex()[:32]

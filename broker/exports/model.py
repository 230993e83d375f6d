"""What a sink is, how far it has got, and when it is tried again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Protocol

from broker.audit.sealing.sealed import Sealed
from broker.base.errors import Refusal

LATE = timedelta(minutes=15)  # behind: what operators are told
LEASE = timedelta(minutes=3)  # for one batch: several times what any sink may take
_RETRIES = (5, 15, 60, 300, 900)  # seconds; the last one repeats


class SinkUnknown(Refusal):
    """The settings name no such sink."""

    code = "sink-unknown"
    status = HTTPStatus.NOT_FOUND


class SinkBusy(Refusal):
    """A worker is sending to the sink at this moment."""

    code = "sink-busy"
    status = HTTPStatus.CONFLICT


class PositionUnknown(Refusal):
    """The trail has not got that far."""

    code = "position-unknown"
    status = HTTPStatus.NOT_FOUND


class Sink(Protocol):
    """A receiver of the trail."""

    @property
    def most(self) -> int:
        """How many events it takes at once."""
        ...

    @property
    def every(self) -> float:
        """Seconds between two looks at what it lacks."""
        ...

    def ready(self, events: Sequence[Sealed], now: datetime) -> int:
        """Return how many of the events, from the first on, shall be sent now."""

    def send(self, events: Sequence[Sealed]) -> None:
        """Hand the events over for good, or raise CallFailed: they are then sent again."""


@dataclass(frozen=True)
class Progress:
    """How far a sink has got; whoever is ``holder`` sends to it."""

    sink: str
    position: int
    """Of the first event that it has not accepted yet."""
    due_at: datetime
    holder: str | None = None
    held_until: datetime | None = None
    failures: int = 0
    reason: str | None = None

    def is_free(self, now: datetime) -> bool:
        """Tell whether a worker may send now."""
        return self.due_at <= now and (self.held_until is None or self.held_until <= now)

    def next_try(self, now: datetime) -> datetime:
        """Return when to try again after one more failure."""
        return now + timedelta(seconds=_RETRIES[min(self.failures, len(_RETRIES) - 1)])


@dataclass(frozen=True)
class Lag:
    """How far a sink is behind the sealed trail."""

    sink: str
    position: int
    events: int
    seconds: float
    failures: int
    reason: str | None

    @property
    def is_late(self) -> bool:
        """Whether somebody should look after it."""
        return self.seconds > LATE.total_seconds()

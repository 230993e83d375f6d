"""Notices that the clock of this machine and that of the database server differ."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

import structlog
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from broker.base.clock import Clock
from broker.base.db import Database
from broker.base.tasks import Task

_OFF = timedelta(seconds=1)
_WRONG = timedelta(seconds=5)  # half of what FranceConnect's tokens and assertions bear
_THEIRS = text("SELECT extract(epoch FROM clock_timestamp())")
_EVERY = 60  # seconds
log = structlog.get_logger()


class ClockState(StrEnum):
    """How far the two are apart."""

    OK = "ok"
    OFF = "off"
    WRONG = "wrong"


@dataclass(eq=False)
class ClockDrift:
    """Compares, and never sets right: business time stays the application's clock.

    Which of the two is wrong, only a third one tells. SQLite has the clock of this machine.
    """

    db: Database
    clock: Clock
    told: ClockState = field(default=ClockState.OK, init=False)

    @property
    def has_another(self) -> bool:
        """Whether the database has a clock of its own."""
        return self.db.engine.dialect.name == "postgresql"

    def measure(self) -> timedelta:
        """Return by how much this machine is ahead; the way there and back counts by half."""
        before = self.clock()
        theirs = float(self.db.scalar(_THEIRS))
        after = self.clock()
        ours = before.timestamp() + (after - before).total_seconds() / 2
        return timedelta(seconds=ours - theirs)

    def state(self) -> ClockState:
        """Tell how far apart they are now."""
        return _state_of(self.measure())

    def judged(self) -> tuple[str, bool]:
        """Return the rule, and whether it is met here."""
        if not self.has_another:
            return "SQLite has no other clock to compare this machine's with", True
        met = self.state() is ClockState.OK
        return "this machine's clock is within a second of the database's", met

    def tasks(self) -> tuple[Task, ...]:
        """Return the background work."""
        return (Task("clock", _EVERY, self.check),) if self.has_another else ()

    def check(self) -> int:
        """Log a clock that went wrong, or is right again, once."""
        ahead = self.measure()
        state, before = _state_of(ahead), self.told
        self.told = state
        if state is not before:
            tell = {ClockState.OK: log.info, ClockState.OFF: log.warning}.get(state, log.error)
            tell("clocks differ", state=state, ahead_seconds=round(ahead.total_seconds(), 3))
        return 0


@dataclass(frozen=True)
class DriftMetrics(Collector):
    """The difference, measured when somebody asks; no value without another clock or database."""

    drift: ClockDrift

    def describe(self) -> Iterable[GaugeMetricFamily]:
        """Name the metric without asking the database."""
        return (_family(),)

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield the seconds; the metric has no label."""
        if not self.drift.has_another:
            return
        try:
            ahead = self.drift.measure()
        except SQLAlchemyError:
            return
        family = _family()
        family.add_metric([], ahead.total_seconds())
        yield family


def _state_of(ahead: timedelta) -> ClockState:
    apart = abs(ahead)
    if apart >= _WRONG:
        return ClockState.WRONG
    return ClockState.OFF if apart >= _OFF else ClockState.OK


def _family() -> GaugeMetricFamily:
    return GaugeMetricFamily(
        "broker_clock_ahead_seconds", "By how much this node is ahead of the database's clock"
    )

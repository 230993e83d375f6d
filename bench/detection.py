"""What it costs to hold the rules of detection against a day on which nobody attacks."""

import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.normal_day import Act, NormalDay
from bench.table import Table
from bench.workshop import migrated, postgres
from broker.app import create_app
from broker.audit.log import AuditLog
from broker.audit.sealing.sealer import Sealer
from broker.base.settings import load_settings
from broker.detection.detection import Detection

_BEGIN = datetime(2026, 3, 2, tzinfo=UTC)
_MOST = 100_000  # people, where a larger register is asked for
_TURN = timedelta(minutes=10)
_AT_ONCE = 500  # acts of one transaction
_COLUMNS = ("", "events", "events/s", "slowest turn, s", "alerts")


@dataclass
class Hand:
    """The hand of the clock."""

    now: datetime

    def __call__(self) -> datetime:
        """Tell the time."""
        return self.now


@dataclass(frozen=True)
class Replayed:
    """An application whose trail is written from acts."""

    services: dict[type, object]
    hand: Hand

    def write(self, acts: Sequence[Act]) -> int:
        """Record the acts at their own time; return how many events they were."""
        log = self.services[AuditLog]
        assert isinstance(log, AuditLog)
        rows = []
        for act in acts:
            self.hand.now = act.moment
            there = replace(log, here=lambda act=act: act.origin)  # type: ignore[misc]
            rows += there.ready(act.events)
        for first in range(0, len(rows), _AT_ONCE):
            log.append(rows[first : first + _AT_ONCE])
        return len(rows)

    def seal(self) -> None:
        """Give what was written its place."""
        sealer = self.services[Sealer]
        assert isinstance(sealer, Sealer)
        sealer.seal()

    @property
    def detection(self) -> Detection:
        """The rules."""
        found = self.services[Detection]
        assert isinstance(found, Detection)
        return found


def turns(day: NormalDay) -> Iterator[tuple[datetime, list[Act]]]:
    """Yield what happens between two turns of the worker, with the end of that time."""
    waiting, until = [], day.begin + _TURN
    for act in day.acts():
        while act.moment >= until:
            yield until, waiting
            waiting, until = [], until + _TURN
        waiting.append(act)
    yield until, waiting


def replay(replayed: Replayed, day: NormalDay, measured: Callable[[float], None]) -> int:
    """Let a day pass turn by turn; return how many events the rules saw."""
    replayed.write(list(day.before()))
    replayed.hand.now = day.begin
    replayed.seal()
    replayed.detection.evaluate()
    seen = 0
    for until, acts in turns(day):
        replayed.write(acts)
        replayed.hand.now = until
        replayed.seal()
        started = time.perf_counter()
        seen += replayed.detection.evaluate()
        measured(time.perf_counter() - started)
    return seen


def measure(folder: Path, size: int) -> Iterable[Table]:
    """Give the events a second and the slowest turn, on each database."""
    people = min(size, _MOST)
    with postgres(folder) as server:
        urls = {
            "SQLite": migrated(f"sqlite:///{folder / 'broker.db'}"),
            "PostgreSQL": server.database("detection"),
        }
        rows = [(name, *_measured(url, people)) for name, url in urls.items()]
    notes = ("alerts: what the rules say of a day without an attack, by rule",)
    yield Table(f"A normal day of {people:,} people, ten minutes a turn", _COLUMNS, rows, notes)


def _measured(url: str, people: int) -> tuple[object, ...]:
    hand, took = Hand(_BEGIN), []  # type: ignore[var-annotated]
    settings = load_settings({**os.environ, "BROKER_PROFILE": "test", "BROKER_DATABASE_URL": url})
    services = create_app(settings, clock=hand).extensions["broker"]
    events = replay(Replayed(services, hand), NormalDay(people, _BEGIN), took.append)
    alerts = Counter(alert.rule for alert in services[Detection].every())
    told = ", ".join(f"{count} {rule}" for rule, count in alerts.items()) or "none"
    return events, round(events / sum(took)), max(took), told

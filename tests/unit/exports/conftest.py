"""A trail, and receivers of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import pytest
from flask import Flask

from broker.audit.sealing.sealed import Sealed, SealedEvents
from broker.base.capped_http import NoAnswer
from broker.base.db import Database
from broker.exports.exports import Exports
from broker.exports.store import ExportStore
from broker.foundation import Foundation
from tests.unit.audit.conftest import Trail, outside, trail

__all__ = ["outside", "trail"]


@dataclass
class Basket:
    """A sink that keeps what it is handed; while it is ``down`` it accepts nothing."""

    most: int = 3
    every: float = 1.0
    down: bool = False
    kept: list[Sealed] = field(default_factory=list)

    def ready(self, events: Sequence[Sealed], _now: datetime) -> int:
        return len(events)

    def send(self, events: Sequence[Sealed]) -> None:
        if self.down:
            raise NoAnswer("unreachable")
        self.kept += events

    @property
    def positions(self) -> list[int]:
        return [each.position for each in self.kept]


@pytest.fixture
def basket() -> Basket:
    return Basket()


@pytest.fixture
def exports(app: Flask, basket: Basket) -> Exports:
    return replace(app.extensions["broker"][Exports], sinks={"siem": basket})


@pytest.fixture
def another_exporter(app: Flask, exports: Exports) -> Callable[[], Exports]:
    """Return a function that makes the exporter of another process."""

    def make() -> Exports:
        foundation: Foundation = app.extensions["broker"][Foundation]
        db = Database(foundation.db.engine)
        audit = replace(exports.audit, store=replace(exports.audit.store, db=db))
        return replace(exports, events=SealedEvents(db), store=ExportStore(db), audit=audit, db=db)

    return make


def sealed(trail: Trail, count: int) -> None:
    """Commit so many events more, and seal them."""
    trail.records(count)
    trail.sealer.seal()

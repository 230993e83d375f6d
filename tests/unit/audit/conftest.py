"""A trail of events, and the sealer above it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from flask import Flask

from broker.audit.log import AuditLog
from broker.audit.model import Actor
from broker.audit.sealing.checkpoint import Checkpoint
from broker.audit.sealing.outside import Outside
from broker.audit.sealing.sealer import Sealer
from broker.audit.sealing.tree_store import TreeStore
from broker.audit.store import EVENT
from broker.base.db import Database
from broker.foundation import Foundation
from broker.keys.events import KeyRetired
from tests.conftest import FrozenClock


@dataclass(frozen=True)
class Trail:
    """What the tests say of a trail."""

    sealer: Sealer
    clock: FrozenClock

    @property
    def audit(self) -> AuditLog:
        return self.sealer.audit

    @property
    def db(self) -> Database:
        return self.sealer.db

    @property
    def store(self) -> TreeStore:
        return self.sealer.store

    def records(self, count: int) -> None:
        """Commit so many events, each a second after the one before."""
        for number in range(count):
            self.clock.advance(seconds=1)
            self.audit.record(event(number))

    def signs(self) -> Checkpoint:
        """Seal, and sign a minute later."""
        self.clock.advance(minutes=1)
        self.sealer.seal()
        assert self.sealer.sign_when_due() == 1
        return self.newest()

    def newest(self) -> Checkpoint:
        found = self.sealer.newest()
        assert found
        return found

    def sealed(self) -> list[str]:
        """Return the ids of the sealed events, in the order of the tree."""
        return [row[0] for row in self.asks("SELECT event_id FROM audit_leaf ORDER BY position")]

    def recorded(self) -> list[str]:
        return [row.event_id for row in self.db.all(EVENT.select().order_by(EVENT.c.event_id))]

    def asks(self, statement: str) -> list[tuple]:
        """Ask the database in its own words, as its administrator can."""
        with self.db.transaction() as transaction:
            return [tuple(row) for row in transaction.driver.execute(statement).fetchall()]

    def tampers(self, *statements: str) -> None:
        """Change the database as its administrator can."""
        with self.db.transaction() as transaction:
            for statement in statements:
                transaction.driver.execute(statement)


def event(number: int) -> KeyRetired:
    """Return some event."""
    return KeyRetired(actor=Actor(kind="admin", ref="test"), before=f"ES256 {number}")


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    folder = tmp_path / "outside"
    folder.mkdir()
    return folder


@pytest.fixture
def trail(app: Flask, clock: FrozenClock, outside: Path) -> Trail:
    sealer = app.extensions["broker"][Sealer]
    return Trail(replace(sealer, outside=Outside(outside)), clock)


@pytest.fixture
def another_worker(app: Flask, trail: Trail) -> Callable[[], Sealer]:
    """Return a function that makes the sealer of another process: its connections are its own."""

    def make() -> Sealer:
        foundation: Foundation = app.extensions["broker"][Foundation]
        db = Database(foundation.db.engine)
        return replace(trail.sealer, db=db, store=TreeStore(db))

    return make

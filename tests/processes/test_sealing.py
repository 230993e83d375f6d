"""Workers seal the trail together; one that is killed in the middle leaves nothing half done."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
import pytest

from broker.app import create_app
from broker.audit.model import Actor
from broker.audit.proofs.verification import Verification
from broker.foundation import Foundation
from broker.keys.events import KeyRetired
from tests.conftest import ROOT, test_settings

pytestmark = pytest.mark.processes
_EVENTS = 6_000  # more than one transaction of the sealer
_SLOW = """
CREATE FUNCTION slow_down() RETURNS trigger AS $$
BEGIN PERFORM pg_sleep(5); RETURN NULL; END $$ LANGUAGE plpgsql;
CREATE TRIGGER slow AFTER INSERT ON audit_leaf FOR EACH STATEMENT EXECUTE FUNCTION slow_down();
"""


@dataclass
class Trail:
    """Events in a database, and workers on it."""

    url: str
    verification: Verification
    owner: psycopg.Connection

    def worker(self) -> subprocess.Popen[bytes]:
        """Start a worker that does once what is due."""
        environment = {k: v for k, v in os.environ.items() if not k.startswith("BROKER_")}
        environment["BROKER_SETTINGS"] = str(ROOT / "config/test.toml")
        environment["BROKER_DATABASE_URL"] = self.url
        command = [sys.executable, "-m", "broker", "worker", "--once"]
        return subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)

    def count(self, statement: str) -> int:
        row = self.owner.execute(statement).fetchone()
        return row[0] if row else 0


@pytest.fixture
def trail(postgres) -> Iterator[Trail]:
    url = postgres.new_database()
    services = create_app(test_settings(url)).extensions["broker"]
    audit, db = services[Foundation].audit, services[Foundation].db
    event = KeyRetired(actor=Actor(kind="admin", ref="test"), before="ES256 old")
    audit.append(audit.ready([event] * _EVENTS))
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as owner:
        yield Trail(url, services[Verification], owner)
    db.engine.dispose()


def test_workers_seal_together_after_one_was_killed_in_the_middle(trail):
    trail.owner.execute(_SLOW)
    killed = trail.worker()
    asleep = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
    deadline = time.monotonic() + 60
    while not trail.count(asleep):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    trail.owner.execute("DROP TRIGGER slow ON audit_leaf")  # waits for the end of what it began
    left = trail.count("SELECT count(*) FROM audit_leaf")

    workers = [trail.worker() for _ in range(3)]
    ended = [worker.wait() for worker in workers]

    report = trail.verification.run()
    events = trail.count("SELECT count(*) FROM audit_event")
    assert left == 0
    assert ended == [0, 0, 0]
    assert report.flaws == []
    assert report.size == report.agreed
    assert _EVENTS <= report.size <= events
    assert trail.count("SELECT count(*) FROM audit_checkpoint") == 1

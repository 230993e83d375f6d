"""In PostgreSQL, as deployed: nodes add events, workers keep the trail, nobody changes one."""

from datetime import UTC, datetime

import psycopg
import pytest
from sqlalchemy.exc import ProgrammingError

from broker.accounts.events import AccountActivated
from broker.app import create_app
from broker.audit.holds import Holds
from broker.audit.log import AuditLog
from broker.audit.model import Actor
from broker.audit.purge import Purger
from broker.audit.sealer import Sealer
from broker.audit.verification import Verification
from broker.base.db import Database
from broker.foundation import Foundation
from broker.migration import migrate
from tests.conftest import FrozenClock, test_settings
from tests.support.edge_stack import plain
from tests.support.places import ROOT
from tests.support.postgres import PostgresCluster

TRAIL = ("audit_event", "audit_leaf", "audit_node", "audit_checkpoint", "audit_cosignature")
KEPT = ("audit_sealer", "audit_purger", "audit_hold")


@pytest.fixture(scope="module")
def deployed():
    """A server of its own, since roles belong to a server; set up as docs/operations.md says."""
    with PostgresCluster.running() as cluster:
        cluster.execute("CREATE DATABASE deployed")
        cluster.run_file("deployed", ROOT / "deploy/roles.sql")
        owner = cluster.url("deployed", "broker_owner")
        migrate(test_settings(owner))
        with psycopg.connect(plain(owner)) as connection:
            connection.execute((ROOT / "deploy/append_only.sql").read_text())
        yield cluster


@pytest.fixture
def clock():
    return FrozenClock(datetime(2025, 1, 15, 10, tzinfo=UTC))


@pytest.fixture
def services_of(deployed, clock):
    """Return a function that builds the services as one role has them."""
    made = []

    def build(role):
        settings = test_settings(deployed.url("deployed", role))
        made.append(create_app(settings, clock=clock).extensions["broker"])
        return made[-1]

    yield build
    for services in made:
        services[Database].engine.dispose()


@pytest.fixture
def attempt(deployed):
    """Return a function that runs a statement as a role, and never commits it."""

    def run(role, statement):
        with psycopg.connect(plain(deployed.url("deployed", role))) as connection:
            connection.execute(statement)
            connection.rollback()

    return run


def test_nodes_add_events_and_workers_seal_hold_and_purge_them(services_of, clock):
    node, worker = services_of("broker_service"), services_of("broker_worker")
    audit: AuditLog = node[Foundation].audit
    audit.record(AccountActivated(subject="person"), AccountActivated(subject="other"))
    assert worker[Sealer].seal() == 2
    assert worker[Sealer].sign_when_due() == 1
    ref = audit.subject_ref("other")
    assert worker[Holds].place(ref, "requisition", Actor(kind="admin", ref="test"))
    clock.now = datetime(2026, 2, 1, tzinfo=UTC)

    assert worker[Purger].purge() == 1

    worker[Sealer].seal()
    worker[Sealer].sign_when_due()
    report = node[Verification].run()
    assert (report.flaws, report.purged) == ([], 1)


FORBIDDEN = [
    *((role, f"TRUNCATE {name}") for role in ("service", "worker") for name in (*TRAIL, *KEPT)),
    *((role, f"DELETE FROM {name}") for role in ("service", "worker") for name in TRAIL[1:]),
    ("service", "DELETE FROM audit_event"),
    ("service", "DELETE FROM audit_hold"),
    *((role, "UPDATE audit_event SET body = ''") for role in ("service", "worker")),
    *((role, "UPDATE audit_leaf SET hash = ''") for role in ("service", "worker")),
    *((role, "UPDATE audit_checkpoint SET note = ''") for role in ("service", "worker")),
    *((role, "UPDATE audit_cosignature SET line = ''") for role in ("service", "worker")),
    ("service", "UPDATE audit_sealer SET restored = true"),
    ("service", "UPDATE audit_purger SET done_for = now()"),
    ("service", "INSERT INTO audit_leaf VALUES (999, 'x', 'x')"),
    ("service", "INSERT INTO audit_checkpoint VALUES (999, 'x')"),
    ("service", "INSERT INTO audit_cosignature VALUES (999, 'x')"),
    ("service", "INSERT INTO audit_hold VALUES ('x', now())"),
    *((role, "ALTER TABLE audit_event DISABLE TRIGGER ALL") for role in ("service", "worker")),
    *((role, "DROP TABLE audit_event") for role in ("service", "worker")),
]


@pytest.mark.parametrize(("role", "statement"), FORBIDDEN)
def test_neither_role_has_a_right_that_it_does_not_need(attempt, role, statement):
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        attempt(f"broker_{role}", statement)


def test_both_read_the_trail_and_add_to_it(attempt):
    for role in ("broker_service", "broker_worker"):
        for name in (*TRAIL, *KEPT):
            attempt(role, f"SELECT * FROM {name}")
        attempt(
            role,
            "INSERT INTO audit_event (event_id, type, time, body) VALUES ('x', 'x', now(), '{}')",
        )


def test_a_node_neither_seals_nor_purges(services_of, clock):
    clock.now = datetime(2027, 1, 1, tzinfo=UTC)
    node = services_of("broker_service")
    node[Foundation].audit.record(AccountActivated(subject="person"))

    for work in (node[Sealer].seal, node[Purger].purge):
        with pytest.raises(ProgrammingError, match="permission denied"):
            work()

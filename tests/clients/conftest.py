"""One running service on PostgreSQL, two server processes, for clients from outside."""

import itertools
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT, require
from tests.support.account_holder import AccountHolder
from tests.support.people import without_account
from tests.support.postgres import PostgresCluster
from tests.support.stack import Stack

_people = without_account()
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def stack(postgres: PostgresCluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """One service for every client; people and registrations differ from module to module."""
    running = Stack(tmp_path_factory.mktemp("clients"), postgres.new_database(), servers=2)
    running.prepare(ROOT / "data/records.csv")
    running.start()
    yield running
    running.stop()
    running.require_no_leak()


@pytest.fixture(scope="module")
def holder(stack: Stack) -> AccountHolder:
    person = AccountHolder(stack, next(_people), f"titulaire{next(_numbers)}@exemple.fr")
    person.creates_account()
    return person


@pytest.fixture(scope="session")
def node_modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the Node client from its lock file, into a folder of this run."""
    folder = tmp_path_factory.mktemp("node")
    for path in (ROOT / "tests/clients/node").glob("*.*"):
        (folder / path.name).write_bytes(path.read_bytes())
    done = subprocess.run(
        [str(Path(sys.executable).parent / "npm"), "ci", "--silent", "--no-audit", "--no-fund"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    require("the npm registry", present=done.returncode == 0)
    return folder

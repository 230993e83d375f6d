"""The import of the register as a command: killed in the middle, it is simply run again."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import astuple
from pathlib import Path

import psutil
import pytest
from sqlalchemy import func, select

from bench.population import Population
from broker.accounts.store import ACCOUNT
from broker.app import create_app
from broker.audit.store import EVENT
from broker.base.crypto import Vault
from broker.base.db import Database
from broker.insured.lookup import Insured
from broker.insured.tables import INSURED
from broker.migration import migrate
from tests.conftest import test_settings as settings_of
from tests.support.places import ROOT

pytestmark = pytest.mark.processes
ROWS = 15_000


@pytest.fixture(scope="module")
def register(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("register") / "register.csv"
    Population(ROWS).write(file)
    return file


@pytest.fixture(params=["sqlite", "postgresql"])
def two_databases(request, postgres, tmp_path) -> list[str]:
    if request.param == "postgresql":
        return [postgres.new_database() for _ in range(2)]
    urls = [f"sqlite:///{tmp_path / name}.db" for name in ("killed", "quiet")]
    for url in urls:
        migrate(settings_of(url))
    return urls


def import_of(file: Path, url: str) -> subprocess.Popen[bytes]:
    environment = {
        **os.environ, "BROKER_SETTINGS": str(ROOT / "config/test.toml"), "BROKER_DATABASE_URL": url
    }  # fmt: skip
    command = [sys.executable, "-m", "broker", "insured", "import", str(file)]
    return subprocess.Popen(command, env=environment, cwd=ROOT, stderr=subprocess.DEVNULL)


def held(url: str) -> dict[str, object]:
    """Return all that an import writes, opened: each database has keys of its own."""
    services = create_app(settings_of(url)).extensions["broker"]
    db, vault, sealer = services[Database], services[Vault], services[Insured].store.sealer
    people = sorted((astuple(sealer.open(row)) for row in db.all(select(INSURED))), key=repr)
    accounts = sorted(
        (vault.open(ACCOUNT.c.nir, row.nir), row.email and vault.open(ACCOUNT.c.email, row.email))
        for row in db.all(select(ACCOUNT.c.nir, ACCOUNT.c.email))
    )
    opened = select(func.count()).where(EVENT.c.type == "account.created")
    found = {"people": people, "accounts": accounts, "opened": db.scalar(opened)}
    db.engine.dispose()
    return found


def rows_in(url: str) -> int:
    services = create_app(settings_of(url)).extensions["broker"]
    count = services[Database].scalar(select(func.count()).select_from(INSURED))
    services[Database].engine.dispose()
    return count


def test_killed_in_the_middle_and_run_again_it_leaves_the_same_register(register, two_databases):
    killed, quiet = two_databases
    running = import_of(register, killed)
    while not rows_in(killed):
        time.sleep(0.05)
    children = psutil.Process(running.pid).children()

    running.send_signal(signal.SIGKILL)
    running.wait()
    _, alive = psutil.wait_procs(children, timeout=30)
    loaded = rows_in(killed)
    assert import_of(register, killed).wait() == 0

    assert alive == []
    assert 0 < loaded < ROWS
    assert import_of(register, quiet).wait() == 0
    found = held(killed)
    assert found == held(quiet)
    assert len(found["people"]) == ROWS
    assert len(found["accounts"]) == found["opened"] > ROWS // 4

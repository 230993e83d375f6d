"""``broker audit verify`` and ``checkpoint``, as an analyst runs them."""

import json
import os

import pytest

from broker.app import create_app
from broker.audit.model import Actor
from broker.audit.sealing.sealer import Sealer
from broker.foundation import Foundation
from broker.keys.events import KeyRetired
from tests.conftest import ROOT, test_settings
from tests.support.commands import command


@pytest.fixture
def run(sqlite_url, outside):
    environment = {
        "BROKER_SETTINGS": str(ROOT / "config/test.toml"),
        "BROKER_DATABASE_URL": sqlite_url,
        "BROKER_AUDIT_FOLDER": str(outside),
    }

    def invoke(*arguments):
        return command("audit", *arguments, environment={**os.environ, **environment})

    return invoke


@pytest.fixture
def sealed(sqlite_url, outside):
    """Two events, sealed and signed."""
    services = create_app(test_settings(sqlite_url, BROKER_AUDIT_FOLDER=str(outside))).extensions[
        "broker"
    ]
    foundation = services[Foundation]
    for number in range(2):
        foundation.audit.record(KeyRetired(actor=Actor(kind="admin"), before=f"ES256 {number}"))
    services[Sealer].seal()
    services[Sealer].sign_when_due()
    yield foundation.db
    foundation.db.engine.dispose()


@pytest.mark.usefixtures("sealed")
def test_a_trail_that_nobody_touched_ends_with_0_and_a_summary(run):
    done = run("verify", "--json")

    summary = json.loads(done.stdout)
    assert done.code == 0, done.stderr
    assert (summary["events"], summary["confirmed"], summary["flaws"]) == (2, 2, 0)
    found = json.loads(run("search", "--type", "audit.verify", "--json").stdout)
    assert (found["type"], found["judged"]) == ("audit.verify.passed", 2)


def test_a_flaw_ends_with_1_is_named_and_recorded(run, sealed):
    with sealed.transaction() as transaction:
        transaction.driver.execute("UPDATE audit_event SET txn = 'other'")

    done = run("verify", "--json")

    flaws = [json.loads(line) for line in done.stdout.splitlines()]
    found = json.loads(run("search", "--type", "audit.verify", "--json").stdout)
    assert done.code == 1
    assert [(flaw.get("kind"), flaw.get("first")) for flaw in flaws[:2]] == [
        ("edited", 0),
        ("edited", 1),
    ]
    assert (found["flaws"], found["reason_code"]) == (2, "edited")


@pytest.mark.usefixtures("sealed")
@pytest.mark.parametrize("option", [["--against", "nowhere"], ["--former-key", "no key"]])
def test_what_cannot_be_judged_ends_with_2(run, option):
    assert run("verify", *option).code == 2


@pytest.mark.usefixtures("sealed")
def test_a_folder_without_checkpoints_is_nothing_to_judge_by(run, tmp_path):
    (tmp_path / "empty").mkdir()

    done = run("verify", "--against", str(tmp_path / "empty"))

    assert done.code == 2
    assert "no checkpoint in" in done.stderr


@pytest.mark.usefixtures("sealed")
def test_a_file_outside_that_is_no_text_is_named(run, outside):
    (outside / "noise.checkpoint").write_bytes(bytes(range(256)))

    done = run("verify", "--json")

    assert done.code == 1
    assert json.loads(done.stdout.splitlines()[0])["kind"] == "unsigned"


@pytest.mark.usefixtures("sealed")
def test_the_checkpoint_is_signed_by_the_key_that_is_printed(run):
    key, note = run("checkpoint", "--key"), run("checkpoint")

    assert key.stdout.startswith("localhost:8000/audit+")
    assert note.stdout.startswith("localhost:8000/audit\n2\n")


def test_before_the_first_checkpoint_there_is_none(run):
    assert run("checkpoint").code == 1

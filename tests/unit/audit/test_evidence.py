"""Evidence is judged by the program for outsiders, which knows nothing of the broker."""

import base64
import json
import os
import subprocess
import sys
import time

import pytest

from broker.audit.proofs.evidence import Evidence
from broker.audit.sealing.checkpoint import Checkpoint
from broker.audit.sealing.note import SignerKey
from broker.audit.sealing.tree_store import TrailBroken
from tests.conftest import ROOT
from tests.support.witness import WitnessDouble
from tests.unit.audit.conftest import event


@pytest.fixture
def judge(trail, tmp_path):
    """Return a function that has evidence judged; it tells the exit code and what was said."""

    def run(lines, older=None, key=None, witness=None):
        file = tmp_path / "evidence.jsonl"
        file.write_text("".join(json.dumps(line) + "\n" for line in lines))
        command = [sys.executable, "-I", ROOT / "scripts/verify_evidence.py", file]
        command += ["--key", str(key or trail.sealer.key.verifier)]
        command += ["--key", str(witness)] if witness else []
        if older:
            (tmp_path / "older").write_text(older)
            command += ["--checkpoint", tmp_path / "older"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout

    return run


@pytest.fixture
def older(trail):
    """The checkpoint of a trail of five events, before six others."""
    trail.records(5)
    trail.signs()
    note = trail.store.newest_checkpoint()
    trail.records(6)
    trail.signs()
    return note


def evidence_of(trail, *, since=None, count=11):
    evidence = Evidence.newest(trail.store)
    head = list(evidence.head(since and Checkpoint.of_note(since)))
    bodies = trail.asks("SELECT body FROM audit_event ORDER BY event_id")
    return [*head, *(evidence.event(body) for (body,) in bodies[:count])]


def test_evidence_is_proved_with_the_key_and_an_older_checkpoint(trail, judge, older):
    lines = evidence_of(trail, since=older)

    code, said = judge(lines, older)

    assert code == 0, said
    assert said.startswith("proved: 11 events of localhost:8000/audit, 11 in all")


def test_without_an_older_checkpoint_it_says_what_is_not_judged(trail, judge, older):
    assert older
    code, said = judge(evidence_of(trail))

    assert (code, "not judged" in said) == (0, True)


@pytest.fixture
def cosigned(trail, older):  # noqa: ARG001 - there must be a checkpoint
    """Evidence under a checkpoint that a witness signed, and the key of that witness."""
    witness = WitnessDouble(trail.sealer.key.verifier)
    with trail.db.transaction():
        trail.store.add_cosignature(2, witness.cosigned(trail.newest()))
    return evidence_of(trail), witness.key


def test_evidence_that_a_witness_signed_too_is_proved_with_both_keys(judge, cosigned):
    lines, key = cosigned

    assert judge(lines, witness=key)[0] == 0


def test_evidence_without_the_cosignature_that_is_asked_for_is_not_proved(trail, judge, cosigned):
    lines, key = cosigned
    other = WitnessDouble(trail.sealer.key.verifier).key

    assert judge(lines, witness=other) == (
        1, "NOT PROVED: the checkpoint is not signed by temoin.test\n"
    )  # fmt: skip
    lines[0]["note"] = trail.store.newest_checkpoint()
    assert judge(lines, witness=key)[0] == 1


def edited(lines):
    lines[4]["event"]["actor"]["ref"] = "somebody else"


def moved(lines):
    lines[4]["position"], lines[5]["position"] = lines[5]["position"], lines[4]["position"]


def shortened(lines):
    lines[4]["proof"].pop()


def lengthened(lines):
    lines[4]["proof"].append(lines[4]["proof"][0])


def resized(lines):
    lines[0]["note"] = lines[0]["note"].replace("\n11\n", "\n12\n")


def without_checkpoint(lines):
    del lines[0]


def without_consistency(lines):
    del lines[1]


def inconsistent(lines):
    lines[1]["proof"][-1] = base64.b64encode(bytes(32)).decode()


def half_consistent(lines):
    lines[1]["proof"].pop()


@pytest.mark.parametrize(
    "touch",
    [edited, moved, shortened, lengthened, resized, without_checkpoint, without_consistency,
     inconsistent, half_consistent],
)  # fmt: skip
def test_evidence_that_was_touched_proves_nothing(trail, judge, older, touch):
    lines = evidence_of(trail, since=older)
    touch(lines)

    code, said = judge(lines, older)

    assert (code, said[:11]) == (1, "NOT PROVED:")


def test_evidence_of_a_log_that_another_key_signed_proves_nothing(trail, judge, older):
    other = SignerKey.of_seed(trail.sealer.key.name, bytes(32)).verifier

    assert judge(evidence_of(trail, since=older), older, other)[0] == 1


def test_evidence_of_a_log_that_was_rewritten_since_proves_nothing(trail, judge, older):
    lines = evidence_of(trail, since=older)
    forged = older.replace("\n5\n", "\n4\n").rpartition("\n\n")[0] + "\n"

    code, _ = judge(lines, trail.sealer.key.sign(forged))

    assert code == 1


@pytest.mark.parametrize("size", [1, 2, 3, 4, 7, 8])
def test_every_older_size_is_proved(trail, judge, size):
    trail.records(size)
    trail.signs()
    older = trail.store.newest_checkpoint()
    trail.records(9 - size)
    trail.signs()

    code, said = judge(evidence_of(trail, since=older, count=9), older)

    assert code == 0, said


def test_no_evidence_is_given_of_an_event_that_was_touched(trail, older):
    assert older
    ((body,), *_) = trail.asks("SELECT body FROM audit_event")

    with pytest.raises(TrailBroken):
        Evidence.newest(trail.store).event(body.replace("test", "best"))


def test_a_proof_in_a_large_trail_takes_milliseconds(trail):
    with trail.db.transaction():
        trail.audit.append(trail.audit.ready([event(number) for number in range(5_000)]))
    trail.signs()
    evidence = Evidence.newest(trail.store)
    bodies = trail.asks("SELECT body FROM audit_event ORDER BY event_id LIMIT 40 OFFSET 2000")

    started = time.process_time()
    for (body,) in bodies:
        evidence.event(body)

    assert (time.process_time() - started) / len(bodies) < 0.05


@pytest.fixture
def run(settings, outside):
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith("BROKER_")},
        "BROKER_SETTINGS": str(ROOT / "config/test.toml"),
        "BROKER_DATABASE_URL": settings.database_url,
        "BROKER_AUDIT_FOLDER": str(outside),
    }

    def invoke(*arguments):
        command = [sys.executable, "-m", "broker", "audit", *map(str, arguments)]
        return subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
        )

    return invoke


def test_the_commands_write_what_outsiders_judge(trail, judge, run, older, tmp_path):
    (tmp_path / "held").write_text(older)
    trail.records(2)  # not signed yet

    proof = run("proof", trail.recorded()[3], "--checkpoint", tmp_path / "held")
    export = run("export", "--out", tmp_path / "out", "--checkpoint", tmp_path / "held")

    lines = [json.loads(line) for line in proof.stdout.splitlines()]
    exported = [json.loads(line) for line in (tmp_path / "out").read_text().splitlines()]
    assert [line["kind"] for line in lines] == ["checkpoint", "consistency", "event"]
    assert judge(lines, older)[1].startswith("proved: 1 events")
    assert judge(exported, older)[1].startswith("proved: 11 events")
    assert "2 too young" in export.stderr
    ((body,),) = trail.asks("SELECT body FROM audit_event WHERE type = 'audit.evidence.exported'")
    assert json.loads(body)["events"] == 11


@pytest.mark.usefixtures("older")
def test_what_cannot_be_proved_ends_with_1(trail, run):
    trail.records(1)

    assert run("proof", trail.recorded()[-1]).returncode == 1
    assert run("proof", "unknown").returncode == 1

"""``broker insured match, compare, replay, explain, places``, run as an operator runs them."""

import csv
import json
import os
from collections import Counter
from functools import partial
from threading import Thread

import pytest

from broker.app import create_app
from broker.base.db import Database
from broker.insured.lookup import Insured
from broker.insured.match_file import LONGEST_LINE
from tests.conftest import ROOT, test_settings
from tests.support.commands import command
from tests.support.population import cases, write

SEEDS = 5  # enough identities for several processes to be started


@pytest.fixture(scope="module")
def database(sqlite_template, tmp_path_factory):
    file = tmp_path_factory.mktemp("commands") / "broker.db"
    file.write_bytes(sqlite_template.read_bytes())
    return f"sqlite:///{file}"


@pytest.fixture(scope="module")
def broker(database):
    """Run ``broker`` on a database of its own."""
    environment = {
        **{name: value for name, value in os.environ.items() if "BROKER_" not in name},
        "BROKER_SETTINGS": str(ROOT / "config/test.toml"),
        "BROKER_DATABASE_URL": database,
    }
    return partial(command, environment=environment)


@pytest.fixture(scope="module")
def drawn():
    return [case for seed in range(SEEDS) for case in cases(f"commands {seed}")]


@pytest.fixture(scope="module")
def identities(broker, drawn, tmp_path_factory):
    """A file of identities whose people are in the register."""
    folder = tmp_path_factory.mktemp("identities")
    write(drawn, folder / "register.csv", folder / "identities.jsonl")
    loaded = broker("insured", "import", folder / "register.csv")
    assert loaded.code == 0, loaded.stderr
    return folder / "identities.jsonl"


def rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def events(broker, kind):
    told = broker("audit", "search", "--json", "--type", kind)
    return [json.loads(line) for line in told.stdout.splitlines()]


def test_one_process_and_several_write_the_same_rows_in_the_order_of_the_file(
    broker, drawn, identities, tmp_path
):
    for processes in (1, 2):
        done = broker(
            "insured", "match", identities, "--out", tmp_path / f"{processes}.csv",
            "--processes", processes,
        )  # fmt: skip
        assert (done.code, done.stdout) == (0, ""), done.stderr

    alone, together = tmp_path / "1.csv", tmp_path / "2.csv"
    assert alone.read_bytes() == together.read_bytes()
    assert [(row["sub"], row["nir"]) for row in rows(alone)] == [
        (str(number), case.nir) for number, case in enumerate(drawn)
    ]


def test_an_older_version_of_the_rules_is_applied_where_it_is_asked_for(
    broker, identities, tmp_path
):
    out = {rules: tmp_path / f"{rules}.csv" for rules in ("2026-07", "2026-12")}
    for rules, path in out.items():
        broker("insured", "match", identities, "--out", path, "--rules", rules, "--explain")
    compared = broker(
        "insured", "compare", identities, "--rules", "2026-07", "--json",
        "--out", tmp_path / "changes.csv",
    )  # fmt: skip

    before, after = rows(out["2026-12"]), rows(out["2026-07"])
    applied = {json.loads(row["record"])["rules"] for row in after}
    changed = [
        (str(line), *pair)
        for line, pair in enumerate(
            ((old["nir"], new["nir"]) for old, new in zip(before, after, strict=True)), start=1
        )
        if pair[0] != pair[1]
    ]
    told = [json.loads(line) for line in compared.stdout.splitlines()]
    assert applied == {"2026-07"}
    assert changed
    written = rows(tmp_path / "changes.csv")
    assert [(row["line"], row["nir_before"], row["nir_after"]) for row in written] == changed
    assert sum(row["decisions"] for row in told) == len(before)
    assert sum(row["decisions"] for row in told if row["changed"]) == len(changed)


def test_an_empty_file_gives_the_heading_alone(broker, tmp_path):
    empty = tmp_path / "empty.jsonl"
    empty.touch()

    done = broker("insured", "match", empty, "--out", tmp_path / "out.csv")

    assert done.code == 0
    assert (tmp_path / "out.csv").read_text() == "sub,nir,reason\n"


def test_a_huge_line_costs_no_memory_and_not_the_lines_around_it(broker, identities, tmp_path):
    first, second = identities.read_bytes().splitlines(keepends=True)[:2]
    longest = first.rstrip(b"\n") + b" " * (LONGEST_LINE - len(first)) + b"\n"
    file = tmp_path / "huge.jsonl"
    with file.open("wb") as lines:
        lines.writelines([first, longest, b" " + longest])
        for _ in range(400):  # 400 MB on one line
            lines.write(b"9" * 1_000_000)
        lines.writelines([b"\n", second, b"9" * (LONGEST_LINE + 1)])

    done = broker("insured", "match", file, "--out", tmp_path / "out.csv", memory=512 << 20)

    assert done.code == 0, done.stderr[-2000:]
    alike = rows(tmp_path / "out.csv")
    assert [row["sub"] for row in alike] == ["0", "0", "", "", "1", ""]
    assert [alike[n]["reason"] for n in (2, 3, 5)] == ["invalid"] * 3


def test_whoever_has_read_enough_may_close_the_pipe(broker, identities, tmp_path):
    kind = "insured.identities.matched"
    before = len(events(broker, kind))
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = Thread(target=lambda: pipe.open("rb").close())
    reader.start()

    done = broker("insured", "match", identities, "--out", pipe, "--processes", 2)

    reader.join()
    assert done.code == 1
    assert "Traceback" not in done.stderr
    assert len(events(broker, kind)) == before + 1  # numbers were told to somebody


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--out", "{folder}/none/out.csv"), "--out: No such file or directory"),
        (("--out", "/dev/full"), "--out: No space left on device"),
        (("--out", "{folder}"), "is a directory"),
        (("--out", "{file}"), "FILE itself would be lost"),
        ((), "Missing option '--out'"),
        (("--out", "{folder}/out.csv", "--rules", "1999-01"), "broker: rules-unknown: 1999-01"),
        (("--out", "{folder}/out.csv", "--processes", "0"), "'--processes': 0 is not"),
    ],
)
def test_a_wrong_argument_is_said_in_a_line_and_nothing_is_lost(
    broker, identities, tmp_path, arguments, says
):
    file = tmp_path / "identities.jsonl"
    file.write_bytes(identities.read_bytes())
    given = [each.format(folder=tmp_path, file=file) for each in arguments]

    done = broker("insured", "match", file, *given)

    assert done.code == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert file.read_bytes() == identities.read_bytes()
    assert not (tmp_path / "out.csv").exists()


@pytest.mark.usefixtures("identities")
def test_a_refusal_is_explained_and_decided_again(broker, database, drawn, tmp_path):
    kind = "neighbour_of_the_commune_that_took_the_other_in"
    case = next(case for case in drawn if case.kind == kind)
    _refuse(database, "ABCD-EFGH", case.claims)

    explained = broker("insured", "explain", "abcd-efgh")
    record = broker("insured", "explain", "ABCD-EFGH", "--json")
    replayed = broker(
        "insured", "replay", "--rules", "2026-07", "--out", tmp_path / "changes.csv", "--json"
    )
    later = broker("insured", "replay", "--rules", "2026-07", "--since", "2999-01-01", "--json")

    assert [each.code for each in (explained, record, replayed, later)] == [0] * 4
    assert "ces deux communes étaient distinctes" in explained.stdout
    assert json.loads(record.stdout)["outcome"] == "none"
    assert json.loads(replayed.stdout) == {
        "before": "none", "after": "matched", "changed": True, "decisions": 1,
    }  # fmt: skip
    assert (tmp_path / "changes.csv").read_text() == (
        "reference,before,after\nABCD-EFGH,none,matched\n"
    )
    assert later.stdout == ""
    assert len(events(broker, "insured.decision.read")) == 2


def _refuse(database, reference, claims):
    app = create_app(test_settings(database))
    insured = app.extensions["broker"][Insured]
    insured.keep(reference, insured.by_pivot(claims))
    app.extensions["broker"][Database].engine.dispose()


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--rules", "1999-01"), 2),
        (("--rules", "2026-07", "--since", "yesterday"), 2),
        (("--rules", "2026-07", "--out", "/dev/full"), 2),
        ((), 2),
    ],
)
def test_a_replay_that_cannot_be_is_said_in_a_line(broker, arguments, code):
    done = broker("insured", "replay", *arguments)

    assert (done.code, done.stdout) == (code, "")
    assert "Traceback" not in done.stderr


def test_places_tell_what_a_code_was_and_became(broker):
    told = broker("insured", "places", "20127", "99123", "00000", "--json")
    for_people = broker("insured", "places", "2A127")
    sources = broker("insured", "places", "--json")

    corsica, union, nowhere = (json.loads(line) for line in told.stdout.splitlines())
    assert "2A127" in json.dumps(corsica)
    assert "99155" in json.dumps(union)
    assert nowhere["code"] == "00000"
    assert "20127" in for_people.stdout
    assert Counter(json.loads(line)["table"] for line in sources.stdout.splitlines())


def test_explain_refuses_a_reference_that_nobody_was_given(broker):
    done = broker("insured", "explain", "AAAA-BBBB")

    assert (done.code, done.stdout) == (1, "")
    assert done.stderr == "broker: decision-unknown\n"

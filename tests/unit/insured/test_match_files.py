"""Files of identities: rows in order, by one process or several, and what other rules change."""

import io
import json
from dataclasses import replace

import pytest
from insured_builders import BOOK, RULES, claims, people, person
from sqlalchemy import select

from broker.audit.model import Actor
from broker.audit.store import EVENT
from broker.insured.match_file import SOMEBODY_ELSE, OneRowEach, OneRowPerChange
from broker.insured.nir import Nir
from broker.insured.tolerances import Criterion, Tolerance
from tests.support.population import cases

OPERATOR = Actor(kind="admin", ref="op")
OLD = BOOK.version("2026-07")
OTHER = Nir("2850729019002")


def write(bench, matching, lines, processes=1):
    """Return the written rows, the counts, and the bytes that were reported."""
    out, read = io.StringIO(), []
    source = io.BytesIO(b"".join(lines))
    counts = bench.files.write(
        matching, source, out, processes=processes, actor=OPERATOR, on_progress=read.append
    )
    return out.getvalue(), counts, sum(read)


def line(identity):
    return json.dumps(identity).encode() + b"\n"


def each(bench, *, explain=False):
    return OneRowEach(bench.matcher, (RULES,), explain)


def test_a_sub_that_is_a_formula_is_text_in_both_files(bench):
    bench.register(person())
    formula = line(claims(sub="=cmd|' /C calc'!A1", family_name="AUTRE"))
    lost = line(claims(sub="@SUM(A1:A9)", family_name="LE G\u0410LL"))

    text, _, _ = write(bench, each(bench), [formula])
    changes, _, _ = write(bench, OneRowPerChange(bench.matcher, (OLD, RULES)), [lost])

    assert text.splitlines()[1] == "'=cmd|' /C calc'!A1,,none"
    assert changes.splitlines()[1].startswith("1,'@SUM(A1:A9),")


def test_a_file_of_identities_gives_one_row_each_in_order(bench):
    bench.register(person())
    lines = [
        line(claims(sub="first", unknown_key=1)),
        line(claims(sub="second", family_name="AUTRE")),
        b"\n",
        b"not json\n",
        b"[" * 100_000 + b"\n",
        b'"text"\n',
        b'{"birthdate": ' + b"9" * 5_000 + b"}\n",
        line(claims(sub=5, gender=None)),
        b"\xef\xbb\xbf" + line(claims(sub='last, with "quotes"')),
    ]

    text, _, read = write(bench, each(bench), lines)

    assert text.splitlines() == [
        "sub,nir,reason",
        "first,2850729019001,matched",
        "second,,none",
        *[",,invalid"] * 5,
        '"last, with ""quotes""",2850729019001,matched',
    ]
    assert read == sum(map(len, lines))


def test_explain_adds_the_decision_record(bench):
    bench.register(person())

    text, _, _ = write(bench, each(bench, explain=True), [line(claims())])

    header, row = text.splitlines()
    assert header == "sub,nir,reason,record"
    assert '""outcome"": ""matched""' in row


@pytest.mark.parametrize("processes", [2, 3])
def test_several_processes_write_what_one_does(bench, processes):
    drawn = [case for seed in range(8) for case in cases(f"file {seed}")]
    bench.register(*people(row for case in drawn for row in case.rows))
    lines = [line({"sub": str(n), **case.claims}) for n, case in enumerate(drawn)]

    alone = write(bench, each(bench), lines)
    together = write(bench, each(bench), lines, processes)

    assert together == alone
    assert [row.split(",")[1] for row in alone[0].splitlines()[1:]] == [c.nir for c in drawn]


def test_matching_a_file_is_audited_with_how_many_and_by_which_rules(bench):
    bench.register(person())

    write(bench, each(bench), [line(claims()), line(claims(gender=None))])

    body = json.loads(bench.db.scalar(select(EVENT.c.body)))
    assert (body["type"], body["identities"], body["rules"], body["actor"]["ref"]) == (
        "insured.identities.matched", 2, ["2026-12"], "op",
    )  # fmt: skip


def test_a_comparison_of_rules_writes_what_changes_and_counts_everything(bench):
    bench.register(person(), person(birth_name="AUTRE", nir=OTHER))
    lines = [
        line(claims(sub="same")),
        line(claims(sub="lost", family_name="LE G\u0410LL")),
        b"\n",
        line(claims(sub="invalid", gender=None)),
    ]

    text, counts, _ = write(bench, OneRowPerChange(bench.matcher, (OLD, RULES)), lines)

    assert text.splitlines() == [
        "line,sub,before,after,nir_before,nir_after",
        "2,lost,matched,none,2850729019001,",
    ]
    assert counts == {
        ("matched", "matched"): 1, ("matched", "none"): 1, ("invalid", "invalid"): 1,
    }  # fmt: skip


def accepting(criterion, *words):
    return replace(RULES, accepts={**RULES.accepts, criterion: frozenset(words)})


def test_a_match_with_somebody_else_is_a_change(bench):
    upper, joined = person(birth_name="le gall"), person(birth_name="LEGALL", nir=OTHER)
    bench.register(upper, joined)
    before = accepting(Criterion.BIRTH_NAME, Tolerance.CASE)
    after = accepting(Criterion.BIRTH_NAME, Tolerance.SEPARATORS)

    text, counts, _ = write(
        bench, OneRowPerChange(bench.matcher, (before, after)), [line(claims(sub="s"))]
    )

    assert text.splitlines()[1] == f"1,s,matched,{SOMEBODY_ELSE},{upper.nir.value},{OTHER.value}"
    assert counts == {("matched", SOMEBODY_ELSE): 1}

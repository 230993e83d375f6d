"""Decisions that are kept, decided again by other rules: exactly, or told as unknown."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from insured_builders import BOOK, RULES, MemoryRegister, claims, people, person
from sqlalchemy import select

from broker.audit.model import Actor
from broker.audit.store import EVENT
from broker.insured.lookup import Finding
from broker.insured.matching import MOST_CANDIDATES
from broker.insured.nir import Nir
from broker.insured.replay import UNKNOWN, Replay
from broker.insured.rules import Limits
from tests.support.population import cases

OPERATOR = Actor(kind="admin", ref="op")
OLD = BOOK.version("2026-07")
SHORTER = replace(RULES, version="2027-01", limits=Limits(birth_name=24, given_names=12))
OTHER_TABLES = replace(RULES, version="2027-02", tables={"cog_history": "2027-01-01 abc"})


@pytest.fixture
def replay(sqlite_bench):
    return Replay(sqlite_bench.store, BOOK, sqlite_bench.audit)


def kept(bench, *records):
    for number, record in enumerate(records):
        reason = None if record.get("outcome") == "matched" else "unknown"
        bench.insured.keep(f"REF-{number}", Finding(reason, record))


def outcomes(bench, replay, rules):
    return replay.run(rules, bench.clock() - timedelta(days=400), OPERATOR)


@pytest.mark.parametrize(("made", "tried"), [(OLD, RULES), (RULES, OLD), (RULES, RULES)])
def test_what_the_record_tells_gives_what_the_rules_would_have_decided(
    sqlite_bench, replay, made, tried
):
    drawn = list(cases("replay"))
    register = [MemoryRegister.of(*people(case.rows), rules=made) for case in drawn]
    records = [one.match(case.claims)[0].record for one, case in zip(register, drawn, strict=True)]
    kept(sqlite_bench, *records)

    told = outcomes(sqlite_bench, replay, tried)

    expected = {}
    for number, case in enumerate(drawn):
        again = MemoryRegister.of(*people(case.rows), rules=tried).match(case.claims)[0]
        before = records[number]["outcome"]
        if str(again.outcome) != before:
            expected[f"REF-{number}"] = (before, str(again.outcome))
    assert {each.reference: (each.before, each.after) for each in told.changed} == expected
    assert told.counts.total() == len(drawn)


@pytest.mark.parametrize(
    ("pivot", "tried", "after"),
    [
        ({}, SHORTER, "matched"),
        ({"given_name": "Claire Anne"}, SHORTER, UNKNOWN),  # another limit might explain it
        ({"given_name": "Claire Anne", "birthplace": "35238"}, SHORTER, "none"),
        ({"family_name": "AUTRE"}, SHORTER, "none"),
        ({}, OTHER_TABLES, "matched"),
        ({"birthplace": "35238"}, OTHER_TABLES, UNKNOWN),
        ({"birthplace": "35238", "given_name": "Claire Anne"}, OTHER_TABLES, "none"),
        ({"gender": None}, SHORTER, "invalid"),
    ],
)
def test_what_another_measure_could_find_is_unknown(sqlite_bench, replay, pivot, tried, after):
    kept(sqlite_bench, MemoryRegister.of(person()).match(claims(**pivot))[0].record)

    told = outcomes(sqlite_bench, replay, tried)

    assert [found for _, found in told.counts] == [after]


def test_candidates_that_the_record_does_not_describe_leave_it_unknown(sqlite_bench, replay):
    crowd = [person(given_names="CAMILLE", nir=Nir(f"28507290190{i:02}")) for i in range(30)]
    homonyms = [person(nir=Nir(f"28507290190{i:02}")) for i in range(30)]
    records = [MemoryRegister.of(*rows).match(claims())[0].record for rows in (crowd, homonyms)]
    kept(sqlite_bench, *records)

    assert outcomes(sqlite_bench, replay, OLD).counts == {
        ("none", UNKNOWN): 1, ("several", "several"): 1,
    }  # fmt: skip


def test_records_of_an_older_comparison_are_unknown(sqlite_bench, replay):
    record = MemoryRegister.of(person()).match(claims())[0].record
    kept(sqlite_bench, {**record, "comparison": 0})

    assert outcomes(sqlite_bench, replay, RULES).counts == {("matched", UNKNOWN): 1}


def test_a_crowd_is_refused_by_any_rules(sqlite_bench, replay):
    crowd = [person(nir=Nir(f"2{rank:012}")) for rank in range(MOST_CANDIDATES + 1)]
    kept(sqlite_bench, MemoryRegister.of(*crowd).match(claims())[0].record)

    assert outcomes(sqlite_bench, replay, OLD).counts == {("several", "several"): 1}


def test_creations_by_card_and_those_before_the_moment_are_left_out(sqlite_bench, replay):
    record = MemoryRegister.of(person()).match(claims())[0].record
    kept(sqlite_bench, record, {"kind": "card", "outcome": "unknown"})
    sqlite_bench.clock.advance(seconds=1)

    later = replay.run(OLD, sqlite_bench.clock(), OPERATOR)
    since = replay.run(OLD, sqlite_bench.clock() - timedelta(seconds=1), OPERATOR)

    assert (later.counts.total(), since.counts.total()) == (0, 1)


def test_every_page_of_decisions_is_read(bench):
    record = MemoryRegister.of(person()).match(claims())[0].record
    with bench.db.transaction():
        for number in range(1_001):
            bench.store.keep_decision(f"R{number}", record, bench.clock(), refused=False)

    told = outcomes(bench, Replay(bench.store, BOOK, bench.audit), RULES)

    assert told.counts == {("matched", "matched"): 1_001}


def test_a_replay_is_audited(sqlite_bench, replay):
    known = person(birthplace="01033", nir=Nir("2850701033001"))
    kept(sqlite_bench, MemoryRegister.of(known).match(claims(birthplace="01018"))[0].record)

    outcomes(sqlite_bench, replay, OLD)

    body = json.loads(sqlite_bench.db.scalar(select(EVENT.c.body)))
    assert (body["type"], body["decisions"], body["changed"], body["rules"]) == (
        "insured.decisions.replayed", 1, 1, ["2026-07"],
    )  # fmt: skip

"""The register is asked by keys: everybody who agrees is found, one identity or many at once."""

import random

import pytest
from insured_builders import BOOK, RULES, claims, people, person

from broker.insured.matching import MOST_CANDIDATES, decide
from broker.insured.nir import Nir
from broker.insured.pivot import PivotIdentity, UnusablePivot
from tests.support.population import cases

VERSIONS = [BOOK.version("2026-07"), RULES]


def told(matches):
    return [[(str(match.outcome), match.nir, match.record) for match in row] for row in matches]


def test_many_identities_at_once_are_judged_as_each_alone(bench):
    drawn = list(cases("batch"))
    bench.register(*people(row for case in drawn for row in case.rows))
    identities = [case.claims for case in drawn]

    together = bench.matcher.match_all(identities, VERSIONS)
    alone = [bench.matcher.match_all([one], VERSIONS)[0] for one in identities]

    assert told(together) == told(alone)
    assert [match.nir.value if match.nir else "" for _, match in together] == [
        case.nir for case in drawn
    ]


def test_whoever_agrees_is_found_by_the_keys(sqlite_bench):
    """Comparing with the whole register, row by row, finds nobody else."""
    drawn = [case for seed in range(3) for case in cases(f"keys {seed}")]
    everybody = [one for case in drawn for one in people(case.rows) if one.in_own_right]
    sqlite_bench.register(*everybody)
    found = sqlite_bench.matcher.match_all([case.claims for case in drawn], VERSIONS)

    for case, matches in zip(drawn, found, strict=True):
        try:
            pivot = PivotIdentity.read(case.claims, RULES.places)
        except UnusablePivot:
            continue
        near = [one for one in everybody if one.birth_date.year == pivot.birth_date.year]
        for match, rules in zip(matches, VERSIONS, strict=True):
            assert str(decide(pivot, near, rules).outcome) == str(match.outcome), case


def crowd(number):
    letters = [chr(65 + a) + chr(65 + b) for a in range(26) for b in range(26)]
    names = [f"C{one}{two}" for one in letters[:50] for two in letters[:50]]
    return [
        person(given_names=name, nir=Nir(f"2{rank:012}"))
        for rank, name in enumerate(names[:number])
    ]


def test_a_crowd_under_one_key_refuses_its_own_and_nobody_else(sqlite_bench):
    other = person(birth_name="AUTRE", nir=Nir("2850729019777"))
    sqlite_bench.register(*crowd(MOST_CANDIDATES), person(), other)

    crowded, found = sqlite_bench.matcher.match_all(
        [claims(), claims(family_name="AUTRE")], [RULES]
    )

    assert (str(crowded[0].outcome), crowded[0].record["crowded"]) == ("several", True)
    assert (str(found[0].outcome), found[0].nir) == ("matched", other.nir)


def test_a_thousand_under_one_key_are_compared(sqlite_bench):
    sqlite_bench.register(*crowd(MOST_CANDIDATES - 1), person())

    assert sqlite_bench.matcher.match(claims()).nir == person().nir


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_loading_decides_nothing(sqlite_bench, seed):
    drawn = list(cases(f"order {seed}"))
    rows = [row for case in drawn for row in case.rows]
    random.Random(seed).shuffle(rows)
    sqlite_bench.register(*people(rows))

    found = [sqlite_bench.matcher.match(case.claims) for case in drawn]

    assert [match.nir.value if match.nir else "" for match in found] == [c.nir for c in drawn]

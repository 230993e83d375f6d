"""Every kind of discrepancy that we know of, and the sample: nobody is taken for somebody else."""

import json
from pathlib import Path

import pytest
from insured_builders import MemoryRegister, people

from tests.support.people import every_row
from tests.support.population import KINDS, cases

SEEDS = range(12)
ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_each_kind_of_discrepancy_is_judged_right(kind):
    wrong = []
    for seed in SEEDS:
        for case in cases(f"{kind} {seed}", [kind]):
            _, nir = MemoryRegister.of(*people(case.rows)).match(case.claims)
            if nir != case.nir:
                wrong.append((case, nir))

    assert wrong == []


def test_among_everybody_else_each_is_judged_the_same():
    drawn = [case for seed in SEEDS for case in cases(f"crowd {seed}")]
    register = MemoryRegister.of(*people(row for case in drawn for row in case.rows))

    found = [(case.kind, register.match(case.claims)[1]) for case in drawn]

    assert found == [(case.kind, case.nir) for case in drawn]


def test_the_sample_of_identities_has_no_false_match_and_misses_none_that_it_must_find():
    register = MemoryRegister.of(*people(every_row()))
    wrong, missed = [], []
    for line in (ROOT / "data/pivots.jsonl").read_text().splitlines():
        given = json.loads(line)
        truth = given.pop("_truth")
        _, nir = register.match(given)
        if nir and nir != truth["nir"]:
            wrong.append(truth)
        if not nir and truth["expect"] == "match" and truth["tolerance"] != "may":
            missed.append(truth)

    assert (wrong, missed) == ([], [])

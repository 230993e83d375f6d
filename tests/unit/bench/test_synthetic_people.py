"""A population of any size: the same one each time, every number unique, every row readable."""

import random

import pytest

from bench.numbers import Slots
from bench.population import BLOCK, Population, sample
from broker.insured.filed import read_person
from broker.insured.regimes import Regimes


def test_every_row_is_one_that_the_import_reads():
    regimes = Regimes.load()

    people = [read_person(row, regimes) for row in Population(2_000).people(0)]

    assert len(people) == 2_000
    assert sum(person.in_own_right for person in people) > 1_900


def test_those_insured_in_their_own_right_have_a_number_of_their_own():
    last = (20_000_000 // BLOCK) - 1

    rows = [row for number in (0, 1, last) for row in sample().block(number)]

    numbers = [row.nir for row in rows if row.quality == "assure"]
    assert len(set(numbers)) == len(numbers)


def test_a_dependant_has_the_number_of_somebody_of_the_register():
    rows = Population(BLOCK).people(0)

    holders = {row.nir for row in rows if row.quality == "assure"}
    dependants = [row for row in rows if row.quality == "ayant_droit"]

    assert len(dependants) > BLOCK // 200
    assert {row.holder_nir for row in dependants} <= holders
    assert all(row.nir == row.holder_nir for row in dependants)


def test_a_larger_register_begins_with_the_smaller_one(tmp_path):
    small, large = tmp_path / "small.csv", tmp_path / "large.csv"

    Population(3).write(small, processes=1)
    Population(BLOCK + 3).write(large, processes=2)

    assert small.read_bytes().count(b"\n") == 4
    assert large.read_bytes().count(b"\n") == BLOCK + 4
    assert large.read_bytes().startswith(small.read_bytes())


def test_no_number_comes_twice_until_all_are_given():
    slots = sample().slots
    ranks = random.Random(1).sample(range(slots.most), 100_000)

    given = {slots.number(rank) for rank in ranks}

    assert len(given) == len(ranks)
    assert slots.number(slots.most) == slots.number(0)


def test_a_place_with_more_people_than_orders_is_refused():
    with pytest.raises(ValueError, match="too frequent"):
        Slots.of([1_000, 1])


def test_people_are_the_same_with_and_without_accounts():
    bare, holding = (Population(2_000, accounts=each).people(0) for each in (False, True))

    assert {row.has_account for row in bare} == {"0"}
    assert sum(row.has_account == "1" for row in holding) > 1_000
    assert [row._replace(has_account="0", account_email="") for row in holding] == bare

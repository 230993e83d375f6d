"""Impossible travel: faster than a plane, by another network, in a browser nobody knew."""

import pytest

from tests.conftest import ROOT, test_settings
from tests.unit.console.asked import AWAY, HOME, OTHER, opened

PLACES = ROOT / "tests/unit/audit/places.csv"
NAME = "impossible_travel"


@pytest.fixture
def settings(database_url):
    return test_settings(database_url, BROKER_PLACES=str(PLACES))


@pytest.mark.parametrize(("hours", "found"), [(1, 1), (10, 1), (11, 0)])
def test_who_travels_faster_than_a_plane_is_found(alice, at, ask, clock, hours, found):
    at(HOME, opened("one"))
    clock.advance(hours=hours)
    at(AWAY, opened("one"), browser="b" * 32)  # 9,700 kilometres away
    alice.logs_in()

    rows = ask(NAME).rows

    assert len(rows) == found
    assert [(row["Pays"], row["Pays, ensuite"]) for row in rows] == [("FR", "JP")] * found


def test_a_browser_that_the_person_used_before_is_no_thief(at, ask):
    at(AWAY, opened("one"), browser="b" * 32)
    at(HOME, opened("one"), browser="a" * 32)
    at(AWAY, opened("one"), browser="b" * 32)

    assert [row["Pays, ensuite"] for row in ask(NAME).rows] == ["FR"]


def test_one_network_and_an_address_without_a_place_tell_nothing(at, ask):
    at(HOME, opened("one"))
    at(OTHER, opened("one"), browser="b" * 32)  # the same autonomous system
    at("100.64.0.1", opened("one"), browser="c" * 32)
    at(AWAY, opened("two"), browser="d" * 32)

    answer = ask(NAME)

    assert answer.rows == []
    assert "Aucun fichier de lieux" not in answer.text

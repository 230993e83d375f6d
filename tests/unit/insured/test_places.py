"""Places of birth under the codes of any time."""

import pytest
from insured_builders import RULES

from broker.insured.place_names import PlaceNames
from broker.insured.reference_tables import rows

PLACES = RULES.places
CITIES = {"75056", "69123", "13055"}


@pytest.mark.parametrize(
    ("left", "right", "how"),
    [
        ("01003", "01165", "fusion"),
        ("01132", "69286", "departement"),
        ("20127", "2A127", "corse"),
        ("20044", "2B063", "corse"),
        ("75059", "93066", "seine"),
        ("78173", "91613", "seine_et_oise"),
        ("75114", "75056", "arrondissement"),
        ("69387", "69123", "arrondissement"),
        ("13208", "13055", "arrondissement"),
        ("98501", "97601", "outremer"),
        ("97123", "97701", "outremer"),
        ("91352", "99352", "algerie"),
        ("95350", "99350", "maroc"),
        ("96351", "99351", "tunisie"),
        ("99123", "99155", "succession"),
        ("99142", "99109", "succession"),
    ],
)
def test_an_old_code_and_its_heir_are_one_place_both_ways(left, right, how):
    assert str(PLACES.link(left, right).kind) == how
    assert PLACES.link(right, left) == PLACES.link(left, right)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("34172", "69123"),  # Montpellier and Lyon
        ("75114", "75115"),
        ("69387", "13208"),
        ("01018", "01091"),  # both merged into 01033
        ("91352", "92352"),
        ("99155", "99148"),  # Ukraine, Belarus
        ("99142", "99141"),
        ("99352", "99350"),
        ("20127", "2B127"),
    ],
)
def test_two_heirs_or_two_ancestors_are_never_one_place(left, right):
    assert PLACES.link(left, right) is None
    assert PLACES.link(right, left) is None


def test_a_commune_had_a_code_between_its_move_and_its_merger():
    assert str(PLACES.link("78173", "91173").kind) == "seine_et_oise"


@pytest.mark.parametrize(
    ("place", "country", "code"),
    [
        ("29019", "99100", "29019"),
        ("2A004", "99100", "2A004"),
        ("98729", "99100", "98729"),
        ("", "99139", "99139"),
        ("Alger", "99352", "99352"),
        ("99139", "99139", "99139"),
        ("75056", "99139", "99139"),
        ("91352", "99352", "91352"),
        ("91352", "99100", "91352"),
        ("91352", "99350", "99350"),
        ("", "99100", None),
        ("9122", "99100", "09122"),
        ("912", "99100", None),
        ("AAAAA", "99100", None),
        ("99352", "99100", None),
        ("29000", "99100", None),
        ("29001", "99100", "29001"),
        ("00001", "99100", None),
        ("2A000", "99100", None),
        ("29019", "", None),
        ("29019", "99999", None),
        ("", "99000", None),
        ("2A115", "AZERTY", None),
    ],
)
def test_birth_has_one_code_to_compare(place, country, code):
    assert PLACES.of_birth(place, country) == code


@pytest.mark.parametrize(
    ("given", "origin"),
    [
        ("01018", "01033"),  # merged into the commune of birth
        ("17456", "17240"),
        ("20044", "2B063"),  # under a Corsican number that was another commune's
        ("75059", "93066"),  # Pierrefitte, since 2025 in Saint-Denis
        ("93059", "93066"),
        ("01132", "69286"),  # moved and merged at once
        ("79224", "49099"),
    ],
)
def test_a_commune_that_merged_into_the_place_of_birth_is_another_place(given, origin):
    assert PLACES.merged_later(given, origin)


@pytest.mark.parametrize(
    ("given", "origin"),
    [
        ("01033", "01018"),  # the code after the merger, for somebody born before
        ("20001", "2A001"),  # the same commune under another number
        ("75066", "93066"),
        ("75001", "94002"),
        ("78613", "91613"),
        ("98501", "97601"),
        ("75114", "75056"),  # a part of the city
        ("91352", "99352"),
        ("99123", "99155"),
        ("29019", "35238"),
    ],
)
def test_another_code_of_the_place_of_birth_is_no_other_place(given, origin):
    assert not PLACES.merged_later(given, origin)


def in_force():
    return {row["code"] for row in rows("communes")}


def test_no_code_becomes_itself_and_none_is_both_old_and_in_force_but_parts_of_a_city():
    parts = {old for old, heirs in PLACES.heirs.items() if heirs.keys() & CITIES}
    assert [old for old, heirs in PLACES.heirs.items() if old in heirs] == []
    assert (PLACES.heirs.keys() & in_force()) <= parts


def test_every_code_became_one_in_force_or_a_country():
    ends = {new for heirs in PLACES.heirs.values() for new in heirs} - PLACES.heirs.keys()

    assert {code for code in ends if not code.startswith("99")} <= in_force()


def test_every_country_of_the_history_has_a_name():
    named = {row["code"] for row in rows("countries")}
    abroad = [code for code in PLACES.heirs if code.startswith("99")]

    assert abroad
    assert {new for old in abroad for new in PLACES.heirs[old]} | set(abroad) <= named


def test_a_state_that_goes_on_under_the_old_code_says_until_when_it_means_the_old_one():
    assert PLACES.link("99123", "99155").until == 1991
    assert PLACES.link("99115", "99116").until is None


@pytest.mark.parametrize(
    ("code", "name", "became", "was"),
    [
        ("97411", "Saint-Denis", [], []),
        ("20127", None, ["2A127 Giuncheto: corse"], []),
        ("1165", "Francheleins", [], ["01003: fusion", "01070: fusion"]),
        ("99155", "UKRAINE", [], ["99123 RUSSIE: succession (born until 1991)"]),
    ],
)
def test_a_code_can_be_looked_up(code, name, became, was):
    told = PlaceNames.load().describe(code)

    assert (told["name"], told["became"], told["was"]) == (name, became, was)

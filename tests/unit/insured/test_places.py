"""Places of birth under the codes of any time (SPEC E.3 rows 8 to 12)."""

import pytest
from insured_builders import RULES

PLACES = RULES.places


@pytest.mark.parametrize(
    ("left", "right", "how"),
    [
        ("29019", "29019", "equal"),
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
    assert PLACES.link(left, right) == how
    assert PLACES.link(right, left) == how


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
    assert PLACES.link("78173", "91173") == "seine_et_oise"


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
        ("AAAAA", "99100", None),
        ("99352", "99100", None),
        ("29019", "", None),
        ("29019", "99999", None),
        ("2A115", "AZERTY", None),
    ],
)
def test_birth_has_one_code_to_compare(place, country, code):
    assert PLACES.of_birth(place, country) == code

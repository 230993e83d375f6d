"""Whom the measurement of a large register asks for."""

from bench.matching import Identity

_BORN_ABROAD = {"family_name": "DURAND", "birthplace": "", "birthcountry": "99404"}
_PLACES = [{"birthplace": "", "birthcountry": country} for country in ("99404", "99401")]


def test_a_spoiled_identity_differs_from_the_person_and_may_match_nobody():
    assert Identity(_BORN_ABROAD, "1550699404002").spoiled(_PLACES) == Identity(
        {**_BORN_ABROAD, "birthcountry": "99401"}
    )


def test_the_first_change_that_is_one_is_made():
    elsewhere = {**_BORN_ABROAD, "birthcountry": "99109"}

    assert Identity(elsewhere, "1550699109002").spoiled(_PLACES) == Identity(_BORN_ABROAD)

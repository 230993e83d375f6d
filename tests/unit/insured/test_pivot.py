"""What FranceConnect may send: an identity that can be compared, or one that cannot."""

import pytest
from insured_builders import RULES, MemoryRegister, claims, outcome, person

from broker.insured.pivot import Certainty, PivotIdentity, UnusablePivot


@pytest.mark.parametrize(
    ("changes", "flaw"),
    [
        ({"family_name": ""}, "family_name"),
        ({"family_name": None}, "family_name"),
        ({"family_name": 7}, "family_name"),
        ({"family_name": "-'"}, "family_name"),
        ({"family_name": "A" * 300}, "family_name"),
        ({"family_name": "Sans nom"}, "family_name"),
        ({"given_name": "", "given_name_array": []}, "given_name"),
        ({"given_name": None, "given_name_array": None}, "given_name"),
        ({"given_name": "X"}, "given_name"),
        ({"given_name": "Sans prénom"}, "given_name"),
        ({"given_name": "Claire", "given_name_array": ["Anne"]}, "given_name"),
        ({"given_name": "Claire Marie", "given_name_array": ["Claire"]}, "given_name"),
        ({"gender": "unspecified"}, "gender"),
        ({"gender": None}, "gender"),
        ({"gender": ["female"]}, "gender"),
        ({"birthdate": "1985-02-30"}, "birthdate"),
        ({"birthdate": "1985-00-14"}, "birthdate"),
        ({"birthdate": "14/07/1985"}, "birthdate"),
        ({"birthdate": "\uff11\uff19\uff18\uff15-07-14"}, "birthdate"),
        ({"birthdate": None}, "birthdate"),
        ({"birthplace": ""}, "birthplace"),
        ({"birthplace": None}, "birthplace"),
        ({"birthplace": "AAAAA"}, "birthplace"),
        ({"birthplace": True}, "birthplace"),
        ({"birthplace": "99352"}, "birthplace"),
        ({"birthcountry": None}, "birthcountry"),
        ({"birthcountry": "AZERTY"}, "birthcountry"),
        ({"birthcountry": "99999"}, "birthcountry"),
        ({"birthcountry": {"a": 1}}, "birthcountry"),
    ],
)
def test_an_unusable_identity_is_invalid_and_says_which_field(changes, flaw):
    decision, _ = MemoryRegister.of(person()).match(claims(**changes))

    assert (str(decision.outcome), decision.record["flaw"]) == ("invalid", flaw)


@pytest.mark.parametrize("array", ["Claire Marie", 7, {"a": 1}, [1, 2], [None], []])
def test_an_odd_array_of_given_names_is_ignored(array):
    assert outcome(claims(given_name_array=array), person()) == "matched"


@pytest.mark.parametrize(
    ("text", "array", "names"),
    [
        ("Jean Philippe Arnaud", ["Jean Philippe", "Arnaud"], ("JEANPHILIPPE", "ARNAUD")),
        ("Jean-Philippe Arnaud", ["Jean", "Philippe", "Arnaud"], ("JEANPHILIPPE", "ARNAUD")),
        ("Jean Philippe", None, ("JEAN", "PHILIPPE")),
        ("Jean Philippe, Arnaud", None, ("JEANPHILIPPE", "ARNAUD")),
        ("Claire,Marie", ["Claire,Marie"], ("CLAIRE", "MARIE")),
        (None, ["Jean Philippe", "", "Arnaud"], ("JEANPHILIPPE", "ARNAUD")),
        (None, ["Jean-Pierre"], ("JEANPIERRE",)),
    ],
)
def test_a_given_name_ends_where_text_and_array_agree_that_it_does(text, array, names):
    pivot = PivotIdentity.read(claims(given_name=text, given_name_array=array), RULES.places)

    assert pivot.given_names == names


@pytest.mark.parametrize(
    ("birthdate", "idp", "certainty", "read"),
    [
        ("1960-01-01", "1960-01-01", Certainty.CERTAIN, "1960-01-01"),
        ("1960-01-01", "1960-00-00", Certainty.STATED_UNKNOWN, "1960-00-00"),
        ("1960-07-01", "1960-07-00", Certainty.STATED_UNKNOWN, "1960-07-00"),
        ("1960-01-01", None, Certainty.UNSTATED, "1960-01-01"),
        ("1960-01-01", "01/01/1960", Certainty.UNSTATED, "1960-01-01"),
        ("1960-05-12", "1960-00-00", Certainty.CERTAIN, "1960-05-12"),
        ("1960-05-01", "1960-00-00", Certainty.UNSTATED, "1960-05-01"),
        ("1960-05-01", "1960-07-12", Certainty.CERTAIN, "1960-05-01"),
        ("1960-00-00", None, Certainty.STATED_UNKNOWN, "1960-00-00"),
        ("1960-00-00", "1960-05-12", Certainty.STATED_UNKNOWN, "1960-00-00"),
    ],
)
def test_a_date_says_how_sure_it_is(birthdate, idp, certainty, read):
    pivot = PivotIdentity.read(claims(birthdate=birthdate, idp_birthdate=idp), RULES.places)

    assert (pivot.certainty, str(pivot.birth_date)) == (certainty, read)


def test_256_characters_are_a_name_and_257_are_not():
    longest = "A" * 256

    assert outcome(claims(family_name=longest), person(birth_name=longest)) == "matched"
    assert outcome(claims(family_name=longest + "A"), person(birth_name=longest)) == "invalid"


def test_reading_an_identity_without_a_sex_is_refused():
    with pytest.raises(UnusablePivot):
        PivotIdentity.read(claims(gender=None), RULES.places)

"""The product's rules, one by one, and what is too easy to guess."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.accounts.password_policy import PasswordPolicy, PasswordRefused, PersonalFacts
from broker.accounts.password_strength import strength
from broker.insured.birth_date import BirthDate
from broker.insured.nir import Nir
from tests.unit.accounts.builders import claire

POLICY = PasswordPolicy.load()
CLAIRE = PersonalFacts.of(claire(), email_local_part="cl.morvan")
GOOD = "Tulipes&Violon"


def refusal(password, owner=CLAIRE):
    with pytest.raises(PasswordRefused) as caught:
        POLICY.require(password, owner)
    return caught.value.message.removeprefix("password.")


def test_the_specials_are_the_nineteen_of_the_product():
    assert len(set(POLICY.specials)) == len(POLICY.specials) == 19


@pytest.mark.parametrize(
    "password",
    [GOOD, "Tulipes7Violon", "Violets!", "Xk" + "7q" * 24, *(f"Tulipes{c}Violon" for c in "?*<;")],
)
def test_what_meets_every_rule_is_accepted(password):
    POLICY.require(password, CLAIRE)


@pytest.mark.parametrize(
    ("password", "rule"),
    [
        ("", "required"),
        ("Tulip&s", "length"),
        ("Xk" + "7q" * 24 + "z", "length"),
        ("tulipes&violon", "classes"),
        ("TULIPES&VIOLON", "classes"),
        ("TulipesViolon", "digit_or_special"),
        ("Tulipes Violon7", "characters"),
        ("Tulipés&Violon", "characters"),
        ("Tulipes#Violon7", "characters"),
        ("Tulipes\u00a0Violon7", "characters"),
        ("Tulipes\uff11Violon", "digit_or_special"),
        ("\u0422ulipes&Violon", "characters"),
    ],
)
def test_one_broken_rule_is_enough(password, rule):
    assert refusal(password) == rule


@pytest.mark.parametrize(
    "part", ["1985", "1407", "0714", "0785", "8507", "140785", "850714", "071985", "14071985"]
)
def test_no_part_of_the_birth_date_is_accepted(part):
    assert refusal(f"Tulipes{part}Violon") == "personal"


def test_a_part_of_the_birth_date_is_found_between_other_characters():
    assert refusal("Tu1lip9es8Vio5lon") == "personal"


def test_two_digits_of_the_birth_date_are_accepted():
    POLICY.require("Tulipes14Violon85", CLAIRE)


def test_only_the_known_parts_of_a_date_count():
    owner = PersonalFacts(nir=Nir("2850729019001"), birth_date=BirthDate(1956, 0, 0))

    POLICY.require("Tulipes0156Violon", owner)
    assert refusal("Tulipes1956Violon", owner) == "personal"


@pytest.mark.parametrize("nir", ["2850729019001", "285072A019001"])
def test_the_number_is_refused_even_with_letters(nir):
    owner = PersonalFacts(nir=Nir(nir), birth_date=BirthDate(1999, 1, 1))

    assert refusal(f"Tu{nir.lower()}Lip", owner) == "personal"
    assert refusal(f"Tu{nir[:5]}-{nir[5:]}Lip", owner) == "personal"


@pytest.mark.parametrize(
    "password",
    [
        "Azerty123!", "MotDePasse1", "P-assword77", "QWERTYu12345io", "Doudou2024!", "Aa123456",
        "Ameli7Tulipes", "A7m&e7l&i7Tuq", "xVitale/2031x", "TulipesCPAM7", "Securite99!x",
        "LeGall7Tulipes", "Favreau&2031", "7claire7Marin", "Morvan77CLmorvan!",
    ],
)  # fmt: skip
def test_what_is_easy_to_guess_is_refused(password):
    assert refusal(password) == "common"


def test_names_count_only_where_the_owner_is_known():
    POLICY.require("Favreau&2031", None)


def test_short_names_do_not_forbid_everything():
    owner = PersonalFacts.of(claire(birth_name="LE", usage_name="", given_names="ANA"))

    POLICY.require("Tulipes&Banane7", owner)


@given(st.text(max_size=60))
def test_whatever_is_typed_is_judged(password):
    met = dict(POLICY.requirements(password, CLAIRE))

    assert set(met) == {"length", "classes", "digit_or_special", "characters", "personal"}


@pytest.mark.parametrize(
    ("password", "level"),
    [("", ""), ("Azerty1!", "faible"), ("Tulipes&Violon7Chaise", "élevé"), ("x" * 400, "faible")],
)
def test_the_strength_is_an_indication(password, level):
    assert strength(password) == level

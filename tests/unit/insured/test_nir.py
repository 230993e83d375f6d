"""The social security number, as people type it and as files hold it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.insured.nir import Nir, NirKind, NotANir, key_of


@pytest.mark.parametrize(
    "typed",
    [
        "1621228010001",
        "1 62 12 28 010 001",
        "1\u00a062\u00a012\u00a028\u00a0010\u00a0001",
        "1\u202f62.12.28.010.001",
        "162122801000124",
        " 1 62 12 28 010 001 24 ",
        "1-62-12-28-010-001",
        "1\u201162\u201112\u00ad28010\u200b001\ufeff",
    ],
)
def test_spaces_hyphens_dots_and_a_right_key_are_dropped(typed):
    assert Nir.parse(typed).value == "1621228010001"


@pytest.mark.parametrize("typed", ["178102A028452", "1 78 10 2a 028 452", "178102A02845212"])
def test_corsican_numbers_keep_their_letter(typed):
    assert Nir.parse(typed).value == "178102A028452"


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "162122801000",
        "16212280100012",
        "1621228010001245",
        "0621228010001",
        "9621228010001",
        "1621328010001",
        "1620028010001",
        "178102C028452",
        "\uff11\uff16\uff12\uff11\uff12\uff12\uff18\uff10\uff11\uff10\uff10\uff10\uff11",
        "\u0661\u0666\u0662\u0661\u0662\u0662\u0668\u0660\u0661\u0660\u0660\u0660\u0661",
        "162122801000²",
        "16212280l0001",
    ],
)
def test_anything_else_is_no_number(typed):
    with pytest.raises(NotANir) as refused:
        Nir.parse(typed)

    assert (refused.value.message, refused.value.field) == ("nir.invalid", "nir")


def test_a_wrong_key_is_told_apart_for_the_trail_but_not_for_the_person():
    with pytest.raises(NotANir) as refused:
        Nir.parse("162122801000125")

    assert (refused.value.message, refused.value.field) == ("nir.invalid", "nir_key")


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        ("1621228010001", NirKind.REGISTERED),
        ("4711199140577", NirKind.BEING_REGISTERED),
        ("5112345678901", NirKind.PASSING_MIGRANT),
        ("8190848593616", NirKind.PROVISIONAL),
    ],
)
def test_the_first_digit_tells_the_kind(number, kind):
    assert Nir.parse(number).kind is kind


def test_the_number_holds_the_place_of_birth_only_where_it_is_built_so():
    assert Nir.parse("178102A028452").place == "2A028"
    assert Nir.parse("8190848593616").place is None


@pytest.mark.parametrize(
    ("number", "unknown"),
    [("1602099212151", True), ("1505495350176", True), ("1621228010001", False)],
)
def test_a_month_from_20_on_means_that_it_is_unknown(number, unknown):
    assert Nir.parse(number).month_unknown is unknown


def test_files_hold_months_that_nobody_may_type():
    number = "1621328010001"

    assert Nir.filed(number, key_of(number)).value == number


@pytest.mark.parametrize("key", ["", "4", "25", "24 ", "\uff12\uff14"])
def test_the_key_of_a_file_must_be_right(key):
    with pytest.raises(NotANir) as refused:
        Nir.filed("1621228010001", key)

    assert refused.value.field == "nir_key"


@given(st.integers(0, 12), st.sampled_from("0123456789"))
def test_the_key_catches_every_wrong_digit(position, digit):
    number = "1621228010001"
    wrong = number[:position] + digit + number[position + 1 :]

    assert wrong == number or key_of(wrong) != key_of(number)


@given(st.text(max_size=30))
def test_whatever_is_typed_gives_thirteen_characters_or_a_refusal(typed):
    try:
        value = Nir.parse(typed).value
    except NotANir:
        return
    assert len(value) == 13
    assert value.isascii()


def test_a_number_does_not_print():
    assert "1621228010001" not in repr(Nir.parse("1621228010001"))

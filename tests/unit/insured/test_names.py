"""Names: folded for comparison, and what folding set aside."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.insured.names import beginning, fold, given_names, is_name, set_aside, written

ANY = st.text(max_size=30)


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("MARTIN", "MARTIN", []),
        ("Martin", "MARTIN", ["case"]),
        ("D'HÉRÉ", "D HERE", ["separators", "accents"]),
        ("Œuvré", "OEUVRE", ["case", "accents"]),
        ("BE\u0301RUBE\u0301", "BÉRUBÉ", ["form"]),
        ("\uff2d\uff21\uff32\uff34\uff29\uff2e", "MARTIN", ["form"]),
        ("DE\ufb03L", "DEffiL", ["form"]),
        ("MAR\u200bTIN", "MARTIN", ["form"]),
        ("ASSURE--ESSAI", "ASSURE-ESSAI", ["separators"]),
        ("N\u00b4DIAYE", "NDIAYE", ["form", "separators"]),
        ("M\u0410RTIN", "MARTIN", ["script"]),
        ("\u039cARTIN", "MARTIN", ["script"]),
        ("MARTIN/", "MARTIN", ["symbols"]),
        ("\U0001f600", ":GRINNING:", ["symbols"]),
        ("NO?L", "NOL", ["unreadable", "symbols"]),
        ("NO?L", "NO?L", ["unreadable"]),
        ("\ufffd", "?", ["unreadable", "symbols"]),
    ],
)
def test_what_was_set_aside_is_named(left, right, expected):
    assert fold(left) == fold(right)
    assert list(map(str, set_aside(left, right))) == expected
    assert list(map(str, set_aside(right, left))) == expected


@given(ANY)
def test_nothing_is_set_aside_between_a_text_and_itself_unless_letters_were_lost(text):
    assert set(map(str, set_aside(text, text))) <= {"unreadable"}


@given(st.text(string.ascii_letters + "éèœçÿ -'", max_size=30), st.text(" -'", max_size=3))
def test_latin_letters_and_separators_are_never_more_than_that(text, more):
    told = set(map(str, set_aside(text, fold(text) + more)))

    assert told <= {"case", "accents", "separators"}


@given(ANY)
def test_folding_again_changes_nothing(text):
    assert fold(fold(text)) == fold(text)
    assert set(fold(text)) <= set(string.ascii_uppercase + string.digits)


@given(ANY)
def test_names_of_a_list_are_the_letters_of_the_list(text):
    assert "".join(given_names(text)) == fold(text)


@given(ANY, st.integers(0, 30))
def test_a_beginning_folds_to_so_many_letters(text, letters):
    start = beginning(text, letters)

    assert start is None or (text.startswith(start) and len(fold(start)) == letters)


def test_no_beginning_ends_within_a_letter_that_stands_for_two():
    assert beginning("VŒLTZEL", 2) is None
    assert beginning("VŒLTZEL", 3) == "VŒ"


@pytest.mark.parametrize(
    "names",
    [(), ("",), ("X",), ("XX",), ("XXX", "CLAIRE"), ("SANS", "PRENOM"), ("SP",), ("INCONNUE",),
     ("PRENOM", "INCONNU"), ("7",), ("NON", "RENSEIGNE"), ("SNP",)],
)  # fmt: skip
def test_what_is_written_for_want_of_a_name_is_none(names):
    assert not is_name(*names)


@pytest.mark.parametrize("names", [("XU",), ("O",), ("SANS", "CLAIRE"), ("XAVIER",), ("AXXA",)])
def test_short_and_odd_names_are_names(names):
    assert is_name(*names)


def test_length_counts_letters_as_they_are_seen():
    assert len(written("E\u0301LODIE\u200b")) == len("ÉLODIE")

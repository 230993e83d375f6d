"""CSV that a spreadsheet may open."""

import csv
from io import StringIO

import pytest

from broker.base.spreadsheets import csv_of


def read(text):
    return list(csv.reader(StringIO(text, newline=""), strict=True))


@pytest.mark.parametrize(
    "formula",
    [
        "=1+1",
        "+33612345678",
        "-2",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        '=HYPERLINK("//x","y")',
        "\uff1d1",
    ],
)
def test_what_a_spreadsheet_would_run_is_text(formula):
    assert read(csv_of([("before", formula, "after")])) == [["before", f"'{formula}", "after"]]


@pytest.mark.parametrize("text", ["", "a=1", "'quoted", "a-b", " 1", "é", "x,y", 'x"y', "x\r=1"])
def test_what_is_no_formula_stays_as_it_is(text):
    assert read(csv_of([(text, "x"), ("next", "line")])) == [[text, "x"], ["next", "line"]]


def test_numbers_are_numbers():
    assert csv_of([(-1, 2)]) == "-1,2\n"

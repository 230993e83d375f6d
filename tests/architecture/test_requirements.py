"""No requirement is missing, none is believed without what holds it, the document is fresh."""

from dataclasses import replace

import pytest

from tests.architecture.requirements import DOCUMENT, Requirement, sections, written

SIZES = {
    "A1.": 12,
    "A2.": 9,
    "A3.": 7,
    "A4.": 8,
    "A5.": 9,
    "A6.": 13,
    "A7.": 9,
    "A8.": 5,
    "A9.": 5,
    "A10.": 23,
    "A11.": 6,
    "A12.": 7,
    "A13.": 6,
    "A14.": 8,
    "A15.": 7,
    "A16.": 8,
    "A17.": 1,
    "I": 12,
}
TEST = "tests/architecture/test_requirements.py::test_no_number_is_missing"
GOOD = Requirement(
    "A1.1", "Something holds.", "ASVS 1.1.1", "held", (TEST, "docs/audit.md#An event")
)
PART = replace(GOOD, state="in part", left="the rest")
UNTAKEN = replace(GOOD, state="not taken", held_by=(), decision="docs/security.md#Limits")
OPEN = replace(GOOD, state="open", held_by=(), left="all of it")


def test_no_number_is_missing():
    expected = [
        f"{section}{place}" for section, size in SIZES.items() for place in range(1, size + 1)
    ]

    assert [row.id for one in sections() for row in one.requirements] == expected
    assert [one.number for one in sections()] == [section.rstrip(".") for section in SIZES]


def test_each_state_is_true():
    flaws = {row.id: row.flaws() for one in sections() for row in one.requirements}

    assert {number: found for number, found in flaws.items() if found} == {}


@pytest.mark.parametrize("lawful", [GOOD, PART, UNTAKEN, OPEN], ids=lambda one: one.state)
def test_what_is_proved_decided_or_admitted_has_no_flaw(lawful):
    assert lawful.flaws() == []


@pytest.mark.parametrize(
    ("row", "flaw"),
    [
        (replace(GOOD, held_by=()), "held by nothing"),
        (replace(GOOD, left="the rest"), "held, with something open"),
        (replace(PART, held_by=()), "held by nothing"),
        (replace(PART, left=""), "in part, with nothing open"),
        (replace(UNTAKEN, decision=""), "not taken without a decision"),
        (replace(UNTAKEN, decision=TEST), "a decision that is a test"),
        (replace(OPEN, held_by=(TEST,)), "open, with something that holds it"),
        (replace(OPEN, left=""), "open, without saying what"),
        (replace(GOOD, state="fine"), "a state of its own"),
        (replace(GOOD, source=""), "no words or no source"),
        (replace(GOOD, held_by=(f"{TEST}_at_all",)), f"{TEST}_at_all does not exist"),
        (
            replace(GOOD, held_by=("tests/gone.py::test_x",)),
            "tests/gone.py::test_x does not exist",
        ),
        (
            replace(GOOD, held_by=("tests/support/leaks.py::leaks",)),
            "tests/support/leaks.py::leaks does not exist",
        ),
        (replace(GOOD, held_by=("docs/audit.md#An ev",)), "docs/audit.md#An ev does not exist"),
        (replace(GOOD, held_by=("docs/gone.md",)), "docs/gone.md does not exist"),
        (replace(GOOD, decision="docs/gone.md"), "docs/gone.md does not exist"),
    ],
)
def test_one_flaw_is_named(row, flaw):
    assert row.flaws() == [flaw]


def test_the_document_is_what_the_requirements_say():
    stale = "run python -m tests.architecture.requirements"

    assert DOCUMENT.read_text(encoding="utf-8") == written(), stale

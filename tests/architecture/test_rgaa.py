"""docs/rgaa.md covers RGAA 4.1 whole, claims nothing that nobody judged, and is fresh."""

import re
from collections import Counter

from tests.architecture.rgaa import DOCUMENT, WORDS, criteria, written
from tests.architecture.ux_rules import exists
from tests.support.axe_rules import rules_by_criterion
from tests.support.places import ROOT

# RGAA 4.1 (Direction interministérielle du numérique, 2021): criteria of its 13 themes.
SIZES = [9, 2, 3, 13, 8, 2, 5, 10, 4, 14, 13, 11, 12]
OF_ABSENT_CRITERIA = (
    r"<(audio|video|object|embed|canvas|select|blockquote|q)\b|accesskey="
    r"|<table(?![^>]*>\s*<caption)|<t[hd] [^>]*(?:headers|colspan|rowspan)="
)


def test_each_criterion_of_each_theme_is_listed():
    listed = Counter(criterion.theme for criterion in criteria())

    assert list(listed.values()) == SIZES


def test_each_test_that_looks_at_a_criterion_exists():
    named = [(one.number, test) for one in criteria() for test in one.tests]

    assert [(number, test) for number, test in named if not exists(test)] == []


def test_the_rules_of_axe_are_found_and_bear_on_criteria_that_exist():
    judged = rules_by_criterion()

    assert "color-contrast" in judged["3.2"]
    assert "label" in judged["11.1"]
    assert judged.keys() <= {criterion.number for criterion in criteria()}


def test_no_page_contains_what_is_said_to_be_absent():
    pages = (ROOT / "templates").rglob("*.html")
    contents = {path.name: re.findall(OF_ABSENT_CRITERIA, path.read_text()) for path in pages}

    assert {name: found for name, found in contents.items() if found} == {}


def test_the_document_agrees_with_the_statement_that_people_read():
    statement = (ROOT / "templates/accessibility.html").read_text(encoding="utf-8")

    assert "<strong>non conforme</strong>" in statement
    assert "non conforme" in WORDS["preface"]
    assert {one.state for one in criteria()} <= {
        WORDS["machine"],
        WORDS["by_hand"],
        WORDS["absent"],
    }


def test_the_document_is_what_criteria_and_axe_say():
    stale = "run python -m tests.architecture.rgaa"

    assert DOCUMENT.read_text(encoding="utf-8") == written(), stale

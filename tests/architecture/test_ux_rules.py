"""Each rule of our pages names tests that exist or says what is open; the document is fresh."""

from tests.architecture.ux_rules import DOCUMENT, exists, rules, written


def test_there_are_forty_rules_and_none_twice():
    assert len({rule.says for rule in rules()}) == len(rules()) == 40


def test_each_rule_has_its_evidence_or_says_that_it_is_open():
    assert [rule.number for rule in rules() if not (rule.tests or rule.eye or rule.open)] == []


def test_each_test_that_holds_a_rule_exists():
    named = [(rule.number, test) for rule in rules() for test in rule.tests]

    assert [(number, test) for number, test in named if not exists(test)] == []


def test_no_rule_is_called_held_without_a_test():
    assert [rule.number for rule in rules() if rule.state == "held" and not rule.tests] == []


def test_the_document_is_what_the_rules_say():
    stale = "run python -m tests.architecture.ux_rules"

    assert DOCUMENT.read_text(encoding="utf-8") == written(), stale

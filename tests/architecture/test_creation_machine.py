"""The table of the creation: whole, drawn as it is, and the only place that orders its steps."""

import ast

import pytest

from broker.signup import machine
from broker.signup.machine import ENDS, MACHINE, Step, Way
from scripts.draw_journeys import DOCUMENT, drawn
from tests.architecture.code import modules, tree

PROOFS = (Step.IDENTITY, Step.CARD)


def test_the_drawing_of_the_journeys_is_that_of_the_table():
    document = DOCUMENT.read_text()

    assert document.count("```mermaid") == len(MACHINE)
    assert document == drawn(document), "run python -m scripts.draw_journeys"


@pytest.mark.parametrize("way", Way)
def test_each_step_leads_to_the_one_below_it_and_the_last_to_the_end(way):
    order = machine.steps(way)

    assert [each.leads_to for each in MACHINE[way]] == [*order[1:], Step.FINISHED]
    assert len(set(order)) == len(order)


@pytest.mark.parametrize("way", Way)
def test_every_way_asks_the_terms_and_who_it_is_before_it_ends(way):
    order = machine.steps(way)

    assert Step.TERMS in order
    assert order[-1] is Step.CONTACT
    assert Step.RETURN in order or set(PROOFS) <= set(order)


@pytest.mark.parametrize("way", Way)
def test_a_step_is_allowed_once_all_before_it_are_done_and_not_sooner(way):
    order = machine.steps(way)

    for place, due in enumerate(order):
        assert [step for step in Step if machine.allows(way, due, step)] == [
            step for step in Step if step in order[: place + 1]
        ]
    for end in ENDS:
        assert [step for step in Step if machine.allows(way, end, step)] == [end]


def test_no_module_but_the_table_compares_or_lists_steps_in_an_order():
    """A collection of two steps or more, elsewhere, would be a second order."""
    found = [
        (module, node.lineno)
        for module in modules("broker")
        if module.name != "machine.py"
        for node in ast.walk(tree(module))
        if isinstance(node, ast.Tuple | ast.List | ast.Set)
        and sum(_is_step(each) for each in node.elts) > 1
    ]

    assert found == []


def _is_step(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "Step"
    )

"""Each module of a certification plan has its test, and the document says which."""

import importlib

import pytest

from tests.conformance.table import DOCUMENT, Plan, plans, written


def functions_of(file: str) -> set[str]:
    """Return the tests that pytest finds in a file, its imported ones included."""
    module = importlib.import_module(file.removesuffix(".py").replace("/", "."))
    return {
        name
        for name, found in vars(module).items()
        if name.startswith("test_") and getattr(found, "__test__", True)
    }


def title(plan: Plan) -> str:
    return plan.title


@pytest.mark.parametrize("plan", plans(), ids=title)
def test_each_module_of_a_plan_has_its_test(plan: Plan):
    assert [m.name for m in plan.modules if m.test not in functions_of(m.file)] == []


@pytest.mark.parametrize("plan", plans(), ids=title)
def test_the_file_of_a_plan_runs_its_modules_and_nothing_else(plan: Plan):
    found = set().union(*map(functions_of, plan.tests))

    assert found == {m.test for m in plan.modules if not m.borrowed}


def test_the_document_is_what_the_plans_say():
    assert DOCUMENT.read_text() == written(), "run python -m tests.conformance.table"

"""Secrets change while people use the service: every node reads what every other one writes."""

import pytest

from tests.edge.conftest import visitor
from tests.support.edge_stack import data_key

pytestmark = pytest.mark.processes


def test_data_keys_change_in_three_restarts_without_a_fault(stack):
    old, new = (stack.folder / "data_keys").read_text(), data_key("2027a")
    known = logged_in(stack)

    def everybody_is_served():
        """Write and read sealed data on both nodes, whichever answers."""
        for person in (known, logged_in(stack)):
            for _ in range(4):
                page = person.browser.opens("/mon-compte")
                assert page.url.endswith("/mon-compte")
                assert person.insured.nom in page.text

    stack.write_secret("data_keys", f"{old},{new}")
    stack.restart(half_way=everybody_is_served)
    stack.write_secret("data_keys", f"{new},{old}")
    stack.restart(half_way=everybody_is_served)
    stack.command("data-keys", "rotate")
    stack.write_secret("data_keys", new)
    stack.restart(half_way=everybody_is_served)

    everybody_is_served()


def logged_in(stack):
    """Return somebody who has just created an account and given the first code."""
    person = visitor(stack)
    person.creates_account()
    person.browser.opens("/connexion")
    person.logs_in()
    return person

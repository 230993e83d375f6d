"""One plan approved in several processes at once: one effect."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support.stack import Stack

pytestmark = pytest.mark.processes
_AT_ONCE = 4


def test_a_plan_approved_in_four_processes_at_once_has_one_effect(stack: Stack, newcomer):
    person = newcomer()
    person.creates_account()
    person.browser.opens("/connexion")
    person.logs_in()
    planned = stack.command(
        "cut", "plan", "everybody", "--reason", "compromission", LOGNAME="olga"
    )
    reference = planned.partition(":")[0]

    def approve(number: int) -> bool:
        told = stack.command("cut", "approve", reference, check=False, LOGNAME=f"oscar{number}")
        return told.startswith(f"{reference}: done")

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        outcomes = list(pool.map(approve, range(_AT_ONCE)))

    assert outcomes.count(True) == 1
    (done,) = stack.events("--type", "cut.done")
    assert done["before"]["sessions"] >= 1
    assert done["after"]["sessions"] == 0
    refused = stack.events("--type", "cut.refused")
    assert [event["reason_code"] for event in refused] == ["over"] * (_AT_ONCE - 1)
    person.browser.opens("/mon-compte")
    assert "/connexion" in person.browser.url

"""A FranceConnect that errs, before two server processes: one reads why, the others go on."""

import threading
from http import HTTPStatus
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.franceconnect.expected import EXPECTED, STATUS
from tests.processes.test_parallel import count
from tests.support.stack import Stack
from tests.support.visitor import Visitor

pytestmark = pytest.mark.processes
FAULTS = (
    "id_token.alg_none",
    "id_token.exp_eleven_seconds_ago",
    "id_token.iat_in_eleven_seconds",
    "jwks.html",
    "token.hundred_megabytes",
    "userinfo.gzip_bomb",
)
LAWFUL = (
    "lawful.clock_ten_seconds_ahead",
    "lawful.key_rotated_just_before_signing_old_one_withdrawn",
)
SLOW = ("token.slow", "userinfo.dripping")
ANY = "%"
GROWTH = 40 << 20  # bytes; the bodies of a fault are 100 MB and more


@pytest.fixture(scope="module", autouse=True)
def _citizens(stack: Stack) -> None:
    stack.command("insured", "import", str(ROOT / "data/demo_records.csv"))


def comes_back(stack: Stack, behaviour: str) -> Visitor:
    """Begin a creation, be somebody at a FranceConnect that behaves so, and come back."""
    browser = Visitor(stack.url("broker")).opens("/creation-compte")
    start = next(i for i, form in enumerate(browser.forms) if "franceconnect" in form.action)
    browser.submits(form=start)
    browser.opens(f"{browser.url}/account/impots")
    browser.submits(login="test", password="123", misbehaviour=behaviour)
    return browser.submits()


def refusals(stack: Stack, reason: str) -> int:
    return count(
        stack,
        "SELECT count(*) FROM audit_event WHERE type = 'fc.callback.refused'"
        " AND body::json ->> 'reason_code' LIKE %s",
        reason,
    )


def memory(stack: Stack) -> int:
    """Return how many bytes the server processes hold."""
    groups = {str(stack.processes[name].pid) for name in ("server0", "server1")}
    pages = 0
    for process in Path("/proc").glob("[0-9]*"):
        try:
            group = (process / "stat").read_text().rsplit(")", 1)[1].split()[2]
            pages += int((process / "statm").read_text().split()[1]) if group in groups else 0
        except OSError:
            continue  # it ended meanwhile
    return pages * 4096


def calls(stack: Stack) -> list[str]:
    """Return the endpoints that the broker itself asked FranceConnect for, keys left out."""
    lines = (stack.folder / "franceconnect.log").read_text().splitlines()
    asked = [line.split()[1].removeprefix("/api/v2") for line in lines if line.count(" ") > 1]
    return [path for path in asked if path in {"/token", "/userinfo"}]


def test_a_fault_is_explained_and_recorded_and_costs_no_memory(stack):
    comes_back(stack, "")
    before = memory(stack)

    for fault in FAULTS:
        expected = EXPECTED[fault]
        known, asked = refusals(stack, expected.reason), len(calls(stack))
        page = comes_back(stack, fault)

        until_the_fault = [path for path in expected.calls if path != "/jwks"]
        if fault.startswith("jwks."):  # its keys are known here: a new one in the token is not
            until_the_fault = ["/token"]
        assert calls(stack)[asked:] == until_the_fault, fault

        assert page.status == STATUS[expected.page], fault
        assert "FranceConnect" in page.text
        assert refusals(stack, expected.reason) == known + 1, fault

    assert memory(stack) - before < GROWTH


@pytest.mark.parametrize("behaviour", LAWFUL)
def test_what_is_allowed_brings_the_person_back(stack, behaviour):
    known = refusals(stack, ANY)

    page = comes_back(stack, behaviour)

    assert page.status == HTTPStatus.OK
    assert "Conditions générales" in page.text
    assert refusals(stack, ANY) == known


@pytest.mark.parametrize("fault", SLOW)
def test_who_waits_for_a_slow_answer_keeps_nobody_waiting(stack, fault):
    met: list[Visitor] = []
    waiting = threading.Thread(target=lambda: met.append(comes_back(stack, fault)))
    waiting.start()

    others = [comes_back(stack, "") for _ in range(2)]
    waiting.join()

    assert ["Conditions générales" in other.text for other in others] == [True, True]
    assert met[0].status == STATUS[EXPECTED[fault].page]

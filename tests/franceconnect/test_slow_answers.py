"""A FranceConnect that is silent or drips costs a person eight seconds, the service nothing."""

import shutil
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from broker.app import create_app
from broker.base.db import Database
from tests.conftest import FrozenClock, test_settings
from tests.franceconnect.conftest import settings_of
from tests.franceconnect.expected import EXPECTED, of
from tests.franceconnect.test_faulty_answers import assert_explained
from tests.franceconnect.world import Upstream, World

FAULTS = [
    fault for kind in ("discovery", "jwks", "token", "userinfo") for fault in of(kind, timed=True)
]


@dataclass
class Outcome:
    """What one person went through."""

    response: TestResponse
    seconds: float
    reasons: list[str]
    calls: tuple[str, ...]
    kept: dict[str, int]
    next_page_seconds: float
    next_login: int


@pytest.fixture(scope="module")
def outcomes(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Outcome]]:
    """Let a person meet each fault, every one in a world of their own, all at the same time."""
    folder, end = tmp_path_factory.mktemp("slow"), threading.Event()
    clock = FrozenClock()

    def world_for(fault: str, opened: ExitStack) -> World:
        database = shutil.copy(sqlite_template, folder / f"{fault}.db")
        running = Upstream.running(lambda: clock().timestamp(), sleep=end.wait)
        upstream = opened.enter_context(running)
        settings = test_settings(f"sqlite:///{database}", **settings_of(upstream))
        world = World(create_app(settings, clock=clock), upstream)
        opened.callback(world.service(Database).engine.dispose)
        return world

    with ExitStack() as opened, ThreadPoolExecutor(len(FAULTS)) as people:
        # One after the other: routing parses code, and CPython 3.11 fails at that in many threads.
        worlds = [world_for(fault, opened) for fault in FAULTS]
        met = dict(zip(FAULTS, people.map(_met, worlds, FAULTS), strict=True))
    yield met
    end.set()


def _met(world: World, fault: str) -> Outcome:
    if fault.startswith("discovery."):
        world.order(fault)
        response, seconds = _leave(world)
        events = world.events("fc.start")
    else:
        address = world.identify(world.depart(), misbehaviour=fault)
        started = time.monotonic()
        response = world.come_back(address)
        seconds = time.monotonic() - started
        events = world.events("fc.callback.refused")
    calls, kept, started = tuple(world.upstream.calls), world.kept, time.monotonic()
    assert world.client.get("/connexion").status_code == 200
    return Outcome(
        response=response,
        seconds=seconds,
        reasons=[event["reason_code"] for event in events],
        calls=calls,
        kept=kept,
        next_page_seconds=time.monotonic() - started,
        next_login=world.round_trip().status_code,
    )


def _leave(world: World) -> tuple[TestResponse, float]:
    form, started = world.form_token(), time.monotonic()
    response = world.client.post(
        "/creation-compte/franceconnect", data=form, base_url="http://localhost:8000"
    )
    return response, time.monotonic() - started


@pytest.mark.parametrize("fault", FAULTS)
def test_the_person_waits_eight_seconds_and_not_more(
    outcomes: dict[str, Outcome], fault: str
) -> None:
    outcome = outcomes[fault]

    assert 8 <= outcome.seconds < 10
    retry_to = "/creation-compte" if fault.startswith("discovery.") else "/debut"
    assert_explained(outcome.response, EXPECTED[fault].page, retry_to)
    assert outcome.reasons == [EXPECTED[fault].reason]
    assert outcome.calls == EXPECTED[fault].calls
    assert not outcome.kept["fc_identity"]
    assert not outcome.kept["fc_session"]


@pytest.mark.parametrize("fault", FAULTS)
def test_the_service_is_as_quick_as_before(outcomes: dict[str, Outcome], fault: str) -> None:
    outcome = outcomes[fault]

    assert outcome.next_page_seconds < 2
    assert outcome.next_login == 303


@pytest.mark.usefixtures("outcomes")
def test_no_thread_goes_on_reading() -> None:
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline and _readers():
        time.sleep(0.05)

    assert _readers() == []


def _readers() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name == "outgoing call"]

"""Turns: some call, a few wait, and nobody else's thread is held."""

import threading
import time
from contextlib import suppress

import pytest

from broker.base.capped_http import NoAnswer
from broker.base.turns import Turns


class Caller(threading.Thread):
    """Takes a turn and keeps it until told."""

    def __init__(self, turns: Turns) -> None:
        super().__init__(daemon=True)
        self.turns, self.leave, self.calls = turns, threading.Event(), threading.Event()
        self.start()

    def run(self) -> None:
        with suppress(NoAnswer), self.turns.turn():
            self.calls.set()
            self.leave.wait()

    def ends(self) -> None:
        self.leave.set()
        self.join()


def seconds_until_refused(turns: Turns) -> float:
    started = time.monotonic()
    with pytest.raises(NoAnswer, match="busy"), turns.turn():
        pass
    return time.monotonic() - started


def test_whoever_has_a_place_to_wait_waits_for_a_while():
    turns = Turns(calls=1, waiting=1, patience=0.3)
    caller = Caller(turns)
    assert caller.calls.wait(5)

    assert seconds_until_refused(turns) >= 0.3
    caller.ends()


def test_whoever_waits_calls_when_a_turn_is_free():
    turns = Turns(calls=1, waiting=1, patience=30)
    first = Caller(turns)
    assert first.calls.wait(5)
    second = Caller(turns)

    first.ends()

    assert second.calls.wait(5)
    second.ends()


def test_a_fault_gives_turn_and_place_back():
    turns = Turns(calls=1, waiting=0)

    for _ in range(2):
        with pytest.raises(ZeroDivisionError), turns.turn():
            raise ZeroDivisionError


@pytest.mark.parametrize(
    ("threads", "calls", "held"), [(1, 1, 1), (2, 1, 1), (4, 2, 3), (8, 4, 6), (16, 8, 12)]
)
def test_a_quarter_of_a_servers_threads_is_never_held(threads, calls, held):
    turns = Turns.of(threads, patience=30)
    callers = [Caller(turns) for _ in range(held)]
    deadline = time.monotonic() + 10
    while sum(caller.calls.is_set() for caller in callers) < calls:
        assert time.monotonic() < deadline
    time.sleep(0.1)  # the others take their place to wait

    assert sum(caller.calls.is_set() for caller in callers) == calls
    assert seconds_until_refused(turns) < 10
    for caller in callers:
        caller.leave.set()
    for caller in callers:
        caller.join()

"""The benchmark of the provider does its work; its figures are not judged."""

import pytest

from bench.provider import OPERATIONS, run
from bench.systems import on_sqlite

pytestmark = pytest.mark.processes


def test_every_act_succeeds_and_is_measured() -> None:
    few = dict.fromkeys(OPERATIONS, 4)

    bench = run((on_sqlite,), rounds=1, warming=4, operations=few)

    assert bench.errors() == 0
    assert {act for _, act in bench.samples} == set(OPERATIONS)
    assert all(memory > 0 for memory in bench.memory.values())
    assert sum(sample.server_cpu for (sample,) in bench.samples.values()) > 0
    assert len(list(bench.lines())) == 1 + len(OPERATIONS) + 1

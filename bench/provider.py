"""What the OpenID Provider costs, beside panva's oidc-provider doing the same work."""

import contextlib
import math
import os
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path

from bench.meter import cpu_seconds, largest_pss
from bench.systems import System, on_postgresql, on_redis, on_sqlite
from bench.visitor import Failed, Visitor

_ROUNDS = 5
_WARMING = 600  # operations before the first round: node compiles what it sees often
OPERATIONS = {
    "discovery + JWKS": 2_000,
    "SSO login": 600,
    "refresh": 1_000,
    "introspection": 2_000,
    "userinfo": 2_000,
}
Opened = Callable[[Path], contextlib.AbstractContextManager[System]]


@dataclass(frozen=True)
class Sample:
    """One act, repeated in one round."""

    operations: int
    seconds: float
    server_cpu: float
    database_cpu: float
    latencies: list[float] = field(repr=False)
    errors: int

    @property
    def cpu(self) -> float:
        """CPU seconds of a thousand operations, server and database."""
        return 1_000 * (self.server_cpu + self.database_cpu) / self.operations


@dataclass
class Bench:
    """Every sample, by system and act, and the memory of each system's largest process."""

    samples: dict[tuple[str, str], list[Sample]] = field(default_factory=dict)
    memory: dict[str, float] = field(default_factory=dict)

    def measure(self, systems: Sequence[System], rounds: int, operations: dict[str, int]) -> None:
        """Let every system do every act in each round, each round beginning with another one."""
        for number in range(rounds):
            shift = number % len(systems)
            for system in (*systems[shift:], *systems[:shift]):
                visitors = system.visitors()
                for act, count in operations.items():
                    found = self.samples.setdefault((system.name, act), [])
                    found.append(_sample(system, visitors, act, count))
                for visitor in visitors:
                    visitor.leaves()
                self.memory[system.name] = largest_pss(system.server)

    def errors(self) -> int:
        """Return how many operations failed."""
        return sum(sample.errors for found in self.samples.values() for sample in found)

    def lines(self) -> Iterator[str]:
        """Yield the table: the medians over the rounds."""
        yield (
            f"{'act':18}{'system':12}{'CPU s/1000':>11}{'server':>8}{'database':>10}"
            f"{'ratio':>7}{'from':>6}{'to':>6}{'per s':>8}{'p50':>7}{'p95':>7}{'p99 ms':>8}"
            f"{'errors':>8}"
        )
        for (name, act), found in sorted(self.samples.items(), key=lambda item: item[0][1]):
            yield self._line(name, act, found)
        for name, mebibytes in self.memory.items():
            yield f"{name}: {mebibytes:.0f} MiB (PSS of the largest process)"

    def _line(self, name: str, act: str, found: list[Sample]) -> str:
        def median(of: Callable[[Sample], float]) -> float:
            return statistics.median(map(of, found))

        reference = self.samples.get(("reference", act), found)
        ratios = [_ratio(*pair) for pair in zip(found, reference, strict=True)]
        latencies = sorted(1_000 * each for sample in found for each in sample.latencies)
        p50, p95, p99 = (latencies[int(len(latencies) * share)] for share in (0.5, 0.95, 0.99))
        return (
            f"{act:18}{name:12}{median(lambda s: s.cpu):11.3f}"
            f"{median(lambda s: 1_000 * s.server_cpu / s.operations):8.3f}"
            f"{median(lambda s: 1_000 * s.database_cpu / s.operations):10.3f}"
            f"{statistics.median(ratios):7.2f}{min(ratios):6.2f}{max(ratios):6.2f}"
            f"{median(lambda s: s.operations / s.seconds):8.0f}{p50:7.1f}{p95:7.1f}{p99:8.1f}"
            f"{sum(s.errors for s in found):8}"
        )


def run(
    opened: Sequence[Opened] = (on_sqlite, on_postgresql, on_redis),
    rounds: int = _ROUNDS,
    warming: int = _WARMING,
    operations: dict[str, int] = OPERATIONS,
) -> Bench:
    """Start the systems on the first processor, use them from the last; return the figures."""
    bench = Bench()
    processors = sorted(os.sched_getaffinity(0))
    with (
        tempfile.TemporaryDirectory(prefix="broker-bench-") as name,
        contextlib.ExitStack() as end,
    ):
        os.sched_setaffinity(0, processors[:1])
        end.callback(os.sched_setaffinity, 0, processors)
        systems = []
        for number, each in enumerate(opened):
            folder = Path(name) / str(number)
            folder.mkdir()
            systems.append(end.enter_context(each(folder)))
        os.sched_setaffinity(0, processors[-1:])
        Bench().measure(systems, 1, dict.fromkeys(operations, warming))
        bench.measure(systems, rounds, operations)
    return bench


def main() -> None:
    """Print the table."""
    print("\nOpenID Provider, CPU seconds of server and database for 1000 operations")
    print("\n".join(run().lines()))


def _ratio(ours: Sample, theirs: Sample) -> float:
    """Return no number where the work was too little for the system's clock of CPU time."""
    return ours.cpu / theirs.cpu if theirs.cpu else math.nan


def _sample(system: System, visitors: Sequence[Visitor], act: str, count: int) -> Sample:
    latencies: list[float] = []
    failures: list[str] = []
    share = -(-count // len(visitors))

    def repeat(visitor: Visitor) -> None:
        do = visitor.acts[act]
        for _ in range(share):
            started = time.perf_counter()
            try:
                do()
            except (Failed, HTTPException, OSError, LookupError) as error:
                failures.append(repr(error))
            latencies.append(time.perf_counter() - started)

    threads = [threading.Thread(target=repeat, args=(visitor,)) for visitor in visitors]
    before = cpu_seconds(system.server), cpu_seconds(system.database)
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - started
    after = cpu_seconds(system.server), cpu_seconds(system.database)
    used = [now - then for now, then in zip(after, before, strict=True)]
    if failures:
        print(f"{system.name}, {act}: {failures[0]}")
    return Sample(share * len(visitors), seconds, *used, latencies, len(failures))

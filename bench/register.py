"""A large register on PostgreSQL beside a small one: import, memory, matching."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import psycopg

from bench.matching import Register, Timing, interleaved, resident, write_identities
from bench.population import Population
from bench.table import Row, Table
from bench.workshop import Postgres, Usage, forget, postgres, run

_SMALL = 100_000
_ASKED = 2_000  # identities of each kind, fewer in a register of less than 100,000
_IN_FILE = 40_000  # identities of ``broker insured match``
_LOADED = ("people", *Usage.COLUMNS, "database MiB")
_TIMED = ("people, identities", *Timing.COLUMNS)
_COUNTS = "SELECT count(*), pg_database_size(current_database()) >> 20 FROM insured_person"


def measure(folder: Path, size: int) -> Iterator[Table]:
    """Load both registers, then match people of each; B=imports measures accounts."""
    populations = [Population(each, accounts=False) for each in (min(_SMALL, size // 10), size)]
    with postgres(folder) as server:
        urls = [server.database(f"register_{each.size}") for each in populations]
        loads = [_load(folder, *each, server) for each in zip(populations, urls, strict=True)]
        notes = (server.settings(),)
    yield Table("Import into PostgreSQL, start included", _LOADED, loads, notes)
    forget(folder / "postgres")
    with postgres(folder) as server:
        with ExitStack() as opened:
            pairs = zip(urls, populations, strict=True)
            registers = [opened.enter_context(closing(Register(*pair))) for pair in pairs]
            yield from _matches(registers)
            identities = registers[-1].identities(min(_IN_FILE, size) // 4)
        file = folder / "identities.jsonl"
        write_identities((each for kind in identities.values() for each in kind), file)
        yield _match_files(file, urls[-1], server)


def _load(folder: Path, population: Population, url: str, server: Postgres) -> Row:
    path = folder / "register.csv"
    population.write(path)
    used = run(url, "insured", "import", str(path), server=server)
    path.unlink()
    people, megabytes = _query(url, _COUNTS)
    if people != population.size:
        raise AssertionError(people)
    return (population.size, *used.figures(population.size), megabytes)


def _matches(registers: Sequence[Register]) -> Iterator[Table]:
    """Match people of both by turns: first ones whom nobody asked for since the server started."""
    asked = min(_ASKED, registers[-1].population.size // 50)
    kinds = [register.identities(2 * asked) for register in registers]
    present = [{"present": each["present"][:asked]} for each in kinds]
    yield _timed("Matching, nothing in memory yet", registers, interleaved(registers, present))
    warm = [{kind: claims[asked:] for kind, claims in each.items()} for each in kinds]
    interleaved(registers, warm)
    before = resident()
    timings = interleaved(registers, warm)
    note = f"memory of the process that matches: {before} MiB before, {resident()} MiB after"
    yield _timed("Matching, in memory", registers, timings, note)


def _timed(
    title: str, registers: Sequence[Register], timings: dict[str, list[Timing]], note: str = ""
) -> Table:
    rows = [
        (f"{register.population.size:,} {kind}", *timing.figures)
        for kind, of_kind in timings.items()
        for register, timing in zip(registers, of_kind, strict=True)
    ]
    ratios = [f"{kind} {large.p99 / small.p99:.2f}" for kind, (small, large) in timings.items()]
    notes = (f"p99 of the large register divided by the small one's: {', '.join(ratios)}", note)
    return Table(title, _TIMED, rows, tuple(filter(None, notes)))


def _match_files(file: Path, url: str, server: Postgres) -> Table:
    identities = len(file.read_bytes().splitlines())
    rows = []
    for processes in (1, 2):
        out = str(file.with_suffix(".csv"))
        options = ("--processes", str(processes), "--out", out)
        used = run(url, "insured", "match", str(file), *options, server=server)
        rows.append((f"--processes {processes}", *used.figures(identities)))
    title = (
        f"broker insured match, {identities:,} identities in the large register, start included"
    )
    return Table(title, ("", *Usage.COLUMNS), rows)


def _query(url: str, statement: str) -> tuple[Any, ...]:
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        return connection.execute(statement).fetchone() or ()

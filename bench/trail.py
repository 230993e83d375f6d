"""What the audit trail costs of one SSO login: with it and without it, by turns."""

import statistics
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from bench.provider import run
from bench.systems import on_postgresql, on_sqlite
from bench.table import Table

_ACT = "SSO login"
_ROUNDS, _LOGINS = 6, 300
_COLUMNS = ("", "with, CPU ms", "without", "share of the trail", "from", "to")


def measure(
    _folder: Path, _size: int, rounds: int = _ROUNDS, logins: int = _LOGINS
) -> Iterator[Table]:
    """Give the CPU of server and database for a login, and how much of it the trail is."""
    systems = [
        partial(opened, trail=trail)
        for opened in (on_sqlite, on_postgresql)
        for trail in (True, False)
    ]
    found = run(systems, rounds, logins, {_ACT: logins})
    assert not found.errors()
    rows = []
    for name in ("SQLite", "PostgreSQL"):
        kept = [each.cpu for each in found.samples[name, _ACT]]
        none = [each.cpu for each in found.samples[f"{name}, no trail", _ACT]]
        shares = [1 - without / whole for whole, without in zip(kept, none, strict=True)]
        cpu = (statistics.median(kept), statistics.median(none))
        told = (statistics.median(shares), min(shares), max(shares))
        rows.append([name, *cpu, *(f"{share:.0%}" for share in told)])
    notes = (f"{rounds} rounds of {logins} logins by turns; the share is that of one round",)
    yield Table("One SSO login, with its trail and without", _COLUMNS, rows, notes)

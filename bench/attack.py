"""What attackers of a running service reach in a month of its clock, beside the budget."""

import traceback
from collections.abc import Iterator
from pathlib import Path

from bench.table import Row, Table
from bench.workshop import postgres
from broker.base.limits import DAY
from broker.budget import MONTH
from tests.support.attacks import ATTACKS
from tests.support.besieged import Besieged, simulated
from tests.support.siege import lay

WINDOW = 5 * DAY
"""Of what is counted in an hour: a month has six, which takes minutes and not hours."""
_COLUMNS = ("", "tried", "compared", "budget", "verdict")
_HOLDS = "ok"


def measure(folder: Path, _size: int) -> Iterator[Table]:
    """Lay every attack for a month, one after the other, over two processes on PostgreSQL.

    One that breaks off says nothing about the next.
    """
    rows: list[Row] = []
    with (
        postgres(folder) as server,
        Besieged.running(
            folder / "besieged", server.database("besieged"), simulated(WINDOW)
        ) as service,
    ):
        for line, begun in ATTACKS.items():
            try:
                reached = lay(service, line, begun(service), MONTH)
            except Exception:  # noqa: BLE001 - whatever it was is printed, and fails the whole run
                traceback.print_exc()
                rows.append([line, "-", "-", service.budgets[line].month, "broken off"])
                continue
            print(reached.row, flush=True)  # for docs/security-budget.md
            verdict = (_HOLDS if reached.proves else "weak") if reached.holds else "fails"
            rows.append([reached.attack, reached.tried, reached.judged, reached.budget, verdict])
    notes = (
        "limits of tests/support/besieged.py; tried many at once, over two processes, one of",
        "which is killed meanwhile; compared: as the trail counts it",
    )
    holds = all(verdict == _HOLDS for *_, verdict in rows)
    yield Table("Guesses in 30 days of the service's clock", _COLUMNS, rows, notes, holds)

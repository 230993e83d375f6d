"""What attackers of a running service reach in a month of its clock, beside the budget."""

from collections.abc import Iterator
from pathlib import Path

from bench.table import Table
from bench.workshop import postgres
from broker.base.limits import DAY
from broker.budget import MONTH
from tests.support.attacks import ATTACKS
from tests.support.besieged import Besieged, simulated
from tests.support.siege import lay

WINDOW = 5 * DAY
"""Of what is counted in an hour: a month has six, which takes minutes and not hours."""
_COLUMNS = ("", "tried", "compared", "budget", "verdict")


def measure(folder: Path, _size: int) -> Iterator[Table]:
    """Lay every attack for a month, one after the other, over two processes on PostgreSQL."""
    with (
        postgres(folder) as server,
        Besieged.running(
            folder / "besieged", server.database("besieged"), simulated(WINDOW)
        ) as service,
    ):
        rows = []
        for line, begun in ATTACKS.items():
            reached = lay(service, line, begun(service), MONTH)
            verdict = "ok" if reached.holds else "fails"
            print(reached.row, flush=True)  # for docs/security-budget.md
            rows.append([reached.attack, reached.tried, reached.judged, reached.budget, verdict])
    notes = (
        "limits of tests/support/besieged.py; tried many at once, over two processes, one of",
        "which is killed meanwhile; compared: as the trail counts it",
    )
    yield Table("Guesses in 30 days of the service's clock", _COLUMNS, rows, notes)

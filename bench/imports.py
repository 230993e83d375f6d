"""How fast ``broker insured import`` is on both databases."""

from collections.abc import Iterator
from pathlib import Path

from bench.population import Population
from bench.table import Table
from bench.workshop import Usage, migrated, postgres, run

_ROWS = 100_000


def measure(folder: Path, _rows: int) -> Iterator[Table]:
    """Load people into each database: as new, then as updates, then with accounts to open."""
    people, holders = folder / "people.csv", folder / "holders.csv"
    Population(_ROWS, accounts=False).write(people)
    Population(_ROWS).write(holders)
    turns = {"new people": people, "updates": people, "accounts opened": holders}
    rows = []
    with postgres(folder) as server:
        urls = {
            "SQLite": migrated(f"sqlite:///{folder / 'imports.db'}"),
            "PostgreSQL": server.database("imports"),
        }
        for kind, url in urls.items():
            for turn, file in turns.items():
                used = run(url, "insured", "import", str(file), server=server)
                rows.append((f"{kind}, {turn}", *used.figures(_ROWS)))
    title = f"Import of {_ROWS:,} rows, start included"
    yield Table(title, ("", *Usage.COLUMNS), rows)

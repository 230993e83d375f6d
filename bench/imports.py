"""How fast ``broker insured import`` is on both databases."""

from collections.abc import Iterator
from pathlib import Path

from bench.population import Population
from bench.table import Table
from bench.workshop import Usage, migrated, postgres, run

_ROWS = 100_000


def measure(folder: Path, _rows: int) -> Iterator[Table]:
    """Load one file twice into each database: as new people, then as updates."""
    file = folder / "imports.csv"
    Population(_ROWS).write(file)
    rows = []
    with postgres(folder) as server:
        urls = {
            "SQLite": migrated(f"sqlite:///{folder / 'imports.db'}"),
            "PostgreSQL": server.database("imports"),
        }
        for kind, url in urls.items():
            for turn in ("new people", "updates"):
                used = run(url, "insured", "import", str(file), server=server)
                rows.append((f"{kind}, {turn}", *used.figures(_ROWS)))
    title = f"Import of {_ROWS:,} rows, start included"
    yield Table(title, ("", *Usage.COLUMNS), rows)

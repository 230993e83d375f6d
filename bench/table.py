"""A table of figures, printed last."""

from collections.abc import Sequence
from dataclasses import dataclass

Row = Sequence[object]


@dataclass(frozen=True)
class Table:
    """A title, the names of the columns, rows, and what must be known to read them."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Row]
    notes: Sequence[str] = ()
    holds: bool = True
    """Whether the figures keep to what is promised, where anything is."""

    def __str__(self) -> str:
        cells = [[_shown(cell) for cell in row] for row in (self.columns, *self.rows)]
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        lines = [
            "  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])])
            for row in cells
        ]
        return "\n".join([self.title, *lines, *self.notes])


def _shown(cell: object) -> str:
    if not isinstance(cell, float):
        return f"{cell:,}" if isinstance(cell, int) else str(cell)
    return f"{cell:,.0f}" if cell >= 100 else f"{cell:.2f}"  # noqa: PLR2004 - three figures are enough

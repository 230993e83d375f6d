"""The health insurance schemes (régimes) and which of them the compte ameli serves."""

import csv
from dataclasses import dataclass
from typing import Self

from broker.insured.reference_tables import REFERENCE


@dataclass(frozen=True)
class Regimes:
    """Codes of the schemes of the register, by whether their members may have an account."""

    eligible: frozenset[str]
    others: frozenset[str]

    @classmethod
    def load(cls) -> Self:
        """Read the reference table."""
        with (REFERENCE / "regimes.csv").open(encoding="utf-8") as lines:
            rows = [(row["regime"], row["eligible"] == "1") for row in csv.DictReader(lines)]
        return cls(
            frozenset(code for code, eligible in rows if eligible),
            frozenset(code for code, eligible in rows if not eligible),
        )

    def known(self, code: str) -> bool:
        """Tell whether the register may name that scheme."""
        return code in self.eligible or code in self.others

"""docs/rgaa.md: the 106 criteria of RGAA 4.1, what axe and our tests judge of each, what is left.

``python -m tests.architecture.rgaa`` writes it.
"""

import tomllib
from collections import Counter
from dataclasses import dataclass

from tests.support.axe_rules import rules_by_criterion
from tests.support.places import ROOT

DOCUMENT = ROOT / "docs/rgaa.md"
_CRITERIA = tomllib.loads((ROOT / "tests/architecture/rgaa.toml").read_text(encoding="utf-8"))
WORDS = _CRITERIA.pop("words")


@dataclass(frozen=True)
class Criterion:
    """One criterion and what looks at it."""

    theme: str
    number: str
    title: str
    absent: str
    """Why nothing of ours is concerned; empty where something is."""
    axe: tuple[str, ...]
    tests: tuple[str, ...]

    @property
    def state(self) -> str:
        if self.absent:
            return str(WORDS["absent"])
        return str(WORDS["machine" if self.axe or self.tests else "by_hand"])

    @property
    def evidence(self) -> str:
        if self.absent:
            return self.absent
        rules = [f"axe : {', '.join(self.axe)}"] if self.axe else []
        return "<br>".join([*rules, *(f"`{test}`" for test in self.tests)])


def criteria() -> list[Criterion]:
    """Return every criterion, in the order of the reference."""
    axe = rules_by_criterion()
    found = []
    for theme, (subject, listed) in enumerate(_CRITERIA.items(), 1):
        for place, row in enumerate(listed, 1):
            number = f"{theme}.{place}"
            rules, tests = axe.get(number, []), row.get("tests", [])
            found.append(
                Criterion(
                    subject,
                    number,
                    row["title"],
                    row.get("absent", ""),
                    tuple(rules),
                    tuple(tests),
                )
            )
    return found


def written() -> str:
    """Return the document."""
    every = criteria()
    counted = Counter(criterion.state for criterion in every)
    text = f"<!-- made by python -m tests.architecture.rgaa -->\n{WORDS['preface'].lstrip()}\n"
    text += " ; ".join(f"{state} : {counted[state]}" for state in sorted(counted)) + ".\n"
    for subject in _CRITERIA:
        rows = "".join(_row(criterion) for criterion in every if criterion.theme == subject)
        text += f"\n## {subject}\n\n{WORDS['header']}\n|---|---|---|---|\n{rows}"
    return text


def _row(criterion: Criterion) -> str:
    cells = (criterion.number, criterion.title, criterion.state, criterion.evidence)
    return f"| {' | '.join(cells)} |\n"


if __name__ == "__main__":
    DOCUMENT.write_text(written(), encoding="utf-8")

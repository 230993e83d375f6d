"""docs/ux-rules.md: the rules of our pages, the tests that hold them, and what nothing holds yet.

``python -m tests.architecture.ux_rules`` writes it.
"""

import re
import tomllib
from dataclasses import dataclass

from tests.support.places import ROOT

DOCUMENT = ROOT / "docs/ux-rules.md"
_RULES = ROOT / "tests/architecture/ux_rules.toml"
_INTRODUCTION = """\
<!-- made by python -m tests.architecture.ux_rules -->
# How our pages behave, and what proves it

A rule is **held** where tests hold all that it says, **in part** where something of it is open,
and **open** where no test holds any of it. "By eye" tells what was looked at once; nothing
keeps it true.

"""
_HEADER = "| | Rule | State | Held by | Open |\n|---|---|---|---|---|\n"


@dataclass(frozen=True)
class Rule:
    """One rule and its evidence."""

    number: int
    subject: str
    says: str
    tests: tuple[str, ...]
    eye: str
    open: str

    @property
    def state(self) -> str:
        if not self.open:
            return "held"
        return "in part" if self.tests else "open"

    @property
    def evidence(self) -> str:
        seen = [f"by eye: {self.eye}"] if self.eye else []
        return "<br>".join([*(f"`{test}`" for test in self.tests), *seen])


def rules() -> list[Rule]:
    """Return the rules in their order, numbered from 1."""
    listed = [
        (subject, rule)
        for subject, found in tomllib.loads(_RULES.read_text(encoding="utf-8")).items()
        for rule in found
    ]
    return [
        Rule(
            number,
            subject,
            rule["says"],
            tuple(rule["tests"]),
            rule.get("eye", ""),
            rule.get("open", ""),
        )
        for number, (subject, rule) in enumerate(listed, 1)
    ]


def exists(test: str) -> bool:
    """Tell whether the file of ``path::name`` defines that test."""
    path, _, name = test.partition("::")
    file = ROOT / path
    return (
        file.is_file() and re.search(rf"^def {name}\(", file.read_text(), re.MULTILINE) is not None
    )


def written() -> str:
    """Return the document."""
    every = rules()
    states = [rule.state for rule in every]
    text = _INTRODUCTION + ", ".join(
        f"{states.count(state)} {state}" for state in ("held", "in part", "open")
    )
    text += f"; {len(every)} in all.\n"
    for subject in dict.fromkeys(rule.subject for rule in every):
        rows = "".join(_row(rule) for rule in every if rule.subject == subject)
        text += f"\n## {subject}\n\n{_HEADER}{rows}"
    return text


def _row(rule: Rule) -> str:
    return f"| {rule.number} | {rule.says} | {rule.state} | {rule.evidence} | {rule.open} |\n"


if __name__ == "__main__":
    DOCUMENT.write_text(written(), encoding="utf-8")

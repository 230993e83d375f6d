"""docs/requirements.md: each security requirement, its source, what holds it, what is open.

``python -m tests.architecture.requirements`` writes it.
"""

import re
import tomllib
from collections import Counter
from dataclasses import dataclass

from tests.architecture.ux_rules import exists
from tests.support.places import ROOT

DOCUMENT = ROOT / "docs/requirements.md"
STATES = ("held", "in part", "not taken", "open")
_FOLDER = ROOT / "tests/architecture/requirements"
_COLLECTED = re.compile(r"tests/[\w/]*/(test_\w+|\w+_modules)\.py::test_\w+")
_INTRODUCTION = """\
<!-- made by python -m tests.architecture.requirements -->
# Security requirements, and what holds each

Numbers and words are ours; the source says it in full. **Held**: what is named holds all that the
line says. **In part**: something of it is open, and said. **Not taken**: we decided otherwise, for
the reason that the decision gives. **Open**: nothing holds it yet. Where we chose a variant, its
decision stands beside what holds it.

ASVS is version 5.0.0; FAPI is the FAPI 2.0 Security Profile; 800-63B is NIST SP 800-63B-4.

"""
_HEADER = "| | Requirement | Source | State | Held by | Open |\n|---|---|---|---|---|---|\n"


@dataclass(frozen=True)
class Requirement:
    """One requirement and its evidence; `decision` and `held_by` are paths, of headings with #."""

    id: str
    says: str
    source: str
    state: str
    held_by: tuple[str, ...] = ()
    left: str = ""
    decision: str = ""

    def flaws(self) -> list[str]:
        """Return what keeps this line from being believed."""
        named = [*self.held_by, *([self.decision] if self.decision else [])]
        wrong = {
            "a state of its own": self.state not in STATES,
            "held by nothing": self.state in {"held", "in part"} and not self.held_by,
            "held, with something open": self.state == "held" and bool(self.left),
            "in part, with nothing open": self.state == "in part" and not self.left,
            "not taken without a decision": self.state == "not taken" and not self.decision,
            "open, with something that holds it": self.state == "open" and bool(self.held_by),
            "open, without saying what": self.state == "open" and not self.left,
            "no words or no source": not (self.says and self.source),
            "a decision that is a test": "::" in self.decision,
        }
        return [flaw for flaw, found in wrong.items() if found] + [
            f"{name} does not exist" for name in named if not _found(name)
        ]


@dataclass(frozen=True)
class Section:
    """The requirements of one subject."""

    number: str
    title: str
    requirements: tuple[Requirement, ...]


def sections() -> list[Section]:
    """Return every section, in the order of the files' names."""
    read = [
        tomllib.loads(file.read_text(encoding="utf-8")) for file in sorted(_FOLDER.glob("*.toml"))
    ]
    return [
        Section(
            found["number"],
            found["title"],
            tuple(
                Requirement(**{**row, "held_by": tuple(row.get("held_by", ()))})
                for row in found["requirement"]
            ),
        )
        for found in read
    ]


def written() -> str:
    """Return the document."""
    every = sections()
    text = (
        _INTRODUCTION + "| | Subject | " + " | ".join(STATES) + " |\n|---|---|--:|--:|--:|--:|\n"
    )
    text += "".join(_counted(f"{one.number} | {one.title}", one.requirements) for one in every)
    text += _counted(" | All", tuple(row for one in every for row in one.requirements))
    for section in every:
        rows = "".join(_row(requirement) for requirement in section.requirements)
        text += f"\n## {section.number}. {section.title}\n\n{_HEADER}{rows}"
    return text


def _counted(name: str, requirements: tuple[Requirement, ...]) -> str:
    states = Counter(requirement.state for requirement in requirements)
    return f"| {name} | {' | '.join(str(states[state]) for state in STATES)} |\n"


def _row(one: Requirement) -> str:
    evidence = [f"decided: {_shown(one.decision)}"] if one.decision else []
    evidence += [_shown(name) for name in one.held_by]
    cells = (one.id, one.says, one.source, one.state, "<br>".join(evidence), one.left)
    return f"| {' | '.join(cells)} |\n"


def _shown(name: str) -> str:
    if "::" in name:
        return f"`{name}`"
    path, _, heading = name.partition("#")
    target = path.removeprefix("docs/") if path.startswith("docs/") else f"../{path}"
    anchor = re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")
    label = heading or path.rsplit("/", 1)[-1]
    return f"[{label}]({target}{'#' if anchor else ''}{anchor})"


def _found(name: str) -> bool:
    """Tell whether ``path::test``, ``path#Heading`` or ``path`` is there."""
    if "::" in name:
        return _COLLECTED.fullmatch(name) is not None and exists(name)
    path, _, heading = name.partition("#")
    file = ROOT / path
    if not file.is_file():
        return False
    text = file.read_text(encoding="utf-8")
    return not heading or re.search(rf"^#+ {re.escape(heading)}$", text, re.MULTILINE) is not None


if __name__ == "__main__":
    DOCUMENT.write_text(written(), encoding="utf-8")

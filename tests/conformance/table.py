"""The table of docs/conformance.md, made of plans.toml: which test covers which module.

``python -m tests.conformance.table`` writes it.
"""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.support.places import ROOT

DOCUMENT = ROOT / "docs/conformance.md"
_PLANS = ROOT / "tests/conformance/plans.toml"
_MARK = "<!-- made by python -m tests.conformance.table -->"


@dataclass(frozen=True)
class Module:
    """One module: what it requires and the test that shows it."""

    name: str
    required: str
    file: str
    test: str
    borrowed: bool = False
    """Whether the test stands in a file that the plan's does not run."""


@dataclass(frozen=True)
class Plan:
    """One plan of the certification suite, or a list of rules kept in the same way."""

    name: str
    title: str
    tests: tuple[str, ...]
    note: str
    modules: tuple[Module, ...]


def plans() -> tuple[Plan, ...]:
    """Return the plans of plans.toml, in its order."""
    documents = tomllib.loads(_PLANS.read_text())["plan"]
    named = {document["name"]: document for document in documents}
    return tuple(
        Plan(
            document["name"],
            document["title"],
            _files(document["tests"]),
            document.get("note", ""),
            tuple(_modules(document, named[document.get("modules_of", document["name"])])),
        )
        for document in documents
    )


def _modules(plan: dict[str, Any], listed: dict[str, Any]) -> Iterator[Module]:
    sources = _files(plan.get("source", plan["tests"]))
    for name, given in listed["modules"].items():
        facts = {"required": given} if isinstance(given, str) else given
        test = facts.get("test", "test_" + name.replace("-", "_"))
        borrowed = "file" in facts
        file = facts.get("file") or _holding(test, sources)
        yield Module(name, facts["required"], file, test, borrowed)


def _files(given: str | list[str]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)


def _holding(test: str, files: tuple[str, ...]) -> str:
    """Return the file of a plan that holds a test; the first where none does."""
    if len(files) == 1:
        return files[0]
    holders = (file for file in files if f"def {test}(" in (ROOT / file).read_text())
    return next(holders, files[0])


def written() -> str:
    """Return the document: its introduction as it is, the tables as plans.toml says."""
    introduction = DOCUMENT.read_text().partition(_MARK)[0]
    return introduction + _MARK + "\n" + "".join(map(_section, plans()))


def _section(plan: Plan) -> str:
    files = ", ".join(f"`{file}`" for file in plan.tests)
    lines = [f"\n## {plan.title}\n", f"`{plan.name}`, run by {files}.\n"]
    if plan.note:
        lines.append(plan.note + "\n")
    lines.append("| Module | Required | Test |\n|---|---|---|")
    lines += [f"| {m.name} | {m.required} | `{m.file}::{m.test}` |" for m in plan.modules]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    DOCUMENT.write_text(written())

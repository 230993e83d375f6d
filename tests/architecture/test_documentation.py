"""The documents tell what the code does: settings, addresses, commands, files."""

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from flask import Flask

from broker.app import create_app
from broker.base.limits import Limits
from broker.base.settings import Settings
from broker.cli import broker as command_line
from tests.conftest import ROOT, test_settings

DOCUMENTS = sorted(
    path.relative_to(ROOT) for path in [*ROOT.glob("*.md"), *ROOT.joinpath("docs").rglob("*.md")]
)
DECISIONS = [path for path in DOCUMENTS if path.match("docs/decisions/0*.md")]
FOLDERS = "broker|demo|tests|docs|config|data|deploy|templates|static|migrations|scripts|bench"
METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE"}


def named(value: object) -> str:
    return str(value)


@pytest.fixture
def application(sqlite_url: str) -> Flask:
    return create_app(test_settings(sqlite_url))


@pytest.mark.parametrize("key", sorted(Settings.model_fields.keys() - {"limits"}))
def test_each_setting_is_explained(key: str):
    assert f"BROKER_{key.upper()}" in rows("docs/settings.md")


@pytest.mark.parametrize("key", sorted(Limits.model_fields))
def test_each_limit_is_explained_with_its_default(key: str):
    default = rows("docs/settings.md")[f"BROKER_LIMIT_{key.upper()}"][1]

    assert default.replace(" ", "") == str(Limits.model_fields[key].default)


def test_no_setting_is_explained_that_does_not_exist():
    known = {f"BROKER_{key.upper()}" for key in Settings.model_fields}
    known |= {f"BROKER_LIMIT_{key.upper()}" for key in Limits.model_fields} | {"BROKER_SETTINGS"}

    explained = {name for name in rows("docs/settings.md") if name.startswith("BROKER_")}

    assert explained - known == set()


def test_each_address_is_described_with_its_methods(application: Flask):
    served: dict[str, set[str]] = {}
    for rule in application.url_map.iter_rules():
        served.setdefault(rule.rule, set()).update(METHODS & (rule.methods or set()))

    described = {name: set(cells[1].split()) for name, cells in rows("docs/endpoints.md").items()}

    assert described == served


def test_each_command_is_described():
    operations = (ROOT / "docs/operations.md").read_text()

    assert [c for c in commands(command_line, "broker") if f"`{c}" not in operations] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_a_document_names_no_machine(document: Path):
    folders = re.compile(r"(?<![\w.])/(home|root|tmp|Users|mnt)/|localhost:\d{5}")
    text = (ROOT / document).read_text()

    assert not folders.search(text)
    assert str(ROOT) not in text


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_a_link_between_documents_leads_somewhere(document: Path):
    text = (ROOT / document).read_text()
    targets = re.findall(r"\]\((?!https?:)([^)#\s]+)", text)
    screenshots = {"docs/images/creation.png", "docs/images/partner.png"}

    dead = [t for t in targets if not (ROOT / document.parent / t).exists()]

    assert set(dead) - screenshots == set()


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_a_file_that_a_document_names_exists(document: Path):
    text = (ROOT / document).read_text()
    paths = re.findall(rf"`((?:{FOLDERS})/[\w./*-]*)`", text)

    assert [path for path in paths if not any(ROOT.glob(path.rstrip("/")))] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_a_test_that_a_document_names_exists(document: Path):
    cited = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", (ROOT / document).read_text())

    assert [(file, name) for file, name in cited if not has_test(ROOT / file, name)] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_a_make_target_that_a_document_names_exists(document: Path):
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))

    assert set(re.findall(r"`make ([a-z-]+)", (ROOT / document).read_text())) <= targets


@pytest.mark.parametrize("decision", DECISIONS, ids=named)
def test_a_decision_says_when_why_what_and_with_which_consequences(decision: Path):
    text = (ROOT / decision).read_text()
    number = int(decision.name[:4])

    assert text.startswith(f"# {number}. ")
    assert re.search(r"^Date: \d{4}-\d\d-\d\d$", text, re.MULTILINE)
    assert re.search(r"^Status: (accepted|superseded by \d{4})$", text, re.MULTILINE)
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Context", "Decision", "Consequences"]


def test_the_decisions_are_numbered_without_gap_and_listed():
    index = (ROOT / "docs/decisions/README.md").read_text()

    assert [int(path.name[:4]) for path in DECISIONS] == list(range(1, len(DECISIONS) + 1))
    assert [path.name for path in DECISIONS if f"({path.name})" not in index] == []


def rows(document: str) -> dict[str, list[str]]:
    """Return the cells of each table row whose first cell is one name in backticks."""
    found: dict[str, list[str]] = {}
    for line in (ROOT / document).read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        name = re.fullmatch(r"`([^`]+)`", cells[0])
        if line.startswith("|") and name:
            assert name[1] not in found, f"{name[1]} is described twice"
            found[name[1]] = cells
    return found


def has_test(file: Path, name: str) -> bool:
    return file.exists() and f"def {name}(" in file.read_text()


def commands(group: click.Group, path: str) -> Iterator[str]:
    """Yield the full name of every command."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{path} {name}")
        else:
            yield f"{path} {name}"

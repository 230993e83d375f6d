"""The partner guide, followed to the letter: its files, its commands, its code, a real login."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.support.account_holder import AccountHolder
from tests.support.people import without_account, write_register
from tests.support.person import PASSWORD
from tests.support.ports import free_port
from tests.support.stack import Stack, wait_for

pytestmark = pytest.mark.clients
_GUIDE = (ROOT / "docs/partners.md").read_text().partition("## 1. ")[0]
_BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", _GUIDE, re.MULTILINE | re.DOTALL)
_PROGRAMS = {".venv/bin/broker": [sys.executable, "-m", "broker"],
             ".venv/bin/python": [sys.executable]}  # fmt: skip


def blocks(language: str) -> list[str]:
    return [text for kind, text in _BLOCKS if kind == language]


@dataclass
class Reader:
    """Who follows the guide in a folder of their own; ports alone are not those of the demo."""

    stack: Stack
    folder: Path
    port: int

    @property
    def site(self) -> str:
        return f"http://localhost:{self.port}"

    def adapted(self, text: str) -> str:
        text = text.replace("http://localhost:8000", self.stack.url("broker"))
        return text.replace("http://localhost:9000", self.site).replace("9000", str(self.port))

    def writes(self, name: str, text: str) -> None:
        (self.folder / name).write_text(self.adapted(text))

    def types(self, command: str, answer: str = "") -> str:
        """Run a command of the guide; return what it prints."""
        done = subprocess.run(
            self.words(command),
            cwd=self.folder,
            env=self.environment,
            input=answer,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert "Traceback" not in done.stderr, done.stderr
        return done.stdout

    def words(self, command: str) -> list[str]:
        program, *arguments = command.split()
        return [*_PROGRAMS[program], *arguments]

    @property
    def environment(self) -> dict[str, str]:
        return {**self.stack.environment, "PYTHONPATH": str(ROOT)}

    @contextmanager
    def runs(self, *words: str) -> Iterator[None]:
        with (self.folder / "site.log").open("ab") as log:
            running = subprocess.Popen(
                words,
                cwd=self.folder,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        try:
            wait_until_answers(self.site)
            yield
        finally:
            os.killpg(running.pid, signal.SIGTERM)  # node is a child of the program that finds it
            running.wait(timeout=30)


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The service as the demo has it: one process, SQLite, few people."""
    folder = tmp_path_factory.mktemp("guide")
    running = Stack(folder, f"sqlite:///{folder / 'broker.db'}")
    running.prepare(write_register(folder / "people.csv", 3))
    running.start()
    yield running
    running.stop()
    running.require_no_leak()


@pytest.fixture(scope="module")
def holder(stack: Stack) -> AccountHolder:
    person = AccountHolder(stack, next(without_account()), "titulaire@exemple.fr")
    person.creates_account()
    return person


def wait_until_answers(site: str) -> None:
    """Ask for a page that is not there, or leads away: any answer is one."""
    wait_for(f"{site}/connexion")


@pytest.fixture
def reader(stack: Stack, tmp_path: Path) -> Reader:
    """Somebody whose file is written, checked and applied as the guide says."""
    reading = Reader(stack, tmp_path, free_port())
    reading.writes("mon-service.json", blocks("json")[0])
    return reading


@pytest.fixture
def applied(reader: Reader) -> Reader:
    reader.types(apply_command(), "y\n")
    return reader


def apply_command() -> str:
    return next(text.strip() for text in blocks("sh") if "clients apply" in text)


@pytest.fixture
def visits(applied: Reader, holder: AccountHolder) -> Callable[[str], AccountHolder]:
    """Return a function that opens a page of the new site in a browser of the account holder."""
    person = AccountHolder(applied.stack, holder.insured, holder.email)

    def visit(page: str) -> AccountHolder:
        person.browser.opens(applied.site + page)
        return person

    return visit


def test_each_command_prints_what_the_guide_shows(reader):
    """A ``text`` block is what the ``sh`` block before it prints."""
    shown = [
        (command.strip(), _BLOCKS[rank + 1][1])
        for rank, (kind, command) in enumerate(_BLOCKS[:-1])
        if kind == "sh" and _BLOCKS[rank + 1][0] == "text"
    ]

    assert len(shown) == len(blocks("text")) == 2
    for command, text in shown:
        assert reader.types(command) == text


def test_nothing_is_applied_before_the_answer(reader):
    output = reader.types(apply_command(), "n\n")

    assert "mon-service: new" in output
    assert "| Ce que Mon service va recevoir" in output
    assert "mon-service" not in reader.types(".venv/bin/broker clients list")


def test_the_python_site_logs_in_refreshes_and_logs_out(applied, visits, holder):
    applied.writes("mon_service.py", blocks("python")[0])
    (run,) = [text for text in blocks("sh") if "mon_service.py" in text]

    with applied.runs(*applied.words(run)):
        # The person logs in, and refuses what the page says.
        person = visits("/connexion")
        browser = logs_in_up_to_the_page(person)
        browser.submits(form=browser.form_with("vu"), choix="refuser")
        assert browser.text == "Vous avez renoncé. Recommencer : /connexion"

        # Then agrees.
        visits("/connexion")
        browser.submits(form=browser.form_with("vu"))
        assert browser.url.startswith(f"{applied.site}/retour?")
        assert browser.text.startswith("Bonjour ")
        assert browser.text.endswith(holder.insured.nom)

        assert visits("/plus-tard").browser.text == f"Encore vous : {holder.email}"

        # Another secret is applied: the site goes on with the one before.
        file = applied.folder / "mon-service.json"
        file.write_text(file.read_text().replace("a-remplacer-par", "le-prochain-avec"))
        assert "new secret; the previous one ends: " in applied.types(apply_command(), "y\n")
        assert visits("/plus-tard").browser.text == f"Encore vous : {holder.email}"

        assert visits("/deconnexion").browser.text == "Au revoir"
        login = visits("/connexion").browser.form_with("mot_de_passe")
        browser.submits(form=login, nir=holder.insured.nir, mot_de_passe=PASSWORD)
        assert browser.text.startswith("Bonjour ")

        # What ended at ameli is no failure of the site: it asks for another login.
        browser.opens(applied.stack.url("broker") + "/deconnexion")
        browser.submits()
        assert visits("/plus-tard").browser.form_with("mot_de_passe") is not None


def logs_in_up_to_the_page(person):
    """Answer password and code; stop at the page that says what the site will receive."""
    person.agrees = lambda **_: person.browser
    return person.logs_in()


def test_the_node_site_logs_in(applied, visits, holder, node_modules):
    (applied.folder / "node_modules").symlink_to(node_modules / "node_modules")
    applied.writes("mon-service.mjs", blocks("js")[0])
    node = str(Path(sys.executable).parent / "node")

    with applied.runs(node, "mon-service.mjs"):
        person = visits("/connexion")
        person.logs_in()

        assert person.browser.text.startswith("Bonjour ")
        assert person.browser.text.endswith(holder.insured.nom)

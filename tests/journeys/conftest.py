"""Whole stories in Chromium, on SQLite and on PostgreSQL with two server processes."""

import itertools
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser

from tests.conftest import ROOT
from tests.support.inspection import Inspector
from tests.support.person import Person
from tests.support.stack import Stack

_numbers = itertools.count(1)


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def stack(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stack]:
    """One running service for every journey; people differ from test to test."""
    folder = tmp_path_factory.mktemp(f"stack-{request.param}")
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres").new_database()
        running = Stack(folder, url, servers=2)
    else:
        running = Stack(folder, f"sqlite:///{folder / 'broker.db'}")
    running.prepare(ROOT / "data/records.csv", ROOT / "data/demo_records.csv")
    running.start()
    yield running
    running.stop()
    running.require_no_leak()


@pytest.fixture(scope="session")
def inspector() -> Inspector:
    """Look at each state of each page once in a run."""
    return Inspector.from_environment()


@pytest.fixture
def newcomer(
    chromium: Browser, stack: Stack, inspector: Inspector
) -> Iterator[Callable[..., Person]]:
    """Return a function that seats a person at a browser of their own."""
    contexts = []

    def seat(*, javascript: bool = True, mobile: bool = False) -> Person:
        size = {"width": 360, "height": 740} if mobile else {"width": 1280, "height": 900}
        context = chromium.new_context(
            java_script_enabled=javascript, viewport=size, locale="fr-FR"
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        email = f"personne{next(_numbers)}@exemple.fr"
        return Person(context.new_page(), stack, email, inspector if javascript else None)

    yield seat
    for context in contexts:
        context.close()

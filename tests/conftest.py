"""What every test may ask for: a clock, a database of each kind, the application."""

import gc
import os
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import hypothesis
import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Playwright, sync_playwright

from broker.app import create_app
from broker.base.db import Database
from broker.base.settings import Settings, load_settings
from broker.migration import migrate
from tests.support.browsers import FLAGS
from tests.support.compiled_templates import CompiledTemplates
from tests.support.own_keys import make_few_keys
from tests.support.places import ROOT
from tests.support.postgres import PostgresCluster
from tests.support.recorder import bodies_in, require_documented
from tests.support.redis_server import RedisServer

NOON = datetime(2026, 3, 2, 11, 0, tzinfo=UTC)
# Property tests draw the same examples on every machine: a red test is red for everybody.
hypothesis.settings.register_profile("same", derandomize=True, deadline=None)
hypothesis.settings.load_profile("same")
_ROOM_FOR_DATABASES = 4 * 2**30
_skipped: list[str] = []


class FrozenClock:
    """A clock that moves when told."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **duration: float) -> None:
        self.now += timedelta(**duration)


def pytest_configure() -> None:
    """Thousands of databases are made and thrown away: in memory, where there is room."""
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and shutil.disk_usage(memory).free >= _ROOM_FOR_DATABASES
    if roomy and "TMPDIR" not in os.environ:
        tempfile.tempdir = str(memory)
    Flask.jinja_options = {"bytecode_cache": CompiledTemplates()}
    make_few_keys()


def pytest_collection_finish() -> None:
    """Let the garbage collector pass over what stays to the end: code, and thousands of tests."""
    gc.collect()
    gc.freeze()


def require(what: str, *, present: bool) -> None:
    """Skip the test without *what*; with REQUIRE_ALL=1 fail it."""
    if present:
        return
    if os.environ.get("REQUIRE_ALL"):
        pytest.fail(f"{what} is required and missing")
    _skipped.append(what)
    pytest.skip(f"{what} is missing")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for what in sorted(set(_skipped)):
        terminalreporter.write_line(f"Skipped for want of {what}: {_skipped.count(what)} tests")


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock()


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresCluster]:
    with PostgresCluster.running() as cluster:
        yield cluster


def redis_required() -> None:
    require("redis-server", present=shutil.which("redis-server") is not None)


@pytest.fixture(scope="session")
def playwright_driver() -> Iterator[Playwright]:
    """The one driver of every browser: a process cannot hold two at a time."""
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="session")
def chromium(playwright_driver: Playwright) -> Iterator[Browser]:
    path = shutil.which("chromium")
    require("chromium", present=path is not None)
    browser = playwright_driver.chromium.launch(executable_path=path, args=FLAGS)
    yield browser
    browser.close()


@pytest.fixture
def redis_server(tmp_path: Path) -> Iterator[RedisServer]:
    """A Redis of this test alone, which it may break."""
    redis_required()
    server = RedisServer(tmp_path)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "broker.db"
    migrate(test_settings(f"sqlite:///{path}"))
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """An empty migrated database: each test that asks for it runs on both kinds."""
    if request.param == "postgresql":
        with request.getfixturevalue("postgres").database() as url:
            yield url
            judge_events(request, url)
    else:
        yield str(request.getfixturevalue("sqlite_url"))


@pytest.fixture
def sqlite_url(
    request: pytest.FixtureRequest, sqlite_template: Path, tmp_path: Path
) -> Iterator[str]:
    shutil.copy(sqlite_template, tmp_path / "broker.db")
    url = f"sqlite:///{tmp_path / 'broker.db'}"
    yield url
    judge_events(request, url)


def judge_events(request: pytest.FixtureRequest, database_url: str) -> None:
    """Fail the test that recorded an event which is not documented, or tells too much."""
    if not request.node.get_closest_marker("forges_events"):
        require_documented(bodies_in(database_url))


@pytest.fixture
def settings(database_url: str) -> Settings:
    return test_settings(database_url)


@pytest.fixture
def app(settings: Settings, clock: FrozenClock) -> Iterator[Flask]:
    application = create_app(settings, clock=clock)
    yield application
    application.extensions["broker"][Database].engine.dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def test_settings(database_url: str, **changes: str) -> Settings:
    """Settings of the test profile on that database, with BROKER_ variables above them."""
    environment = {"BROKER_SETTINGS": str(ROOT / "config/test.toml")}
    environment["BROKER_DATABASE_URL"] = database_url
    return load_settings(environment | changes)


test_settings.__test__ = False  # type: ignore[attr-defined]

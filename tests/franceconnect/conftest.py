"""A broker whose FranceConnect is the demo's simulator, both on the clock of the test."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from pathlib import Path

import pytest

from broker.app import create_app
from broker.base.db import Database
from tests.conftest import FrozenClock, test_settings
from tests.franceconnect.world import SECRET, Upstream, World
from tests.support.recorder import bodies_in, require_documented

Worlds = Callable[..., AbstractContextManager[World]]


@pytest.fixture
def upstream(clock: FrozenClock) -> Iterator[Upstream]:
    with Upstream.running(lambda: clock().timestamp()) as running:
        yield running


@pytest.fixture
def a_world(sqlite_url: str, upstream: Upstream, clock: FrozenClock) -> Worlds:
    """Return a factory: settings of FranceConnect may be changed before the broker starts."""

    @contextmanager
    def build(database_url: str = sqlite_url, **changes: str) -> Iterator[World]:
        chosen = settings_of(upstream) | changes
        app = create_app(test_settings(database_url, **chosen), clock=clock)
        engine = app.extensions["broker"][Database].engine
        yield World(app, upstream)
        engine.dispose()

    return build


class _Ticking(FrozenClock):
    """Never tells the same time twice, so that events keep their order."""

    def __call__(self) -> datetime:
        self.advance(milliseconds=1)
        return super().__call__()


@pytest.fixture(scope="module")
def warm_world(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A world that many tests share: it knows FranceConnect's addresses and keys already."""
    database = shutil.copy(sqlite_template, tmp_path_factory.mktemp("warm"))
    clock = _Ticking()
    with Upstream.running(lambda: clock().timestamp()) as upstream:
        settings = test_settings(f"sqlite:///{database}", **settings_of(upstream))
        world = World(create_app(settings, clock=clock), upstream)
        assert world.round_trip().status_code == 303
        yield world
        world.service(Database).engine.dispose()
        require_documented(bodies_in(f"sqlite:///{database}"))


def settings_of(upstream: Upstream) -> dict[str, str]:
    return {
        "BROKER_FRANCECONNECT_ISSUER": upstream.issuer,
        "BROKER_FRANCECONNECT_CLIENT_ID": "ameli-fs",
        "BROKER_FRANCECONNECT_CLIENT_SECRET": SECRET,
    }


@pytest.fixture
def world(a_world: Worlds) -> Iterator[World]:
    with a_world() as built:
        yield built

"""A broker whose FranceConnect is the demo's simulator, both on the clock of the test."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest

from broker.app import create_app
from broker.base.db import Database
from tests.conftest import FrozenClock, test_settings
from tests.franceconnect.world import SECRET, Upstream, World

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
        chosen = {
            "BROKER_FRANCECONNECT_ISSUER": upstream.issuer,
            "BROKER_FRANCECONNECT_CLIENT_ID": "ameli-fs",
            "BROKER_FRANCECONNECT_CLIENT_SECRET": SECRET,
        }
        app = create_app(test_settings(database_url, **(chosen | changes)), clock=clock)
        engine = app.extensions["broker"][Database].engine
        yield World(app, upstream)
        engine.dispose()

    return build


@pytest.fixture
def world(a_world: Worlds) -> Iterator[World]:
    with a_world() as built:
        yield built

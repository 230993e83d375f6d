"""The bench of the trail compares a service that keeps it with one that really keeps none."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bench.systems import on_sqlite

pytestmark = pytest.mark.processes


def events(folder: Path) -> int:
    with closing(sqlite3.connect(folder / "broker.db")) as connection:
        return int(connection.execute("SELECT count(*) FROM audit_event").fetchone()[0])


@pytest.mark.parametrize("trail", [True, False])
def test_a_login_leaves_events_with_the_trail_alone(tmp_path: Path, trail: bool) -> None:
    with on_sqlite(tmp_path, trail=trail) as system:
        visitors = system.visitors()
        before = events(tmp_path)

        visitors[0].logs_in()

        assert (events(tmp_path) > before) is trail
        for visitor in visitors:
            visitor.leaves()

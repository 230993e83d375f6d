"""What of an answer's time is there on purpose is told apart."""

import pytest

from bench.pages import Bench
from tests.support.page_walk import Answer


@pytest.mark.parametrize(
    ("method", "path", "status", "apart"),
    [
        ("POST", "/connexion", 303, 75.0),
        ("POST", "/connexion", 422, 75.0),
        ("POST", "/connexion", 400, 100.0),  # no token of a form: nothing was compared
        ("GET", "/connexion", 200, 100.0),
        ("POST", "/mon-compte/mot-de-passe", 303, 50.0),  # compared, and hashed
        ("POST", "/mot-de-passe-oublie", 303, 0.0),  # waits 200 ms
    ],
)
def test_hashes_and_waits_are_not_counted_as_the_page_s_own(method, path, status, apart):
    bench = Bench(hashes=[25.0, 25.0, 300.0])
    for database in ("SQLite", "PostgreSQL"):
        bench.note(database, [Answer(method, path, status, cost) for cost in (0.1, 0.1, 0.9)])

    (row,) = bench.rows()

    assert row[:3] == [f"{method} {path} {status}", 100.0, 900.0]
    assert row[-2:] == [apart, apart]

"""A read that takes too long is stopped, and leaves nothing behind on its connection."""

import pytest
from flask import Flask
from sqlalchemy import select, text

from broker.base.bounded_read import BoundedReads, ReadTooLong, all_within
from broker.base.db import Database

_ENDLESS = text(
    "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT (x + 1) % 1000 FROM n) SELECT max(x) FROM n"
)


@pytest.fixture
def database(app: Flask) -> Database:
    return app.extensions["broker"][Database]


def test_what_takes_longer_is_stopped_and_the_next_read_is_not(database: Database):
    with pytest.raises(ReadTooLong):
        all_within(database, 0.1, _ENDLESS)

    assert all_within(database, 0.1, select(text("1"))) == [(1,)]
    assert database.scalar(select(text("2"))) == 2


def test_the_time_of_one_read_is_not_that_of_another(database: Database):
    on_postgresql = database.engine.dialect.name == "postgresql"
    all_within(database, 0.1, select(text("1")))

    if on_postgresql:
        assert database.scalar(text("SHOW statement_timeout")) == "0"
    with pytest.raises(ReadTooLong):
        all_within(database, 0.2, _ENDLESS)


def test_several_reads_share_their_time(database: Database):
    reads = BoundedReads.of(database, 0.3)
    assert reads.scalar(select(text("1"))) == 1
    assert reads.one(select(text("1"), text("2"))) == (1, 2)

    with pytest.raises(ReadTooLong):
        reads.all(_ENDLESS)
    with pytest.raises(ReadTooLong):
        reads.scalar(select(text("1")))

    assert database.scalar(select(text("2"))) == 2

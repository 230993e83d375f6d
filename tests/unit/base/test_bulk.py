"""Many rows at once: the same table as by statements, on both databases."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from broker.base.bulk import BulkTable
from broker.base.db import Database
from broker.foundation import Foundation
from broker.insured.tables import INSURED

AT = datetime(2026, 3, 2, 11, 0, 0, 123_456, tzinfo=UTC)


@pytest.fixture
def db(app) -> Database:
    return app.extensions["broker"][Foundation].db


def columns(count, **changes):
    return {
        "id": [f"é{number}" for number in range(count)],
        "nir_index": [bytes([number % 256, 0, 92, 9]) for number in range(count)],
        "match_index": [None if number % 2 else b"\\N\n" for number in range(count)],
        "civil_status": [b"\x00\xff" * number for number in range(count)],
        "proofs": [b""] * count,
        "nir_status": ["definitive"] * count,
        "certified": [number % 3 == 0 for number in range(count)],
        "quality": ["assure"] * count,
        "regime": ["RG\t\\N"] * count,
        "rights_open": [True] * count,
        "vitale_status": ["active"] * count,
        "loaded_at": [AT + timedelta(microseconds=number) for number in range(count)],
    } | changes


def held(db):
    rows = db.all(select(INSURED).order_by(INSURED.c.loaded_at))
    return {column.name: [row._mapping[column] for row in rows] for column in INSURED.c}


@pytest.mark.parametrize("count", [1, 257])
def test_the_rows_come_back_as_they_were(db, count):
    table = BulkTable(db, INSURED)

    table.upsert(table.ready(columns(count)))

    assert held(db) == columns(count)


@pytest.mark.parametrize("count", [1, 257])
def test_rows_that_are_there_are_updated_and_others_inserted(db, count):
    table = BulkTable(db, INSURED)
    table.upsert(table.ready(columns(count)))

    table.upsert(table.ready(columns(count + 1, regime=["MSA"] * (count + 1))))

    assert held(db) == columns(count + 1, regime=["MSA"] * (count + 1))


@pytest.mark.parametrize("count", [1, 257])
def test_the_rows_belong_to_the_transaction(db, count):
    table = BulkTable(db, INSURED)

    with pytest.raises(RuntimeError), db.transaction():
        table.upsert(table.ready(columns(count)))
        raise RuntimeError

    assert held(db)["id"] == []


def test_an_instant_without_a_zone_is_refused(db):
    table = BulkTable(db, INSURED)

    for count in (1, 257):
        with pytest.raises((TypeError, ValueError)):
            table.ready(columns(count, loaded_at=[AT.replace(tzinfo=None)] * count))

"""Writes and finds rows of the register, and keeps decision records."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import Select, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from broker.base.db import Database
from broker.insured.model import InsuredPerson
from broker.insured.nir import Nir
from broker.insured.sealed_row import RowSealer, SealedRow
from broker.insured.tables import DECISION, INSURED


@dataclass(frozen=True)
class Registered:
    """A row of the register with its identifier."""

    id: str
    person: InsuredPerson


@dataclass(frozen=True)
class InsuredStore:
    """The register at rest."""

    db: Database
    sealer: RowSealer

    def save(self, rows: Iterable[SealedRow], at: datetime) -> None:
        """Insert or update rows of different ids, in a transaction.

        The driver gets them directly: SQLAlchemy's handling of each value would take half the
        time of an import.
        """
        dialect = self.db.engine.dialect
        bound = INSURED.c.loaded_at.type.dialect_impl(dialect).bind_processor(dialect)
        moment = bound(at) if bound else at
        with self.db.transaction() as connection:
            connection.exec_driver_sql(self._upsert, [(*row, moment) for row in rows])

    def get(self, insured_id: str) -> InsuredPerson | None:
        """Return one row."""
        row = self.db.one(select(INSURED).where(INSURED.c.id == insured_id))
        return self.sealer.open(row) if row else None

    def of_nir(self, nir: Nir) -> list[Registered]:
        """Return the holder's rows and those of the dependants, in the order of loading."""
        digest = self.sealer.nir_digest(nir)
        return self._found(select(INSURED).where(INSURED.c.nir_index == digest))

    def candidates(self, keys: Iterable[str]) -> list[Registered]:
        """Return the rows under any of the lookup keys, in the order of loading."""
        digests = [self.sealer.match_digest(key) for key in keys]
        return self._found(select(INSURED).where(INSURED.c.match_index.in_(digests)))

    def keep_decision(self, reference: str, record: dict[str, Any], at: datetime) -> None:
        """Keep a decision record under its reference; the first one of a reference holds."""
        body = json.dumps(record, ensure_ascii=False, sort_keys=True)
        values = {"reference": reference, "decided_at": at, "body": body}
        self.db.insert_unless_present(DECISION, values)

    def decision(self, reference: str) -> dict[str, Any] | None:
        """Return the record kept under that reference."""
        body = self.db.scalar(select(DECISION.c.body).where(DECISION.c.reference == reference))
        return dict(json.loads(body)) if body else None

    def purge_decisions(self, before: datetime) -> int:
        """Delete older records; return how many."""
        return self.db.execute(delete(DECISION).where(DECISION.c.decided_at < before)).rowcount

    def _found(self, statement: Select[Any]) -> list[Registered]:
        rows = self.db.all(statement.order_by(INSURED.c.loaded_at, INSURED.c.id))
        return [Registered(row.id, self.sealer.open(row)) for row in rows]

    @cached_property
    def _upsert(self) -> str:
        """The driver's statement; its parameters are the table's columns in order."""
        on_sqlite = self.db.engine.dialect.name == "sqlite"
        insert = (sqlite.insert if on_sqlite else postgresql.insert)(INSURED)
        updated = {
            column.name: insert.excluded[column.name]
            for column in INSURED.columns
            if not column.primary_key
        }
        statement = insert.on_conflict_do_update(index_elements=[INSURED.c.id], set_=updated)
        positional = (
            sqlite.dialect(paramstyle="qmark")
            if on_sqlite
            else postgresql.dialect(paramstyle="format")  # type: ignore[no-untyped-call]
        )
        return str(statement.compile(dialect=positional))

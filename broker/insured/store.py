"""Writes and finds rows of the register, and keeps decision records."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import Select, bindparam, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from broker.base.db import Database
from broker.base.statements import Prepared
from broker.insured.model import InsuredPerson
from broker.insured.nir import Nir
from broker.insured.sealed_row import RowSealer, SealedRow
from broker.insured.tables import DECISION, INSURED

_PAGE = 500  # decision records read at a time
_GET = Prepared(select(INSURED).where(INSURED.c.id == bindparam("id")))


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
        with self.db.transaction() as transaction:
            parameters = [(*row, moment) for row in rows]
            transaction.driver.cursor().executemany(self._upsert, parameters)

    def get(self, insured_id: str) -> InsuredPerson | None:
        """Return one row."""
        row = self.db.one(_GET, id=insured_id)
        return self.sealer.open(row) if row else None

    def of_nir(self, nir: Nir) -> list[Registered]:
        """Return the holder's rows and those of the dependants, in the order of loading."""
        digest = self.sealer.nir_digest(nir)
        return self._found(select(INSURED).where(INSURED.c.nir_index == digest))

    def candidates(self, keys: Iterable[str], most: int) -> list[tuple[str, Registered]]:
        """Return at most *most* rows under any of the keys, with it, in the order of loading."""
        by_digest = {self.sealer.match_digest(key): key for key in keys}
        wanted = select(INSURED).where(INSURED.c.match_index.in_(by_digest))
        rows = self.db.all(_in_order_of_loading(wanted).limit(most))
        return [
            (by_digest[bytes(row.match_index)], Registered(row.id, self.sealer.open(row)))
            for row in rows
        ]

    def keep_decision(
        self, reference: str, record: dict[str, Any], at: datetime, *, refused: bool
    ) -> None:
        """Keep a decision record; the first refusal of a reference holds, whatever was before."""
        body = json.dumps(record, ensure_ascii=False, sort_keys=True)
        values = {"decided_at": at, "body": body, "refused": refused}
        if self.db.insert_unless_present(DECISION, {"reference": reference, **values}):
            return
        if refused:
            unrefused = update(DECISION).where(
                DECISION.c.reference == reference, ~DECISION.c.refused
            )
            self.db.execute(unrefused.values(**values))

    def decision(self, reference: str) -> dict[str, Any] | None:
        """Return the record kept under that reference."""
        body = self.db.scalar(select(DECISION.c.body).where(DECISION.c.reference == reference))
        return dict(json.loads(body)) if body else None

    def decisions(self, since: datetime) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield every decision since that moment with its reference, read a page at a time."""
        kept = select(DECISION.c.reference, DECISION.c.body).where(DECISION.c.decided_at >= since)
        last = ""
        while page := self.db.all(
            kept.where(DECISION.c.reference > last).order_by(DECISION.c.reference).limit(_PAGE)
        ):
            yield from ((row.reference, json.loads(row.body)) for row in page)
            last = page[-1].reference

    def purge_decisions(self, before: datetime) -> int:
        """Delete older records; return how many."""
        return self.db.execute(delete(DECISION).where(DECISION.c.decided_at < before)).rowcount

    def _found(self, statement: Select[Any]) -> list[Registered]:
        rows = self.db.all(_in_order_of_loading(statement))
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


def _in_order_of_loading(statement: Select[Any]) -> Select[Any]:
    return statement.order_by(INSURED.c.loaded_at, INSURED.c.id)

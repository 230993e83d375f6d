"""Writes and finds rows of the register, and keeps decision records."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, delete, select, update

from broker.base.bulk import BulkTable, ReadyRows
from broker.base.db import Database
from broker.base.statements import Prepared
from broker.insured.model import InsuredPerson
from broker.insured.nir import Nir
from broker.insured.sealed_row import RowSealer
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

    def ready(self, people: Mapping[str, InsuredPerson], at: datetime) -> ReadyRows:
        """Seal people by their ids, loaded at that moment; touches no database."""
        return self._rows.ready({**self.sealer.seal(people), "loaded_at": [at] * len(people)})

    def save(self, rows: ReadyRows) -> None:
        """Insert or update rows of different ids; joins the transaction."""
        self._rows.upsert(rows)

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
        wanted = list(keys)
        by_digest = dict(zip(self.sealer.match_digests(wanted), wanted, strict=True))
        found = select(INSURED).where(self.db.among(INSURED.c.match_index, by_digest))
        rows = self.db.all(_in_order_of_loading(found).limit(most))
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

    @property
    def _rows(self) -> BulkTable:
        return BulkTable(self.db, INSURED)


def _in_order_of_loading(statement: Select[Any]) -> Select[Any]:
    return statement.order_by(INSURED.c.loaded_at, INSURED.c.id)

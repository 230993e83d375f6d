"""Encrypts again, under the active data key, whatever an older one still holds."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Column, Table, select, tuple_, update

from broker.base.crypto import Vault
from broker.base.db import Base, Database, Sealed

_BATCH = 500  # rows of one transaction: short enough that nobody waits


@dataclass(frozen=True)
class DataRotation:
    """Walks every sealed column of every table; may be stopped anywhere and started again."""

    db: Database
    vault: Vault

    def run(self, progress: Callable[[str, int], None]) -> int:
        """Re-encrypt what is under older keys; *progress* hears each table and its rows so far."""
        self.vault.refresh()
        total = 0
        for table in Base.metadata.sorted_tables:
            columns = [column for column in table.columns if isinstance(column.type, Sealed)]
            if columns:
                total += self._rotate(table, columns, progress)
        return total

    def _rotate(
        self, table: Table, columns: list[Column[bytes]], progress: Callable[[str, int], None]
    ) -> int:
        keys = list(table.primary_key.columns)
        last: tuple[object, ...] | None = None
        changed = 0
        while True:
            with self.db.transaction():
                page = select(*keys, *columns).order_by(*keys).limit(_BATCH).with_for_update()
                if last is not None:
                    page = page.where(tuple_(*keys) > last)
                rows = self.db.all(page)
                for row in rows:
                    changed += self._renew(table, keys, columns, tuple(row))
            if not rows:
                return changed
            last = tuple(rows[-1][: len(keys)])
            progress(table.name, changed)

    def _renew(
        self,
        table: Table,
        keys: list[Column[object]],
        columns: list[Column[bytes]],
        row: tuple[object, ...],
    ) -> int:
        sealed = dict(zip(columns, row[len(keys) :], strict=True))
        old = {
            column: value
            for column, value in sealed.items()
            if isinstance(value, bytes) and self.vault.key_id(value) != self.vault.active
        }
        if not old:
            return 0
        renewed = {
            column.name: self.vault.seal(column, self.vault.open(column, value))
            for column, value in old.items()
        }
        where = [key == value for key, value in zip(keys, row, strict=False)]
        self.db.execute(update(table).where(*where).values(**renewed))
        return 1

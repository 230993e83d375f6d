"""Loads the register's file: streaming, in batches, what can be read; the rest is listed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from broker.audit.log import AuditLog
from broker.audit.model import Actor
from broker.base.clock import Clock
from broker.base.db import Database
from broker.base.parallel import in_order
from broker.insured.events import RegisterImported
from broker.insured.filed_batch import (
    BadRow,
    BatchReader,
    Block,
    FileColumns,
    FiledBatch,
    PrepareAccounts,
    PreparedAccounts,
)
from broker.insured.regimes import Regimes
from broker.insured.store import InsuredStore

_ALONE = 1  # blocks read before child processes are worth their start


@dataclass(frozen=True)
class ImportReport:
    """What an import did, in rows."""

    loaded: int
    rejected: int


OpenAccounts = Callable[[PreparedAccounts], None]
"""Opens the prepared accounts of one batch, within its transaction; may be asked again for the
same person."""


@dataclass(frozen=True)
class RegisterImport:
    """Loads files into the register. Loading a row again updates it; absent rows stay."""

    store: InsuredStore
    regimes: Regimes
    prepare_accounts: PrepareAccounts
    open_accounts: OpenAccounts
    audit: AuditLog
    db: Database
    clock: Clock
    processes: int = 2
    block_size: int = 512 << 10
    """Bytes of one transaction, or a line more: some 3,000 lines."""

    def load(
        self,
        file: BinaryIO,
        *,
        actor: Actor,
        on_bad_row: Callable[[BadRow], None],
        on_progress: Callable[[int], None],
    ) -> ImportReport:
        """Load every row that can be read, one transaction per batch.

        ``on_progress`` gets the bytes done since its last call. NotARegister when the header is
        not that of a register: then nothing is loaded.
        """
        first = file.readline()
        columns = FileColumns.of(first)
        reader = BatchReader(columns, self.regimes, self.store, self.prepare_accounts)
        on_progress(len(first))
        loaded = rejected = 0
        blocks = self._blocks(file)
        for batch in in_order(reader, blocks, processes=self.processes, alone=_ALONE):
            self._save(batch)
            loaded, rejected = loaded + batch.lines, rejected + len(batch.bad)
            for bad in batch.bad:
                on_bad_row(bad)
            on_progress(batch.read)
        self.audit.record(RegisterImported(loaded=loaded, rejected=rejected, actor=actor))
        return ImportReport(loaded, rejected)

    def _blocks(self, file: BinaryIO) -> Iterator[Block]:
        number = 2  # the header is line 1
        while content := file.read(self.block_size):
            content += file.readline()  # the rest of a line that was cut
            yield Block(number, content, self.clock())
            number += content.count(b"\n")

    def _save(self, batch: FiledBatch) -> None:
        if batch.rows is None:
            return
        with self.db.transaction():
            self.store.save(batch.rows)
            if batch.accounts:
                self.open_accounts(batch.accounts)

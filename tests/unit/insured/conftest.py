"""The register on a real database, and the service that journeys use."""

from dataclasses import dataclass, field

import pytest
from insured_builders import BOOK
from sqlalchemy import create_engine

from broker.audit.log import AuditLog
from broker.audit.store import AuditStore
from broker.base.context import here
from broker.base.crypto import KeyedHash, Vault
from broker.base.db import Database
from broker.base.engine import prepare_engine
from broker.insured.eligibility import Eligibility
from broker.insured.lookup import Insured
from broker.insured.match_file import MatchFiles
from broker.insured.matcher import Matcher
from broker.insured.regimes import Regimes
from broker.insured.register import RegisterImport
from broker.insured.sealed_row import RowSealer
from broker.insured.store import InsuredStore


@dataclass
class Bench:
    """The capability, composed as the application composes it."""

    db: Database
    clock: object
    holders: list = field(default_factory=list)
    two_ribs_block_franceconnect: bool = True

    @property
    def audit(self):
        return AuditLog(AuditStore(self.db), self.clock, here, KeyedHash(b"a" * 32))

    @property
    def store(self):
        vault = Vault(lambda: (("k1", b"k" * 32),))
        return InsuredStore(self.db, RowSealer(vault, KeyedHash(b"i" * 32)))

    @property
    def matcher(self):
        return Matcher(self.store, BOOK)

    @property
    def files(self):
        return MatchFiles(self.matcher, self.audit, self.db)

    @property
    def insured(self):
        eligibility = Eligibility(Regimes.load(), self.two_ribs_block_franceconnect)
        return Insured(self.store, eligibility, self.matcher, self.audit, self.db, self.clock)

    def importer(self, processes=1, block_size=1 << 20):
        return RegisterImport(
            self.store, Regimes.load(), list, self.holders.extend, self.audit, self.db, self.clock,
            processes, block_size,
        )  # fmt: skip

    def register(self, *people):
        """Put people into the register; return their ids."""
        ids = self.store.sealer.ids(people)
        self.store.save(self.store.ready(dict(zip(ids, people, strict=True)), self.clock()))
        return ids


@pytest.fixture
def bench(database_url, clock):
    engine = create_engine(database_url)
    prepare_engine(engine)
    yield Bench(Database(engine), clock)
    engine.dispose()


@pytest.fixture
def sqlite_bench(sqlite_url, clock):
    """The same on SQLite alone, for what no database changes."""
    engine = create_engine(sqlite_url)
    prepare_engine(engine)
    yield Bench(Database(engine), clock)
    engine.dispose()

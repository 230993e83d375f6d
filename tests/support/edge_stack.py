"""The service as deployed: the production profile, two nodes behind nginx, TLS, three sites."""

import base64
import hashlib
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import requests

from tests.support.certificates import Authority
from tests.support.nginx import Nginx
from tests.support.places import ROOT
from tests.support.ports import free_port
from tests.support.postgres import PostgresCluster
from tests.support.sites import NAMES, Sites
from tests.support.stack import READY, Stack, wait_for

_DEMO_SECRET = re.compile(r"demo-only-[\w-]+")
_OWNER, _SERVICE, _WORKER = "broker_owner", "broker_service", "broker_worker"


def data_key(name: str) -> str:
    """Return a new data key as BROKER_DATA_KEYS writes it."""
    return f"{name}:{base64.b64encode(secrets.token_bytes(32)).decode()}"


@dataclass
class EdgeStack(Stack):
    """Two nodes and a worker; secrets come from files, the database gives each role its rights."""

    servers: int = 2
    owner_url: str = ""
    worker_url: str = ""
    nginx: Nginx = field(init=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.folder.mkdir(parents=True, exist_ok=True)
        self.sites = Sites(self.folder, free_port(), Authority.new(self.folder))
        others = {name: self.ports[name] for name in ("franceconnect", "partner")}
        self.nginx = Nginx(self.folder / "nginx", self.sites, self.backends, others)
        self._salt = secrets.token_hex(16)
        self.write_secret("secret_key", secrets.token_urlsafe(48))
        self.write_secret("data_keys", data_key("2026a"))
        self.write_secret(
            "franceconnect_client_secret",
            self._own("demo-only-ameli-fs-secret-0123456789abcdef"),
        )

    @classmethod
    def on(cls, postgres: PostgresCluster, folder: Path, name: str, **changes: str) -> "EdgeStack":
        """Create the database and its roles as docs/operations.md says; nothing runs yet."""
        postgres.execute(f"CREATE DATABASE {name}")
        postgres.run_file(name, ROOT / "deploy/roles.sql")
        owner, service = postgres.url(name, _OWNER), postgres.url(name, _SERVICE)
        worker = postgres.url(name, _WORKER)
        return cls(folder, service, changes=changes, owner_url=owner, worker_url=worker)

    def url(self, program: str) -> str:
        return self.sites.url(program) if program in NAMES else super().url(program)

    @property
    def environment(self) -> dict[str, str]:
        inherited = {k: v for k, v in super().environment.items() if not k.startswith("BROKER_")}
        return {
            **inherited,
            **self.sites.environment,
            "BROKER_PROFILE": "production",
            "BROKER_ISSUER": self.url("broker"),
            "BROKER_TRUSTED_HOSTS": NAMES["broker"],
            "BROKER_TRUSTED_PROXIES": "127.0.0.1",
            "BROKER_DATABASE_URL": self.database_url,
            "BROKER_SMTP_URL": f"smtp://127.0.0.1:{self.ports['smtp']}",
            "BROKER_FRANCECONNECT_ISSUER": f"{self.url('franceconnect')}/api/v2",
            "BROKER_FRANCECONNECT_CLIENT_ID": "ameli-fs",
            **{
                f"BROKER_{name.upper()}_FILE": str(self.folder / name)
                for name in ("secret_key", "data_keys", "franceconnect_client_secret")
            },
            **self.changes,
        }

    def write_secret(self, name: str, value: str) -> None:
        """Write the file from which every process that starts from now on reads that secret."""
        file = self.folder / name
        file.touch(mode=0o600)
        file.write_text(value)

    def prepare(self, *registers: Path) -> None:
        """Migrate as the owner, close the trail to changes; load people, partners; make keys."""
        super().prepare(*registers)
        self.as_owner("deploy/append_only.sql")
        self.command("keys", "rotate")

    def migrate(self) -> None:
        self.command("migrate", BROKER_MIGRATION_DATABASE_URL=self.owner_url)

    def as_owner(self, file: str) -> None:
        """Run one of the documented files of statements."""
        with psycopg.connect(plain(self.owner_url)) as owner:
            owner.execute((ROOT / file).read_text())

    def ask_owner(self, question: str) -> str:
        """Return the one value that the database answers."""
        with psycopg.connect(plain(self.owner_url)) as owner:
            row = owner.execute(question).fetchone()
        return str(row[0]) if row else ""

    def open_address(self) -> None:
        self.nginx.start()

    def wait_until_ready(self) -> None:
        for number in range(self.servers):
            self.wait_for_node(number)
        for program, path in READY.items():
            wait_for(f"http://localhost:{self.ports[program]}{path}")

    def start_worker(self, name: str = "worker", **environment: str) -> None:
        super().start_worker(name, **{"BROKER_DATABASE_URL": self.worker_url, **environment})

    def start_node(self, number: int) -> None:
        """Start a node and wait until it is ready."""
        self.start_server(number, self.backends[number])
        self.wait_for_node(number)

    def wait_for_node(self, number: int) -> None:
        address = f"http://127.0.0.1:{self.backends[number]}/health/ready"
        wait_for(address, headers={"Host": NAMES["broker"]})

    def restart(self, *, half_way: Callable[[], None] = lambda: None) -> None:
        """Restart everything gracefully, one after the other; *half_way* the nodes differ."""
        self.end("worker")
        self.start_worker()
        self.restart_node(0)
        half_way()
        self.restart_node(1)

    def restart_node(self, number: int) -> None:
        self.end(f"server{number}")
        self.start_node(number)

    def session(self, address: str = "127.0.0.1") -> requests.Session:
        return self.sites.session(address)

    def stop(self) -> None:
        super().stop()
        self.nginx.stop()

    def logs(self) -> str:
        return super().logs() + self.nginx.logs()

    def _own(self, demo_secret: str) -> str:
        """Return this run's secret in the place of one that is written in the demo's files."""
        return hashlib.sha256(f"{self._salt}{demo_secret}".encode()).hexdigest()

    def _adapted(self, path: Path) -> str:
        text = super()._adapted(path)
        inside = f'ca_bundle = "{self.sites.authority.bundle}"'
        text = text.replace("sub_secret =", f"{inside}\nsub_secret =")
        port = f"port = {self.ports['partner']}"
        text = re.sub("^(public_url = .*)$", rf"\1\n{port}\n{inside}", text, flags=re.MULTILINE)
        return _DEMO_SECRET.sub(lambda found: self._own(found[0]), text)


def plain(url: str) -> str:
    """Return a SQLAlchemy URL as PostgreSQL's own programs read it."""
    return url.replace("postgresql+psycopg", "postgresql")

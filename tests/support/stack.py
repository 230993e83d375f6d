"""The whole service as real processes, with the programs of the demo around the broker."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from tests.support.leaks import leaks
from tests.support.places import ROOT
from tests.support.ports import RoundRobin, free_port
from tests.support.recorder import require_documented

_READY_SECONDS = 60
READY = {
    "mailbox": "/api/messages",
    "franceconnect": "/api/v2/.well-known/openid-configuration",
    "partner": "/",
}


@dataclass
class Stack:
    """One running service; ``servers`` broker processes answer behind one address."""

    folder: Path
    database_url: str
    servers: int = 1
    changes: dict[str, str] = field(default_factory=dict)
    code: Path = ROOT  # the version that processes and commands are of

    def __post_init__(self) -> None:
        names = ("broker", "franceconnect", "partner", "mailbox", "smtp")
        self.ports = {name: free_port() for name in names}
        self.backends = (
            [free_port() for _ in range(self.servers)]
            if self.servers > 1
            else [self.ports["broker"]]
        )
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self._proxy: RoundRobin | None = None

    def url(self, program: str) -> str:
        return f"http://localhost:{self.ports[program]}"

    @property
    def environment(self) -> dict[str, str]:
        return {
            **{k: v for k, v in os.environ.items() if not k.startswith("BROKER_")},
            "BROKER_SETTINGS": str(ROOT / "config/test.toml"),
            "BROKER_DATABASE_URL": self.database_url,
            "BROKER_ISSUER": self.url("broker"),
            "BROKER_SMTP_URL": f"smtp://127.0.0.1:{self.ports['smtp']}",
            "BROKER_FRANCECONNECT_ISSUER": f"{self.url('franceconnect')}/api/v2",
            "BROKER_FRANCECONNECT_CLIENT_ID": "ameli-fs",
            "BROKER_FRANCECONNECT_CLIENT_SECRET": "demo-only-ameli-fs-secret-0123456789abcdef",
            **self.changes,
        }

    def command(
        self, *arguments: str, check: bool = True, text: str | None = None, **environment: str
    ) -> str:
        """Run ``broker …`` on this stack's database; return what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "broker", *arguments],
            cwd=self.code,
            env={**self.environment, **environment},
            input=text,
            capture_output=True,
            text=True,
            check=False,
        )
        if check and done.returncode:
            raise AssertionError(f"broker {arguments}: {done.returncode}: {done.stderr[-2000:]}")
        return done.stdout

    def events(self, *arguments: str) -> list[dict[str, Any]]:
        """Return the events of the trail that match."""
        lines = self.command("audit", "search", "--json", *arguments).splitlines()
        return [json.loads(line) for line in lines]

    def prepare(self, *registers: Path) -> None:
        """Migrate, load the registers, register the partners."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.migrate()
        for register in registers:
            self.command("insured", "import", str(register))
        clients = self.folder / "clients"
        clients.mkdir(exist_ok=True)
        for path in (ROOT / "config/demo/clients").glob("*.json"):
            (clients / path.name).write_text(self._adapted(path))
        self.command("clients", "apply", str(clients), "--yes")

    def register(self, document: dict[str, Any]) -> None:
        """Register one partner more."""
        file = self.folder / f"{document['client_id']}.json"
        file.write_text(json.dumps(document))
        self.command("clients", "apply", str(file), "--yes")

    def migrate(self) -> None:
        self.command("migrate")

    def start(self) -> None:
        """Start every program and wait until all answer."""
        try:
            self._start_all()
        except BaseException:
            self.stop()
            raise

    def _start_all(self) -> None:
        self.start_mailbox()
        if self.servers > 1:
            self.open_address()
            self.start_worker()
        for number, port in enumerate(self.backends):
            self.start_server(number, port)
        self.start_sites()
        self.wait_until_ready()

    def open_address(self) -> None:
        """Answer at one address for every server process."""
        self._proxy = RoundRobin(self.ports["broker"], self.backends)

    def start_sites(self) -> None:
        """Start the simulated FranceConnect and the sample partner."""
        simulator = self._file("franceconnect/simulator.toml")
        self._run("franceconnect", "demo.franceconnect", "--config", simulator)
        self._run("partner", "demo.partner", "--config", self._file("partner/partner.toml"))

    def wait_until_ready(self) -> None:
        try:
            for program, path in (("broker", "/health/ready"), *READY.items()):
                wait_for(self.url(program) + path)
        except AssertionError as silence:
            raise AssertionError(f"{silence}; ended: {self._ended()}") from silence

    def _ended(self) -> dict[str, str]:
        """Return the last words of the programs that ended by themselves."""
        ended = [name for name, process in self.processes.items() if process.poll() is not None]
        return {name: (self.folder / f"{name}.log").read_text()[-500:] for name in ended}

    def start_mailbox(self) -> None:
        ports = ("--smtp-port", str(self.ports["smtp"]), "--http-port", str(self.ports["mailbox"]))
        self._run("mailbox", "demo.mailbox", *ports)

    def start_worker(self, name: str = "worker", **environment: str) -> None:
        self._run(name, "broker", "worker", **environment)

    def start_server(self, number: int, port: int, **environment: str) -> None:
        bind = f"127.0.0.1:{port}"
        self._run(f"server{number}", "broker", "serve", BROKER_BIND=bind, **environment)

    def end(self, name: str) -> None:
        """Ask a program to end, and wait until it has."""
        process = self.processes.pop(name)
        process.terminate()
        process.wait(timeout=30)

    def renew_subs(self) -> None:
        """Let FranceConnect know everybody by another sub, as after a change of civil status."""
        self.end("franceconnect")
        file = self.folder / "simulator.toml"
        file.write_text(
            file.read_text().replace("demo-only-secret-of", "demo-only-other-secret-of")
        )
        self._run("franceconnect", "demo.franceconnect", "--config", str(file))
        wait_for(f"{self.url('franceconnect')}{READY['franceconnect']}")

    def kill(self, name: str) -> None:
        """Kill a program and its children at once, as a power cut would."""
        process = self.processes.pop(name)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def stop(self) -> None:
        for process in self.processes.values():
            process.terminate()
        for name, process in list(self.processes.items()):
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self.kill(name)
        if self._proxy:
            self._proxy.close()

    def logs(self) -> str:
        """Return everything that the broker's processes wrote."""
        ours = [*self.folder.glob("server*.log"), *self.folder.glob("worker.log")]
        return "\n".join(path.read_text(errors="replace") for path in ours)

    def require_no_leak(self) -> None:
        """Fail when a log or the trail of the whole run holds what it must not."""
        trail = self.command("audit", "search", "--json")
        assert trail
        require_documented(trail.splitlines())
        assert leaks(self.logs()) == []

    def _run(self, name: str, module: str, *arguments: str, **environment: str) -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [sys.executable, "-m", module, *arguments],
                cwd=self.code,
                env={**self.environment, **environment},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _file(self, name: str) -> str:
        written = self.folder / Path(name).name
        written.write_text(self._adapted(ROOT / "demo" / name))
        return str(written)

    def _adapted(self, path: Path) -> str:
        """Return a file of the demo with the addresses of this stack."""
        text = path.read_text().replace('"../../data/', f'"{ROOT}/data/')
        for fixed, program in (("8000", "broker"), ("8001", "franceconnect"), ("8002", "partner")):
            text = text.replace(f"http://localhost:{fixed}", self.url(program))
        return text.replace("port = 8001", f"port = {self.ports['franceconnect']}")


def wait_for(
    url: str, seconds: float = _READY_SECONDS, headers: dict[str, str] | None = None
) -> None:
    """Return once the address answers 200."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if requests.get(url, timeout=2, headers=headers).status_code == requests.codes.ok:
                return
        except requests.RequestException:
            pass
        time.sleep(0.1)
    raise AssertionError(f"{url} does not answer")


def mails(
    stack: Stack, to: str, *, at_least: int = 1, seconds: float = 20
) -> Sequence[dict[str, Any]]:
    """Return the mails that reached an address, newest first, once there are enough."""
    deadline = time.monotonic() + seconds
    while True:
        received = requests.get(stack.url("mailbox") + "/api/messages", timeout=5).json()
        found = [mail for mail in received if mail["to"] == to]
        if len(found) >= at_least:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"{len(found)} mails instead of {at_least}")
        time.sleep(0.1)

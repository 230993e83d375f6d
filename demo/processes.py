"""The demo's programs as child processes: started, awaited, watched and stopped together."""

import http.client
import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

_READY_WITHIN_SECONDS = 60.0
_PAUSE_SECONDS = 0.1


class ProgramFailed(Exception):
    """A program could not start, or ended while it was needed; the message says which."""


@dataclass(frozen=True)
class Program:
    """One program of the demo and how to tell that it answers."""

    name: str
    command: Sequence[str]
    port: int  # its web port, on localhost
    ready_path: str = "/"  # answers 200 once the program works
    other_ports: Sequence[int] = ()

    @property
    def address(self) -> str:
        """Where a browser finds it."""
        return f"http://localhost:{self.port}"

    def require_free_ports(self) -> None:
        """Say which port another process holds, before anything has started."""
        for port in (self.port, *self.other_ports):
            if _is_taken(port):
                raise ProgramFailed(
                    f"port {port}, needed by {self.name}, is already taken by another process"
                )

    def answers(self) -> bool:
        """Tell whether the program answers 200 by now."""
        connection = http.client.HTTPConnection("localhost", self.port, timeout=2)
        try:
            connection.request("GET", self.ready_path)
            return connection.getresponse().status == http.HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()


@dataclass
class Processes:
    """The programs that run; each has its own process group, so that its workers end with it."""

    directory: Path
    environment: Mapping[str, str]
    say: Callable[[str], None]
    stopped_within_seconds: float = 6.0  # then killed
    _running: dict[str, subprocess.Popen[str]] = field(default_factory=dict)

    def run(self, name: str, command: Sequence[str], *, accepted: Sequence[int] = (0,)) -> None:
        """Run *command* to its end; an exit code that is not *accepted* raises ProgramFailed."""
        code = self._launch(name, command).wait()
        del self._running[name]
        if code not in accepted:
            raise ProgramFailed(f"{name} ended with code {code}")

    def start(self, program: Program) -> None:
        """Start *program* without waiting for it."""
        self._launch(program.name, program.command)

    def wait_until_ready(self, programs: Sequence[Program]) -> None:
        """Return once every program answers; one that ends or stays silent raises."""
        deadline = time.monotonic() + _READY_WITHIN_SECONDS
        for program in programs:
            while not program.answers():
                self.require_all_running()
                if time.monotonic() > deadline:
                    raise ProgramFailed(f"{program.name} does not answer at {program.address}")
                time.sleep(_PAUSE_SECONDS)

    def watch(self) -> None:
        """Raise ProgramFailed as soon as one program ends; never returns otherwise."""
        while True:
            self.require_all_running()
            time.sleep(_PAUSE_SECONDS)

    def require_all_running(self) -> None:
        """Raise ProgramFailed when a program has ended."""
        for name, process in self._running.items():
            if process.poll() is not None:
                raise ProgramFailed(f"{name} ended with code {process.returncode}")

    def stop(self) -> None:
        """End every process group: asked first, killed after a while."""
        for process in self._running.values():
            _signal_group(process, signal.SIGTERM)
        deadline = time.monotonic() + self.stopped_within_seconds
        for process in self._running.values():
            try:
                process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                self.say("a program does not end; killing it")
            # Also where the program itself is gone: a worker may have stayed behind.
            _signal_group(process, signal.SIGKILL)
            process.wait()
        self._running.clear()

    def _launch(self, name: str, command: Sequence[str]) -> subprocess.Popen[str]:
        try:
            process = subprocess.Popen(
                command,
                cwd=self.directory,
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                encoding="utf-8",
                errors="replace",
                start_new_session=True,
            )
        except OSError as error:
            raise ProgramFailed(f"{name} cannot be started: {error}") from error
        self._running[name] = process
        threading.Thread(target=self._relay, args=(name, process), daemon=True).start()
        return process

    def _relay(self, name: str, process: subprocess.Popen[str]) -> None:
        """Repeat what the program says, under its name."""
        if process.stdout is None:
            return
        with process.stdout as lines:
            for line in lines:
                self.say(f"{name:>13} | {line.rstrip()}")


def _signal_group(process: subprocess.Popen[str], number: signal.Signals) -> None:
    # start_new_session made the child's process id its group's id.
    try:
        os.killpg(process.pid, number)
    except (ProcessLookupError, PermissionError):
        return


def _is_taken(port: int) -> bool:
    with socket.socket() as probe:
        # As servers do: a port in TIME_WAIT after the last run is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False

"""The demo's programs start together, end together, and say what is wrong."""

import os
import signal
import socket
import sys
import threading
import time
from pathlib import Path

import pytest

from demo.processes import Processes, Program, ProgramFailed

# A program with a worker of its own that ignores SIGTERM, as a stubborn server might.
STUBBORN = """
import os, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
if os.fork() == 0:
    open(sys.argv[1], "w").write(str(os.getpid()))
time.sleep(60)
"""


def python(source, *arguments):
    return (sys.executable, "-c", source, *arguments)


def a_free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def a_web_program(port):
    return Program(
        "web", (sys.executable, "-m", "http.server", str(port), "-b", "127.0.0.1"), port
    )


def wait_for(condition):
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def is_gone(process_id):
    """A killed orphan may remain as a zombie where nobody reaps it."""
    try:
        return Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


@pytest.fixture
def said():
    return []


@pytest.fixture
def processes(tmp_path, said):
    running = Processes(tmp_path, dict(os.environ), said.append, stopped_within_seconds=0.5)
    yield running
    running.stop()


def test_what_a_program_says_is_repeated_under_its_name(processes, said):
    processes.run("migrate", python("print('the schema is current')"))

    wait_for(lambda: said)
    assert said == ["      migrate | the schema is current"]


def test_a_command_that_fails_is_named(processes):
    with pytest.raises(ProgramFailed, match="import ended with code 2"):
        processes.run("import", python("raise SystemExit(2)"), accepted=(0, 1))


def test_an_accepted_exit_code_is_no_failure(processes):
    processes.run("import", python("raise SystemExit(1)"), accepted=(0, 1))


def test_a_missing_command_is_named(processes):
    with pytest.raises(ProgramFailed, match="broker cannot be started"):
        processes.run("broker", ("/no/such/command",))


def test_a_program_is_ready_once_it_answers(processes):
    program = a_web_program(a_free_port())
    processes.start(program)

    processes.wait_until_ready([program])

    assert program.answers()


def test_a_program_that_ends_before_it_answers_is_named(processes):
    program = Program("broker", python("raise SystemExit(3)"), a_free_port())
    processes.start(program)

    with pytest.raises(ProgramFailed, match="broker ended with code 3"):
        processes.wait_until_ready([program])


def test_the_end_of_one_program_ends_the_watch(processes):
    processes.start(Program("partner", python("import time; time.sleep(0.3)"), a_free_port()))

    with pytest.raises(ProgramFailed, match="partner ended with code 0"):
        processes.watch()


def test_stopping_reaches_the_workers_of_a_stubborn_program(processes, tmp_path):
    note = tmp_path / "worker"
    processes.start(Program("broker", python(STUBBORN, str(note)), a_free_port()))
    wait_for(lambda: note.exists() and note.read_text())

    processes.stop()

    wait_for(lambda: is_gone(int(note.read_text())))


def test_a_taken_port_is_named_with_who_needs_it():
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]

        with pytest.raises(ProgramFailed, match=f"port {port}, needed by mailbox"):
            Program("mailbox", (), a_free_port(), other_ports=(port,)).require_free_ports()


def test_free_ports_are_no_failure():
    Program("mailbox", (), a_free_port()).require_free_ports()


@pytest.fixture
def interruptible():
    """A run started in the background ignores SIGINT, and so would this process."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
def test_a_signal_while_watching_interrupts_it(processes):
    processes.start(Program("partner", python("import time; time.sleep(60)"), a_free_port()))
    threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()

    with pytest.raises(KeyboardInterrupt):
        processes.watch()

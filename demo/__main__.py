"""`python -m demo`: the whole service on this machine, with fictional people and no network."""

import contextlib
import os
import signal
import sys
import threading
import tomllib
from pathlib import Path
from types import FrameType

import click
from jinja2 import Environment, StrictUndefined

from demo.preparation import Preparation
from demo.processes import Processes, Program, ProgramFailed

_ROOT = Path(__file__).resolve().parent.parent
_PYTHON = sys.executable
_BROKER = (_PYTHON, "-m", "broker")  # the command `broker`, whether installed or not

BROKER = Program("broker", (*_BROKER, "serve"), 8000, "/health/ready")
FRANCECONNECT = Program(
    "franceconnect",
    (_PYTHON, "-m", "demo.franceconnect", "--config", "demo/franceconnect/simulator.toml"),
    8001,
    "/api/v2/.well-known/openid-configuration",
)
PARTNER = Program("partner", (_PYTHON, "-m", "demo.partner"), 8002)
MAILBOX = Program("mailbox", (_PYTHON, "-m", "demo.mailbox"), 8003, other_ports=(8025,))
PROGRAMS = (BROKER, FRANCECONNECT, PARTNER, MAILBOX)

_SPEAKING = threading.Lock()


@click.command()
@click.option("--reset", is_flag=True, help="Throw the demo's data away and start anew.")
def main(*, reset: bool) -> None:
    """Run the broker, a simulated FranceConnect, a sample partner site and a mailbox."""
    preparation = Preparation(_ROOT, _ROOT / "var" / "demo", _BROKER)
    environment = {**os.environ, **preparation.settings, "PYTHONUNBUFFERED": "1"}
    processes = Processes(_ROOT, environment, _say)
    _stop_on_signals()
    try:
        for program in PROGRAMS:
            program.require_free_ports()
        preparation.clear_if(reset)
        _run(processes, preparation)
    except KeyboardInterrupt:
        _say("stopping")
    except ProgramFailed as failure:
        _say(f"demo: {failure}")
        sys.exit(1)
    finally:
        _ignore_signals()
        processes.stop()


def _run(processes: Processes, preparation: Preparation) -> None:
    """Start the small programs while the database is prepared, then the broker."""
    for program in (MAILBOX, FRANCECONNECT, PARTNER):
        processes.start(program)
    preparation.prepare(processes)
    processes.start(BROKER)
    processes.wait_until_ready(PROGRAMS)
    _say(welcome())
    processes.watch()


def welcome() -> str:
    """Return what a newcomer needs to know: where to go and what to type."""
    people = tomllib.loads((_ROOT / "data" / "demo_people.toml").read_text(encoding="utf-8"))
    template = (_ROOT / "demo" / "welcome.txt").read_text(encoding="utf-8")
    environment = Environment(  # noqa: S701  (a text for the terminal)
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    addresses = {program.name: program.address for program in PROGRAMS}
    return environment.from_string(template).render(people=people, addresses=addresses)


def _say(text: str) -> None:
    # Several threads speak. Whoever listened may have left: the programs must end all the same.
    with _SPEAKING, contextlib.suppress(BrokenPipeError):
        click.echo(text)


def _stop_on_signals() -> None:
    # Explicitly: a shell's background job starts with SIGINT ignored.
    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)


def _ignore_signals() -> None:
    """Let the end be reached: a second Ctrl-C would leave programs behind."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


if __name__ == "__main__":
    main()

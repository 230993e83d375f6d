"""``broker …`` in a process of its own, forked from one that has loaded the code already."""

import os
import resource
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from multiprocessing import get_context

_CONTEXT = get_context("forkserver")
_CONTEXT.set_forkserver_preload(["broker.cli", "tests.support.commands"])


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int | None
    stdout: str
    stderr: str


def command(
    *arguments: object, environment: Mapping[str, str], memory: int = resource.RLIM_INFINITY
) -> Done:
    """Run a command that may take so many bytes of addresses; say how it ended."""
    with tempfile.NamedTemporaryFile() as printed, tempfile.NamedTemporaryFile() as said:
        given = ([*map(str, arguments)], dict(environment), (printed.name, said.name), memory)
        process = _CONTEXT.Process(target=_run, args=given)
        process.start()
        process.join()
        return Done(process.exitcode, printed.read().decode(), said.read().decode())


def _run(
    arguments: Sequence[str], environment: dict[str, str], streams: Sequence[str], memory: int
) -> None:
    for number, name in enumerate(streams, start=1):
        os.dup2(os.open(name, os.O_WRONLY), number)
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["broker", *arguments]
    from broker.cli import main

    main()

"""What every command starts from: the settings, and the services of the composition root."""

import functools
import getpass
import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO, TypeVar

import click
from flask import Flask

from broker.app import create_app
from broker.audit.model import Actor
from broker.base.errors import Refusal
from broker.base.logs import configure_logs
from broker.base.settings import Settings, load_settings
from broker.doctor import require_fit
from broker.migration import require_current_schema_of

if TYPE_CHECKING:
    from click._termui_impl import ProgressBar

_OF_CHANCE = re.compile(r"-[A-Za-z0-9_-]{15,}")
_Service = TypeVar("_Service")
_Command = TypeVar("_Command", bound=Callable[..., None])


class Naming(click.Command):
    """A command that is given what chance made: a token, a session, a key's id.

    One in 64 of them begins with a hyphen, and would be taken for an option.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put such a name behind the options, where nothing is one."""
        options = {name for each in self.get_params(ctx) for name in each.opts}
        names = [each for each in args if _OF_CHANCE.fullmatch(each) and each not in options]
        if names and "--" not in args:
            args = [*(each for each in args if each not in names), "--", *names]
        return super().parse_args(ctx, args)


def settings_of_command() -> Settings:
    """Read the settings and set up the logs of this process."""
    settings = load_settings()
    configure_logs(settings)
    return settings


def application() -> Flask:
    """Build the application, refusing a database that is not at the current schema."""
    settings = settings_of_command()
    require_fit(settings)
    require_current_schema_of(settings)
    return create_app(settings)


def service(wanted: type[_Service]) -> _Service:
    """Return a service of the application."""
    found = application().extensions["broker"][wanted]
    if not isinstance(found, wanted):
        raise TypeError(wanted)
    return found


def operator() -> Actor:
    """Return who runs the command, for the audit trail, as the environment says (``LOGNAME``).

    Where it says nothing, the account on this machine. Nothing proves either.
    """
    return Actor(kind="admin", ref=getpass.getuser())


def refusing(*, exit_code: int) -> Callable[[_Command], _Command]:
    """Say a refusal in one line on standard error, and end with *exit_code*."""

    def decorate(command: _Command) -> _Command:
        @functools.wraps(command)
        def guarded(*arguments: Any, **options: Any) -> None:  # noqa: ANN401 - any command's
            try:
                command(*arguments, **options)
            except Refusal as refusal:
                detail = f": {refusal}" if str(refusal) else ""
                click.echo(f"broker: {refusal.code}{detail}", err=True)
                sys.exit(exit_code)

        return guarded  # type: ignore[return-value]

    return decorate


class _Unwritable(click.ClickException):
    """The disk refuses what a command writes."""

    exit_code = 2

    def format_message(self) -> str:
        return f"--out: {self.message}"


@contextmanager
def writing(path: Path) -> Iterator[TextIO]:
    """Open the file that a command writes; what the disk refuses is said in one line."""
    try:
        # A lone surrogate that somebody sent is no reason to lose the rows that follow.
        with path.open("w", encoding="utf-8", errors="backslashreplace", newline="") as file:
            yield file
    except BrokenPipeError:
        raise  # whoever reads has read enough: click ends without a word
    except OSError as error:
        raise _Unwritable(error.strerror or str(error)) from None


def progress(file: Path, label: str) -> "ProgressBar[int]":
    """Return a bar on standard error that counts the bytes of *file*."""
    return click.progressbar(
        length=file.stat().st_size, label=label, file=sys.stderr, update_min_steps=65_536
    )


def show(rows: Iterable[Mapping[str, Any]], *, as_json: bool) -> None:
    """Print a listing: JSON Lines, or aligned columns for people."""
    if as_json:
        for row in rows:
            click.echo(json.dumps(row, ensure_ascii=False, default=_plain))
        return
    table = [{name: _cell(value) for name, value in row.items()} for row in rows]
    if not table:
        return
    widths = {name: max(len(name), *(len(row[name]) for row in table)) for name in table[0]}
    for row in ({name: name for name in widths}, *table):
        click.echo("  ".join(row[name].ljust(width) for name, width in widths.items()).rstrip())


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _cell(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, list | tuple):
        return ",".join(map(str, value))
    return str(value)

"""What every command starts from: the settings, and the services of the composition root."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

import click
from flask import Flask

from broker.app import create_app
from broker.base.logs import configure_logs
from broker.base.settings import Settings, load_settings
from broker.doctor import require_fit
from broker.migration import require_current_schema_of

_Service = TypeVar("_Service")


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


def show(rows: Iterable[Mapping[str, Any]], *, as_json: bool) -> None:
    """Print a listing: JSON Lines, or aligned columns for people."""
    if as_json:
        for row in rows:
            click.echo(json.dumps(row, ensure_ascii=False, default=str))
        return
    table = [{name: _cell(value) for name, value in row.items()} for row in rows]
    if not table:
        return
    widths = {name: max(len(name), *(len(row[name]) for row in table)) for name in table[0]}
    for row in ({name: name for name in widths}, *table):
        click.echo("  ".join(row[name].ljust(width) for name, width in widths.items()).rstrip())


def _cell(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, list | tuple):
        return ",".join(map(str, value))
    return str(value)

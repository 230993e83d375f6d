"""``broker audit exports``, and ``broker audit export --sink``: the trail on its way to others."""

import sys

import click

from broker.cli.operation import operator, refusing, service, show
from broker.exports.exports import Exports


@click.command("exports")
@click.option("--json", "as_json", is_flag=True, help="JSON Lines.")
def exports_command(*, as_json: bool) -> None:
    """Show how far each sink is behind; exit 1: one is late, or refuses what it is sent."""
    lags = service(Exports).lags()
    show(map(vars, lags), as_json=as_json)
    if any(lag.is_late or lag.failures for lag in lags):
        sys.exit(1)


@refusing(exit_code=1)
def send_to(sink: str, position: int | None) -> None:
    """Send to a sink what it lacks, or all from a position on; end with 1 when it refuses."""
    exports = service(Exports)
    sent = exports.send_now(sink, position, operator())
    (lag,) = (lag for lag in exports.lags() if lag.sink == sink)
    click.echo(f"{sent} events sent; {lag.events} wait, from position {lag.position}", err=True)
    if lag.failures:
        click.echo(f"broker: {sink} does not take them: {lag.reason}", err=True)
        sys.exit(1)

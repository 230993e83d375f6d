"""``broker upstream …``: the switches of FranceConnect."""

import click

from broker.cli.operation import operator, refusing, service, show
from broker.franceconnect.switches import Switches


@click.group("upstream")
def upstream_group() -> None:
    """Switch FranceConnect off and on, on every node at once, callbacks in flight included.

    NAME is franceconnect, franceconnect-creation, or the id of one identity provider.
    """


@upstream_group.command("list")
@click.option("--json", "as_json", is_flag=True, help="JSON Lines.")
def list_switches(*, as_json: bool) -> None:
    """List the switches."""
    rows = [
        {"name": switch.name, "enabled": switch.enabled, "disabled_at": switch.disabled_at}
        for switch in service(Switches).list()
    ]
    show(rows, as_json=as_json)


@upstream_group.command("disable")
@click.argument("name")
@click.option("--reason", help="Why, for the trail.")
@refusing(exit_code=1)
def disable_upstream(name: str, *, reason: str | None) -> None:
    """Switch NAME off."""
    service(Switches).disable(name, operator=str(operator().ref), reason=reason)
    click.echo(f"{name}: disabled")


@upstream_group.command("enable")
@click.argument("name")
@click.option("--reason", help="Why, for the trail.")
@refusing(exit_code=1)
def enable_upstream(name: str, *, reason: str | None) -> None:
    """Switch NAME on again."""
    service(Switches).enable(name, operator=str(operator().ref), reason=reason)
    click.echo(f"{name}: enabled")

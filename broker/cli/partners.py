"""``broker clients …``: partner administrations."""

import json
from pathlib import Path

import click

from broker.cli.operation import operator, refusing, service, show
from broker.clients.administration import ClientAdministration


@click.group("clients")
def clients_group() -> None:
    """Register partners, switch them off and on."""


@clients_group.command("apply")
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option("--yes", is_flag=True, help="Apply without asking.")
@click.option("--json", "as_json", is_flag=True, help="The effects as JSON Lines.")
@refusing(exit_code=1)
def apply_clients(path: Path, *, yes: bool, as_json: bool) -> None:
    """Register the partner file PATH, or every file of that folder: all of them or none.

    The effect on people is shown first.
    """
    administration = service(ClientAdministration)
    plans = administration.plan(path)
    for plan in plans:
        for warning in plan.file.warnings:
            click.echo(f"{plan.client_id}: {warning}", err=True)
        state = "new" if plan.new else "changed" if plan.changes else "unchanged"
        if as_json:
            row = {"client_id": plan.client_id, "state": state, "effects": plan.effects}
            click.echo(json.dumps(row, ensure_ascii=False))
            continue
        click.echo(f"{plan.client_id}: {state}")
        for effect in plan.effects:
            click.echo(f"  - {effect}")
    changing = [plan for plan in plans if plan.changes]
    if changing and not yes:
        click.confirm(f"Apply {len(changing)} change(s)?", abort=True)
    administration.apply(plans, operator())


@clients_group.command("list")
@click.option("--json", "as_json", is_flag=True, help="JSON Lines.")
def list_clients(*, as_json: bool) -> None:
    """List the partners."""
    show(service(ClientAdministration).every(), as_json=as_json)


@clients_group.command("disable")
@click.argument("client_id")
@refusing(exit_code=1)
def disable_client(client_id: str) -> None:
    """Refuse everything to a partner from now on, on every node."""
    service(ClientAdministration).disable(client_id, operator())


@clients_group.command("enable")
@click.argument("client_id")
@refusing(exit_code=1)
def enable_client(client_id: str) -> None:
    """Serve a partner again."""
    service(ClientAdministration).enable(client_id, operator())

"""``broker audit purge``, ``hold``, ``release`` and ``holds``: what of the trail goes or stays."""

import sys

import click

from broker.audit.retention.holds import Holds
from broker.audit.retention.purge import Purger
from broker.cli.operation import Naming, operator, service, show


@click.command("purge")
@click.option("--dry-run", is_flag=True, help="Only say what would go, by type.")
@click.option("--json", "as_json", is_flag=True, help="JSON Lines.")
def purge_command(*, dry_run: bool, as_json: bool) -> None:
    """Remove events whose time is over, as the worker does each day; their leaves stay.

    Needs what the worker has: its settings, and in PostgreSQL its role.
    """
    purger = service(Purger)
    if dry_run:
        show((vars(due) for due in purger.due()), as_json=as_json)
        return
    total = 0
    while removed := purger.purge():
        total += removed
    show([{"removed": total}], as_json=as_json)


@click.command("hold", cls=Naming)
@click.argument("held")
@click.option("--reason", required=True, help="Why, for the trail.")
@click.option("--json", "as_json", is_flag=True, help="JSON Lines.")
def hold_command(held: str, reason: str, *, as_json: bool) -> None:
    """Keep the events of a person or a login beyond their time; exit 1: held already.

    HELD is a subject_ref or an auth_event_id, as the trail has them. Says how many events it has.
    """
    holds = service(Holds)
    if not holds.place(held, reason, operator()):
        click.echo("broker: it is held already", err=True)
        sys.exit(1)
    if not (events := holds.events(held)):
        click.echo("broker: no event has that name yet: is it a typing error?", err=True)
    show([{"held": held, "events": events}], as_json=as_json)


@click.command("release", cls=Naming)
@click.argument("held")
@click.option("--reason", required=True, help="Why, for the trail.")
def release_command(held: str, reason: str) -> None:
    """End a hold; exit 1: there is none. What is over goes with the next purge."""
    if not service(Holds).lift(held, reason, operator()):
        click.echo("broker: nothing holds it", err=True)
        sys.exit(1)


@click.command("holds")
@click.option("--json", "as_json", is_flag=True, help="JSON Lines.")
def holds_command(*, as_json: bool) -> None:
    """List what is held, the oldest first."""
    held = service(Holds).all()
    show([{"held": each, "since": since} for each, since in held], as_json=as_json)

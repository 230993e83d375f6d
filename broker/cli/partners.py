"""``broker clients …``: partner administrations."""

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import click

from broker.base.messages import Messages
from broker.base.places import folder
from broker.cli.operation import (
    application,
    operator,
    refusing,
    service,
    settings_of_command,
    show,
)
from broker.clients.administration import ClientAdministration, Plan
from broker.clients.files import FileReader, files_of
from broker.clients.model import RegistrationRefused
from broker.clients.schema import schema
from broker.oidc.consents.preview import Preview, Previews
from broker.signals.streams import Streams


@click.group("clients")
def clients_group() -> None:
    """Register partners, switch them off and on."""


@clients_group.command("check")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--production", is_flag=True, help="By production's rules, whatever the profile.")
@click.option("--json", "as_json", is_flag=True, help="JSON Lines.")
def check_clients(paths: tuple[Path, ...], *, production: bool, as_json: bool) -> None:
    """Judge partner files, or folders of them; needs no database and changes nothing.

    Each flaw is told with its file, its member and the rule. Exit code 1 where there is one.
    """
    lenient = settings_of_command().makes_own_secrets and not production
    reader, refused = FileReader(lenient=lenient), False
    for file in (file for path in paths for file in files_of(path)):
        try:
            found = [("warning", said) for said in reader.read_one(file).warnings]
        except RegistrationRefused as refusal:
            found, refused = [("refused", said) for said in refusal.flaws], True
        for verdict, said in found or [("good", "")]:
            member, _, rule = said.partition(": ")
            row = {"file": file.name, "verdict": verdict, "member": member, "rule": rule}
            line = json.dumps(row) if as_json else ": ".join(filter(None, row.values()))
            click.echo(line)
    sys.exit(refused)


@clients_group.command("schema")
def print_schema() -> None:
    """Print the JSON Schema of partner files, for editors."""
    words = Messages.load(folder("templates") / "messages")
    click.echo(json.dumps(schema(words.sentence), ensure_ascii=False, indent=2))


@clients_group.command("apply")
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option("--yes", is_flag=True, help="Apply without asking.")
@click.option("--dry-run", is_flag=True, help="Show the effects and apply nothing.")
@click.option("--json", "as_json", is_flag=True, help="The effects as JSON Lines.")
@refusing(exit_code=1)
def apply_clients(path: Path, *, yes: bool, dry_run: bool, as_json: bool) -> None:
    """Register the partner file PATH, or every file of that folder: all of them or none.

    The effect on people is shown first.
    """
    services = application().extensions["broker"]
    administration, previews = services[ClientAdministration], services[Previews]
    plans = administration.plan(path)
    for plan in plans:
        for warning in plan.file.warnings:
            click.echo(f"{plan.client_id}: {warning}", err=True)
        preview = previews.of(plan.before, plan.after)
        click.echo(_as_json(plan, preview) if as_json else "\n".join(_told(plan, preview)))
    changing = [plan for plan in plans if plan.changes]
    if dry_run:
        return
    if changing and not yes:
        click.confirm(f"Apply {len(changing)} change(s)?", abort=True)
    administration.apply(plans, operator())
    if not as_json:
        for plan in changing:
            click.echo(f"{plan.client_id}: applied")


def _state(plan: Plan) -> str:
    return "new" if plan.new else "changed" if plan.changes else "unchanged"


def _as_json(plan: Plan, preview: Preview) -> str:
    row = {"client_id": plan.client_id, "state": _state(plan), "effects": plan.effects}
    return json.dumps(row | asdict(preview), ensure_ascii=False)


def _told(plan: Plan, preview: Preview) -> Iterator[str]:
    yield f"{plan.client_id}: {_state(plan)}"
    if not plan.changes:
        return
    yield from (f"  - {effect}" for effect in plan.effects)
    if not plan.new:
        again = f"{preview.asked_again} of them will read the page again"
        yield f"  people: {preview.agreed} agreed, {again}; {preview.connected} connected now"
    if not preview.page_changes:
        return
    for title, lines in (("before", preview.page_before), ("after", preview.page_after)):
        if lines:
            yield f"  the page that people read, {title}:"
            yield from (f"    | {line}" for line in lines)


@clients_group.command("list")
@click.option("--json", "as_json", is_flag=True, help="JSON Lines.")
def list_clients(*, as_json: bool) -> None:
    """List the partners; `signals`: the stream of security events, and what waits in it."""
    services = application().extensions["broker"]
    streams = services[Streams].listing()
    show(
        (
            {**row, "signals": streams.get(row["client_id"])}
            for row in services[ClientAdministration].every()
        ),
        as_json=as_json,
    )


@clients_group.command("disable")
@click.argument("client_id")
@refusing(exit_code=1)
def disable_client(client_id: str) -> None:
    """Refuse everything to a partner from now on, on every node."""
    service(ClientAdministration).disable(client_id, operator())
    click.echo(f"{client_id}: disabled")


@clients_group.command("enable")
@click.argument("client_id")
@refusing(exit_code=1)
def enable_client(client_id: str) -> None:
    """Serve a partner again."""
    service(ClientAdministration).enable(client_id, operator())
    click.echo(f"{client_id}: enabled")

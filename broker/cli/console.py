"""``broker console …``: the accounts of the analysts who read the trail."""

import click

from broker.base.settings import Settings
from broker.cli.operation import application, operator, refusing, service, show
from broker.console.analysts import Analysts
from broker.console.model import Invitation, NotAName, Role, analyst_name

_RULE = "3 to 40 small letters, digits, dots and hyphens"


def _read(_context: click.Context, _argument: click.Parameter, name: str) -> str:
    """Say what a name is made of where this is none."""
    try:
        return analyst_name(name)
    except NotAName:
        raise click.BadParameter(_RULE) from None


_name = click.argument("name", callback=_read)
_role = click.option(
    "--role",
    type=click.Choice([str(role) for role in Role]),
    required=True,
    help="reader looks; investigator also looks people up; responder also acts.",
)


@click.group("console")
def console_group() -> None:
    """Accounts of analysts: they log in at /audit.

    A name is 3 to 40 small letters, digits, dots and hyphens; the trail calls the analyst by it.
    """


@console_group.command("add-user")
@_name
@_role
@refusing(exit_code=1)
def add(name: str, role: str) -> None:
    """Add an analyst; print the link by which they choose password and application, once."""
    services = application().extensions["broker"]
    _print(services[Analysts].add(name, Role(role), operator()), services[Settings])


@console_group.command("invite")
@_name
@refusing(exit_code=1)
def invite(name: str) -> None:
    """Begin an account anew: password and application are void, a new link is printed."""
    services = application().extensions["broker"]
    _print(services[Analysts].invite(name, operator()), services[Settings])


@console_group.command("set-role")
@_name
@_role
@refusing(exit_code=1)
def set_role(name: str, role: str) -> None:
    """Give an analyst another role; it holds at their next page."""
    analyst = service(Analysts).change_role(name, Role(role), operator())
    click.echo(f"{analyst.name}: {role}")


@console_group.command("disable")
@_name
@refusing(exit_code=1)
def disable(name: str) -> None:
    """Shut an account: its sessions end at once; ``invite`` opens it again."""
    analyst = service(Analysts).disable(name, operator())
    click.echo(f"{analyst.name}: disabled")


@console_group.command("list")
@click.option("--json", "as_json", is_flag=True, help="JSON Lines.")
def list_analysts(*, as_json: bool) -> None:
    """List the analysts."""
    show(service(Analysts).list(), as_json=as_json)


def _print(invitation: Invitation, settings: Settings) -> None:
    """Print the link alone on standard output: it is a secret until it was used."""
    analyst = invitation.analyst
    until = invitation.expires_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    click.echo(f"{analyst.name}, {analyst.role}: the link serves once, until {until}", err=True)
    click.echo(f"{settings.console_origin}/audit/invitation/{invitation.token.reveal()}")

"""``broker accounts …``: what operators do to an account, always with a reason."""

from collections.abc import Callable

import click

from broker.accounts.administration import Administration
from broker.accounts.model import Account
from broker.cli.operation import operator, refusing, service, show

_term = click.argument("account", metavar="ID|NIR|REFERENCE")
_reason = click.option("--reason", required=True, help="Why, for the trail.")


@click.group("accounts")
def accounts_group() -> None:
    """Show, suspend, reopen or purge an account, named by its id, NIR or reference.

    Every use is audited with its reason. A NIR given here stays in the shell's history: prefer
    the reference that the person was given.
    """


@accounts_group.command("show")
@_term
@_reason
@click.option("--json", "as_json", is_flag=True, help="JSON Lines.")
@refusing(exit_code=1)
def show_account(account: str, reason: str, *, as_json: bool) -> None:
    """Show what an operator may see of an account."""
    facts = service(Administration).show(account, operator=str(operator().ref), reason=reason)
    show([facts], as_json=as_json)


def _command(name: str, act: Callable[..., Account], text: str) -> None:
    @accounts_group.command(name, help=text)
    @_term
    @_reason
    @refusing(exit_code=1)
    def run(account: str, reason: str) -> None:
        done = act(service(Administration), account, operator=str(operator().ref), reason=reason)
        click.echo(f"{done.id}: {name}d")


_command("disable", Administration.disable, "Suspend: sessions and links end at once.")
_command("enable", Administration.enable, "Reopen a suspended account; a code is asked next.")
_command("purge", Administration.purge, "Remove an account that was never activated.")

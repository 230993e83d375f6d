"""``broker keys …``: signing keys."""

from collections.abc import Iterable

import click

from broker.base.clock import Clock
from broker.cli.operation import operator, refusing, service, show
from broker.keys.model import SigningKey
from broker.keys.rotation import Keys


@click.group("keys")
def keys_group() -> None:
    """List, rotate and retire the keys that sign ID Tokens."""


@keys_group.command("list")
@click.option("--json", "as_json", is_flag=True, help="JSON Lines.")
def list_keys(*, as_json: bool) -> None:
    """List every key with its state."""
    keys = service(Keys)
    _show(keys.every(), keys.clock, as_json=as_json)


@keys_group.command("rotate")
@click.option("--json", "as_json", is_flag=True, help="JSON Lines.")
def rotate_keys(*, as_json: bool) -> None:
    """Announce a new key per algorithm; it signs once every cache has seen it."""
    keys = service(Keys)
    _show(keys.rotate(operator()), keys.clock, as_json=as_json)


@keys_group.command("retire")
@click.argument("kid")
@refusing(exit_code=1)
def retire_key(kid: str) -> None:
    """Withdraw a key at once, out of the published set too: for one that others may know."""
    service(Keys).retire(kid, operator())


def _show(keys: Iterable[SigningKey], clock: Clock, *, as_json: bool) -> None:
    now = clock()
    rows = [
        {
            "kid": key.kid,
            "alg": str(key.algorithm),
            "state": str(key.state(now)),
            "announced_at": key.announced_at,
            "active_at": key.active_at,
            "retired_at": key.retired_at,
            "removed_at": key.removed_at,
        }
        for key in keys
    ]
    show(rows, as_json=as_json)

"""``broker keys …``: the keys that sign, and those that FranceConnect encrypts for."""

import click

from broker.base.clock import Clock
from broker.cli.operation import Naming, application, operator, refusing, show
from broker.keys.encryption import EncryptionKeys
from broker.keys.model import EncryptionKey, SigningKey
from broker.keys.rotation import Keys


@click.group("keys")
def keys_group() -> None:
    """List, rotate and retire the keys that sign, and those that FranceConnect encrypts for."""


@keys_group.command("list")
@click.option("--json", "as_json", is_flag=True, help="JSON Lines.")
def list_keys(*, as_json: bool) -> None:
    """List every key with its state."""
    signing, encryption = _services()
    _show((*signing.every(), *encryption.every()), signing.clock, as_json=as_json)


@keys_group.command("rotate")
@click.option("--json", "as_json", is_flag=True, help="JSON Lines.")
def rotate_keys(*, as_json: bool) -> None:
    """Announce a new key per algorithm; it signs once every cache has seen it.

    Where FranceConnect encrypts its answers, a new key for that too, published at once.
    """
    (signing, encryption), by = _services(), operator()
    _show((*signing.rotate(by), *encryption.rotate(by)), signing.clock, as_json=as_json)


@keys_group.command("retire", cls=Naming)
@click.argument("kid")
@refusing(exit_code=1)
def retire_key(kid: str) -> None:
    """Withdraw a key at once, out of the published set too: for one that others may know."""
    signing, encryption = _services()
    owner = encryption if any(key.kid == kid for key in encryption.every()) else signing
    owner.retire(kid, operator())


def _services() -> tuple[Keys, EncryptionKeys]:
    services = application().extensions["broker"]
    return services[Keys], services[EncryptionKeys]


def _show(keys: tuple[SigningKey | EncryptionKey, ...], clock: Clock, *, as_json: bool) -> None:
    now = clock()
    rows = [
        {
            "kid": key.kid,
            "use": key.use,
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

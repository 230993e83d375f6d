"""``broker audit verify`` and ``checkpoint``: whether the trail is what was signed."""

import os
import sys
from pathlib import Path

import click

from broker.audit.events import VerificationFailed, VerificationPassed
from broker.audit.proofs.verification import Report, Verification
from broker.audit.sealing.note import NoteRefused, VerifierKey
from broker.audit.sealing.outside import notes_in
from broker.audit.sealing.sealer import Sealer
from broker.base.settings import Settings
from broker.cli.operation import application, operator, show
from broker.foundation import Foundation

_PLACE = click.Path(exists=True, path_type=Path)


class VerifierKeyText(click.ParamType[VerifierKey]):
    """The public key of a log, as ``broker audit checkpoint --key`` prints it."""

    name = "vkey"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> VerifierKey:
        """Read the key."""
        try:
            return value if isinstance(value, VerifierKey) else VerifierKey.parse(str(value))
        except NoteRefused as error:
            self.fail(str(error), param, ctx)


@click.command("verify")
@click.option(
    "--against", multiple=True, type=_PLACE, help="Checkpoint file, or a folder of them; repeat."
)
@click.option(
    "--former-key", multiple=True, type=VerifierKeyText(), help="Public key used before; repeat."
)
@click.option(
    "--restored", multiple=True, help="Id of an audit.restored event that you know of; repeat."
)
@click.option(
    "--unmarked",
    "unmarked_until",
    type=click.IntRange(min=0),
    default=0,
    help="Events before this position are from a version without marks.",
)
@click.option(
    "--processes",
    type=click.IntRange(min=1),
    default=os.cpu_count() or 1,
    show_default="one per processor",
    help="Processes that judge events.",
)
@click.option("--json", "as_json", is_flag=True, help="JSON Lines: each flaw, then the summary.")
def verify_command(
    against: tuple[Path, ...],
    former_key: tuple[VerifierKey, ...],
    restored: tuple[str, ...],
    unmarked_until: int,
    processes: int,
    *,
    as_json: bool,
) -> None:
    """Verify every event; exit 0: nothing was touched, 1: flaws, 2: it cannot be judged.

    What came of it is recorded.

    Without --against the folder of BROKER_AUDIT_FOLDER is compared with. What the database's
    administrator can write proves nothing against that administrator.
    """
    services = application().extensions["broker"]
    folder = services[Settings].audit_folder
    places = against or ((folder,) if folder else ())
    if not places:
        click.echo("broker: no checkpoint outside the database to compare with", err=True)
    for place in places:
        if next(notes_in(place), None) is None:
            click.echo(f"broker: no checkpoint in {place}", err=True)
            sys.exit(2)
    report = services[Verification].run(places, former_key, restored, unmarked_until, processes)
    _print(report, as_json=as_json)
    services[Foundation].audit.record(_result(report))
    if report.flaws:
        sys.exit(1)


def _result(report: Report) -> VerificationFailed | VerificationPassed:
    if not report.flaws:
        return VerificationPassed(judged=report.size, actor=operator())
    flaws, reason = len(report.flaws) + report.more, report.flaws[0].kind
    return VerificationFailed(flaws=flaws, reason_code=reason, actor=operator())


def _print(report: Report, *, as_json: bool) -> None:
    show((vars(flaw) for flaw in report.flaws), as_json=as_json)
    summary = {
        "events": report.size,
        "purged": report.purged,
        "confirmed": report.agreed,
        "cosigned": report.cosigned,
        "checkpoints": report.checkpoints,
        "newest_checkpoint": report.signed_at,
        "flaws": len(report.flaws) + report.more,
    }
    show([summary], as_json=as_json)


@click.command("checkpoint")
@click.option("--key", "only_key", is_flag=True, help="Print the public key of the log instead.")
def checkpoint_command(*, only_key: bool) -> None:
    """Print the newest signed checkpoint, cosigned where it is; exit 1 before the first one."""
    sealer: Sealer = application().extensions["broker"][Sealer]
    if only_key:
        click.echo(str(sealer.key.verifier))
        return
    store = sealer.store
    number = store.checkpoints_made()
    if not number:
        click.echo("broker: no checkpoint was signed yet", err=True)
        sys.exit(1)
    click.echo(store.checkpoint(number) + store.cosignature(number), nl=False)

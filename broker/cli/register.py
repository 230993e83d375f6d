"""``broker insured …``: the register; its questions are in matching.py."""

import json
import sys
from pathlib import Path

import click

from broker.cli.matching import (
    compare_command,
    explain_command,
    match_command,
    places_command,
    replay_command,
)
from broker.cli.operation import operator, progress, refusing, service
from broker.insured.filed_batch import BadRow
from broker.insured.register import RegisterImport

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group("insured")
def insured_group() -> None:
    """Load the register of insured people, match identities to it."""


@insured_group.command("import")
@click.argument("file", type=_FILE)
@click.option("--json", "as_json", is_flag=True, help="Bad rows and the result as JSON Lines.")
@refusing(exit_code=2)
def import_register(file: Path, *, as_json: bool) -> None:
    """Load FILE into the register: exit 0 all loaded, 1 some rows bad, 2 unreadable."""

    def tell(bad: BadRow) -> None:
        row = {"line": bad.line, "reason": bad.reason}
        click.echo(json.dumps(row) if as_json else f"line {bad.line}: {bad.reason}")

    with file.open("rb") as source, progress(file, "Loading") as bar:
        report = service(RegisterImport).load(
            source, actor=operator(), on_bad_row=tell, on_progress=bar.update
        )
    result = {"loaded": report.loaded, "rejected": report.rejected}
    click.echo(json.dumps(result) if as_json else f"{report.loaded} loaded, {report.rejected} bad")
    if report.rejected:
        sys.exit(1)


for command in (
    match_command,
    compare_command,
    replay_command,
    explain_command,
    places_command,
):
    insured_group.add_command(command)

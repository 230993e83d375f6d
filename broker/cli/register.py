"""``broker insured …``: the register, and the matching of identities to it."""

import json
import sys
from pathlib import Path

import click

from broker.base.messages import Messages
from broker.cli.operation import operator, refusing, service
from broker.insured.explanation import explain
from broker.insured.filed_batch import BadRow
from broker.insured.lookup import Insured
from broker.insured.match_file import write_matches
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

    with file.open("rb") as source, _progress(file, "Loading") as bar:
        report = service(RegisterImport).load(
            source, actor=operator(), on_bad_row=tell, on_progress=bar.update
        )
    result = {"loaded": report.loaded, "rejected": report.rejected}
    click.echo(json.dumps(result) if as_json else f"{report.loaded} loaded, {report.rejected} bad")
    if report.rejected:
        sys.exit(1)


@insured_group.command("match")
@click.argument("file", type=_FILE)
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--explain", "with_record", is_flag=True, help="Add the decision record.")
@refusing(exit_code=2)
def match_file(file: Path, out: Path, *, with_record: bool) -> None:
    """Match the pivot identities of FILE (JSON Lines): matching alone, no eligibility."""
    insured = service(Insured)
    with (
        file.open("rb") as source,
        out.open("w", encoding="utf-8", newline="") as written,
        _progress(file, "Matching") as bar,
    ):
        for size in write_matches(source, written, insured, explain=with_record):
            bar.update(size)


@insured_group.command("explain")
@click.argument("reference")
@click.option("--json", "as_json", is_flag=True, help="The record itself.")
@refusing(exit_code=1)
def explain_decision(reference: str, *, as_json: bool) -> None:
    """Tell in plain French why a creation was refused; the reading is audited."""
    record = service(Insured).read_decision(reference, operator())
    if as_json:
        click.echo(json.dumps(record, ensure_ascii=False))
        return
    for sentence in explain(record, service(Messages)):
        click.echo(sentence)


def _progress(file: Path, label: str) -> "click._termui_impl.ProgressBar[int]":
    return click.progressbar(
        length=file.stat().st_size, label=label, file=sys.stderr, update_min_steps=65_536
    )

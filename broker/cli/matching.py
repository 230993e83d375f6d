"""``broker insured match, compare, replay, explain, places``: who identities are, and why."""

import json
import os
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import click

from broker.base.messages import Messages
from broker.base.spreadsheets import csv_of
from broker.cli.operation import operator, progress, refusing, service, show, writing
from broker.insured.explanation import explain
from broker.insured.lookup import Insured
from broker.insured.match_file import Change, MatchFiles, Matching, OneRowEach, OneRowPerChange
from broker.insured.place_names import PlaceNames
from broker.insured.reference_tables import provenances
from broker.insured.replay import Changed, Replay

_FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
_OUT = click.Path(dir_okay=False, path_type=Path)
_MOMENT = click.DateTime(("%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%SZ"))
_processes = click.option(
    "--processes",
    type=click.IntRange(min=1),
    default=os.cpu_count() or 1,
    show_default="one per processor",
    help="Processes that match.",
)
_json = click.option("--json", "as_json", is_flag=True, help="JSON Lines.")


@click.command("match")
@_FILE
@click.option("--out", required=True, type=_OUT, help="CSV to write: sub, nir, reason.")
@click.option("--explain", "with_record", is_flag=True, help="Add the decision record.")
@click.option("--rules", help="Version of the rules; those in force without.")
@_processes
@refusing(exit_code=2)
def match_command(
    file: Path, out: Path, rules: str | None, processes: int, *, with_record: bool
) -> None:
    """Match the pivot identities of FILE (JSON Lines): matching alone, no eligibility."""
    files = service(MatchFiles)
    version = files.matcher.rulebook.version(rules)
    _write(files, OneRowEach(files.matcher, (version,), with_record), file, out, processes)


@click.command("compare")
@_FILE
@click.option("--rules", required=True, help="Version of the rules to try.")
@click.option("--against", help="Version to compare with; those in force without.")
@click.option("--out", required=True, type=_OUT, help="CSV to write: what changes.")
@_processes
@_json
@refusing(exit_code=2)
def compare_command(
    file: Path, rules: str, against: str | None, out: Path, processes: int, *, as_json: bool
) -> None:
    """Match FILE by two versions of the rules: writes what changes, prints how many."""
    files = service(MatchFiles)
    book = files.matcher.rulebook
    versions = (book.version(against), book.version(rules))
    counts = _write(files, OneRowPerChange(files.matcher, versions), file, out, processes)
    _show_changes(counts, as_json=as_json)


@click.command("replay")
@click.option("--rules", required=True, help="Version of the rules to try.")
@click.option("--since", type=_MOMENT, default="1970-01-01", help="UTC, included.")
@click.option("--out", type=_OUT, help="CSV to write: references whose decision changes.")
@_json
@refusing(exit_code=2)
def replay_command(rules: str, since: datetime, out: Path | None, *, as_json: bool) -> None:
    """Decide the kept creations with FranceConnect again by other rules; audited.

    ``unknown``: the record cannot tell, since it holds no value of the person.
    """
    replay = service(Replay)
    version = replay.rulebook.version(rules)
    told = replay.run(version, since.replace(tzinfo=UTC), operator())
    if out:
        with writing(out) as written:
            written.write(csv_of([Changed._fields, *told.changed]))
    _show_changes(told.counts, as_json=as_json)


@click.command("explain")
@click.argument("reference")
@click.option("--json", "as_json", is_flag=True, help="The record itself.")
@refusing(exit_code=1)
def explain_command(reference: str, *, as_json: bool) -> None:
    """Tell in plain French why a creation was refused; the reading is audited."""
    record = service(Insured).read_decision(reference, operator())
    if as_json:
        click.echo(json.dumps(record, ensure_ascii=False))
        return
    for sentence in explain(record, service(Messages)):
        click.echo(sentence)


@click.command("places")
@click.argument("codes", nargs=-1)
@_json
def places_command(codes: tuple[str, ...], *, as_json: bool) -> None:
    """Tell what the CODES of birthplaces stand for; without any, where the tables came from."""
    if codes:
        names = PlaceNames.load()
        show([names.describe(code) for code in codes], as_json=as_json)
        return
    show([{"table": name, **vars(each)} for name, each in provenances().items()], as_json=as_json)


def _write(
    files: MatchFiles, matching: Matching, file: Path, out: Path, processes: int
) -> Counter[Change]:
    if out.exists() and out.samefile(file):
        raise click.BadParameter("FILE itself would be lost.", param_hint="--out")
    with file.open("rb") as source, writing(out) as written, progress(file, "Matching") as bar:
        return files.write(
            matching,
            source,
            written,
            processes=processes,
            actor=operator(),
            on_progress=bar.update,
        )


def _show_changes(counts: Counter[Change], *, as_json: bool) -> None:
    show(
        (
            {"before": before, "after": after, "changed": before != after, "decisions": number}
            for (before, after), number in sorted(counts.items())
        ),
        as_json=as_json,
    )

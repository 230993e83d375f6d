"""``broker detection …``: whether the rules are sound, and what they found."""

import sys
from pathlib import Path

import click

from broker.audit.catalogue import kinds
from broker.cli.operation import operator, refusing, service, settings_of_command, show
from broker.detection.detection import Detection
from broker.detection.model import NOTE_LENGTH
from broker.detection.rules import Rules, RulesRefused

_COLUMNS = ("reference", "rule", "severity", "group_by", "group_value", "counted", "first_at",
            "last_at")  # fmt: skip
_ACKNOWLEDGED = ("acknowledged_at", "acknowledged_by", "note")
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


class Note(click.ParamType[str]):
    """What was found, in a few words."""

    name = "note"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> str:
        """Refuse an empty or a long one."""
        text = str(value).strip()
        if not 0 < len(text) <= NOTE_LENGTH:
            self.fail(f"one to {NOTE_LENGTH} characters", param, ctx)
        return text


@click.group("detection")
def detection_group() -> None:
    """Judge the rules of detection, read and acknowledge alerts."""


@detection_group.command("check")
@click.argument("folder", type=_FOLDER, required=False)
def check_rules(folder: Path | None) -> None:
    """Read the rules of FOLDER, or those in force; exit 0: sound, 1: each flaw is named."""
    try:
        rules = Rules.load(folder or settings_of_command().detection_rules, kinds())
    except RulesRefused as refused:
        for flaw in refused.flaws:
            click.echo(flaw, err=True)
        sys.exit(1)
    show(
        [
            {"rule": rule.name, "severity": str(rule.severity), "by": str(rule.by)}
            for rule in rules.by_name.values()
        ],
        as_json=False,
    )


@detection_group.command("alerts")
@click.option("--acknowledged", is_flag=True, help="Those that somebody looked at.")
@click.option("--json", "as_json", is_flag=True, help="JSON Lines.")
def list_alerts(*, acknowledged: bool, as_json: bool) -> None:
    """List the newest 200 alerts that wait."""
    columns = _COLUMNS + _ACKNOWLEDGED if acknowledged else _COLUMNS
    found = service(Detection).every(acknowledged=acknowledged)
    show([{name: getattr(alert, name) for name in columns} for alert in found], as_json=as_json)


@detection_group.command("acknowledge")
@click.argument("reference")
@click.option("--note", type=Note(), required=True, help="What was found; names nobody.")
@refusing(exit_code=1)
def acknowledge_alert(reference: str, note: str) -> None:
    """Note that somebody looked at the alert REFERENCE."""
    service(Detection).acknowledge(reference, note, operator())

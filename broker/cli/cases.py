"""``broker cases …``: what waits for the security team."""

import click

from broker.cases.cases import Cases
from broker.cases.model import Conclusion
from broker.cli.operation import operator, refusing, service, show

_COLUMNS = ("reference", "kind", "opened_at", "auth_event_id", "subject_ref")
_ENDED = ("closed_at", "closed_by", "conclusion")


@click.group("cases")
def cases_group() -> None:
    """List and conclude the cases that people and detections opened."""


@cases_group.command("list")
@click.option("--concluded", is_flag=True, help="Those that are concluded, not those that wait.")
@click.option("--json", "as_json", is_flag=True, help="JSON Lines.")
def list_cases(*, concluded: bool, as_json: bool) -> None:
    """List what waits, the oldest first."""
    columns = _COLUMNS + _ENDED if concluded else _COLUMNS
    found = service(Cases).every(closed=concluded)
    show([{name: getattr(case, name) for name in columns} for case in found], as_json=as_json)


@cases_group.command("conclude")
@click.argument("reference")
@click.option(
    "--as", "conclusion", type=click.Choice([str(found) for found in Conclusion]), required=True
)
@refusing(exit_code=1)
def conclude_case(reference: str, conclusion: str) -> None:
    """Close the case REFERENCE with what was found."""
    service(Cases).conclude(reference, Conclusion(conclusion), operator())

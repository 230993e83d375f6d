"""``broker audit …``: questions to the trail."""

import json
from datetime import UTC, datetime

import click

from broker.audit.formats.ecs import ecs
from broker.audit.formats.ocsf import ocsf
from broker.audit.store import AuditStore
from broker.cli.operation import Naming, service, show

MOMENT = click.DateTime(("%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%SZ"))
_COLUMNS = ("time", "type", "outcome", "reason_code", "txn", "auth_event_id", "client_id")
_FORMS = {"ecs": ecs, "ocsf": ocsf}


@click.group("audit")
def audit_group() -> None:
    """Ask the trail of events."""


@audit_group.command("search", cls=Naming)
@click.argument("identifier", required=False)
@click.option("--type", "type_prefix", help="Event type, or the beginning of one.")
@click.option("--reason", help="Exact reason_code.")
@click.option("--since", type=MOMENT, help="UTC, included.")
@click.option("--until", type=MOMENT, help="UTC, excluded.")
@click.option("--json", "as_json", is_flag=True, help="JSON Lines, whole events.")
@click.option("--as", "form", type=click.Choice(sorted(_FORMS)), help="JSON Lines for a SIEM.")
def search(
    identifier: str | None,
    type_prefix: str | None,
    reason: str | None,
    since: datetime | None,
    until: datetime | None,
    form: str | None,
    *,
    as_json: bool,
) -> None:
    """List events, oldest first; IDENTIFIER is any id, or the reference shown to a person."""
    bodies = service(AuditStore).search(
        term=identifier,
        type_prefix=type_prefix,
        since=utc(since),
        until=utc(until),
    )
    events = (json.loads(body) for body in bodies)
    wanted = (event for event in events if reason is None or event.get("reason_code") == reason)
    if as_json or form:
        show(map(_FORMS[form], wanted) if form else wanted, as_json=True)
        return
    show([{name: event.get(name) for name in _COLUMNS} for event in wanted], as_json=False)


def utc(moment: datetime | None) -> datetime | None:
    """Take what was typed as UTC."""
    return moment.replace(tzinfo=UTC) if moment else None

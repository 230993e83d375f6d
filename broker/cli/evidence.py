"""``broker audit proof`` and ``export``: evidence that is judged without the broker."""

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import NoReturn, TextIO

import click

from broker.audit.events import EvidenceExported
from broker.audit.proofs.evidence import Evidence, Line, NotSigned
from broker.audit.proofs.partner_proofs import PartnerProofs
from broker.audit.sealing.checkpoint import Checkpoint
from broker.audit.sealing.note import NoteRefused
from broker.audit.sealing.sealer import Sealer
from broker.audit.sealing.tree_store import TrailBroken
from broker.audit.store import AuditStore
from broker.cli.exports import send_to
from broker.cli.operation import Naming, application, operator, show, writing
from broker.cli.trail import MOMENT, utc
from broker.foundation import Foundation
from broker.oidc.errors import OAuthError
from broker.oidc.parameters import Parameters
from broker.oidc.tokens.evidence import Named, TokenEvidence

_OLDER = click.option(
    "--checkpoint",
    "older",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A checkpoint that the reader holds: proves that nothing was rewritten since.",
)


@click.command("proof", cls=Naming)
@click.argument("event_ids", nargs=-1)
@_OLDER
def proof_command(event_ids: tuple[str, ...], older: Path | None) -> None:
    """Print evidence of events: JSON Lines under a checkpoint of these minutes.

    Without any EVENT_ID and with --checkpoint: only that the trail goes on from it. Exit 1: an
    event is unknown or not signed yet (it takes a minute), or was touched.
    """
    services = application().extensions["broker"]
    search: AuditStore = services[AuditStore]
    found = [list(search.search(term=event_id)) for event_id in event_ids]
    bodies = [
        body
        for event_id, of_term in zip(event_ids, found, strict=True)
        for body in of_term
        if json.loads(body)["event_id"] == event_id
    ]
    if len(bodies) != len(event_ids):
        _end("no such event")
    with _proving():
        evidence, head = _begun(services[Sealer], older)
        show([*head, *map(evidence.event, bodies)], as_json=True)


@click.command("token-evidence", cls=Naming)
@click.argument("client_id")
@click.option("--sha256", help="SHA-256 of the token, in hexadecimal.")
@click.option("--jti", help="Of a signed access token.")
@_OLDER
def token_evidence_command(
    client_id: str, sha256: str | None, jti: str | None, older: Path | None
) -> None:
    """Print what /token-evidence would give CLIENT_ID: no more than this partner may see.

    Without --sha256 and --jti the token is read from standard input. Exit 1: not issued to it, or
    not signed yet (it takes a minute).
    """
    services = application().extensions["broker"]
    token = None if sha256 or jti else sys.stdin.read().strip()
    asked = {"token": token, "token_sha256": sha256, "jti": jti}
    named = {name: value for name, value in asked.items() if value}
    try:
        held = services[PartnerProofs].opened(older.read_text("utf-8")) if older else None
        lines = services[TokenEvidence].give(
            client_id, Named.of(Parameters(named)), held, {"actor": operator()}
        )
    except (NoteRefused, OAuthError) as error:
        _end(str(error))
    show(lines, as_json=True)


@click.command("export", cls=Naming)
@click.argument("identifier", required=False)
@click.option("--type", "type_prefix", help="Event type, or the beginning of one.")
@click.option("--since", type=MOMENT, help="UTC, included.")
@click.option("--until", type=MOMENT, help="UTC, excluded.")
@_OLDER
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--sink", help="Send to this sink of the settings instead, all that it lacks.")
@click.option("--from", "position", type=int, help="Position from which the sink goes on.")
def export_command(
    identifier: str | None,
    type_prefix: str | None,
    since: datetime | None,
    until: datetime | None,
    older: Path | None,
    out: Path | None,
    sink: str | None,
    position: int | None,
) -> None:
    """Write events with their proofs: what ``search`` finds, for scripts/verify_evidence.py.

    With --sink: send to a sink now, without --from from where it stopped (exit 1: it refuses).
    """
    if sink is not None:
        if any((identifier, type_prefix, since, until, older, out)):
            raise click.UsageError("--sink goes with --from alone")
        send_to(sink, position)
        return
    if out is None or position is not None:
        raise click.UsageError("give --out, or --sink with --from or not")
    services = application().extensions["broker"]
    bodies = services[AuditStore].search(
        term=identifier, type_prefix=type_prefix, since=utc(since), until=utc(until)
    )
    with _proving(), writing(out) as file:
        proved, young = _export(file, bodies, *_begun(services[Sealer], older))
    services[Foundation].audit.record(EvidenceExported(events=proved, actor=operator()))
    click.echo(f"{proved} events; {young} too young to be signed are left out", err=True)


def _export(
    file: TextIO, bodies: Iterable[str], evidence: Evidence, lines: list[Line]
) -> tuple[int, int]:
    """Write the events that can be proved; return how many these are, and how many not yet."""
    proved = young = 0
    for body in bodies:
        try:
            lines.append(evidence.event(body))
        except NotSigned:
            young += 1
            continue
        proved += 1
        _write(file, lines)
    _write(file, lines)
    return proved, young


def _begun(sealer: Sealer, older: Path | None) -> tuple[Evidence, list[Line]]:
    held = sealer.key.verifier.open(older.read_text("utf-8")) if older else None
    evidence = Evidence.for_others(sealer.store)
    return evidence, list(evidence.head(Checkpoint.parse(held) if held else None))


def _write(file: TextIO, lines: list[Line]) -> None:
    while lines:
        file.write(json.dumps(lines.pop(0), ensure_ascii=False) + "\n")


@contextmanager
def _proving() -> Iterator[None]:
    """End with exit code 1 where something cannot be proved."""
    try:
        yield
    except (NoteRefused, NotSigned, TrailBroken) as error:
        _end(str(error))


def _end(reason: str) -> NoReturn:
    click.echo(f"broker: {reason}", err=True)
    sys.exit(1)

"""``broker audit lineage``: what came of a login, from anything that names a part of it."""

import json
import sys
from pathlib import Path

import click

from broker.audit.lineage.drawing import drawing
from broker.audit.lineage.growth import Node
from broker.audit.lineage.lookup import Lineages
from broker.base.messages import Messages
from broker.cli.operation import Naming, application, operator

_TOLD = ("outcome", "reason_code", "client_id")


@click.command("lineage", cls=Naming)
@click.argument("identifier")
@click.option("--reason", required=True, help="Why, for the trail.")
@click.option("--json", "as_json", is_flag=True, help="The whole tree, as one JSON object.")
@click.option("--svg", type=click.Path(path_type=Path, dir_okay=False), help="Draw it there.")
def lineage_command(identifier: str, reason: str, svg: Path | None, *, as_json: bool) -> None:
    """Show what came of a login, down to the last use of a token; exit 1: nothing is known.

    IDENTIFIER is a reference that a mail or a page shows, an event, a session, a partner's request
    or request_uri, a round trip to FranceConnect, a jti, the digest of a token or of a code, or
    the token or code itself: it is hashed at once. A dash reads it from standard input, so that
    no shell remembers it.
    """
    services = application().extensions["broker"]
    asked = sys.stdin.readline() if identifier == "-" else identifier
    found = services[Lineages].read(asked, actor=operator(), reason=reason)
    if svg:
        svg.write_text(drawing(found.roots, services[Messages].sentences.get))
    if as_json:
        click.echo(json.dumps(found.as_json(), ensure_ascii=False))
    else:
        for root in found.roots:
            for depth, node in root.lines():
                click.echo(f"{'  ' * depth}{_line(node)}")
    if not found.whole:
        click.echo("broker: there is more than one answer holds", err=True)
    if not found.roots:
        click.echo("broker: the trail knows nothing of it", err=True)
        sys.exit(1)


def _line(node: Node) -> str:
    marks = [mark.upper() for mark in node.marks]
    if node.event is None:
        return " ".join([node.kind, node.ref, *marks])
    token = node.event.get("token", {})
    facts = [token.get("kind"), token.get("hash_prefix"), *map(node.event.get, _TOLD)]
    return " ".join([node.event["time"], node.kind, *map(str, filter(None, facts)), *marks])

"""Judges every event that a test recorded: is it documented, and free of data and secrets?"""

import json
import sqlite3
from collections.abc import Iterable
from functools import cache

import jsonschema_rs
import psycopg

from tests.support.leaks import leaks
from tests.support.places import ROOT

_QUESTION = "SELECT body FROM audit_event ORDER BY event_id"


def require_documented(bodies: Iterable[str]) -> None:
    """Fail where an event is not what docs/events.schema.json says, or tells too much."""
    found: set[str] = set()
    trail = list(bodies)
    for body in trail:
        event = json.loads(body)
        found.update(f"{event['type']}: {flaw}" for flaw in _flaws(event))
    found.update(leaks("\n".join(trail)))
    assert not found, "; ".join(sorted(found))


def bodies_in(database_url: str) -> list[str]:
    """Return the events of a database; none where a test took the tables away."""
    try:
        if database_url.startswith("sqlite"):
            connection = sqlite3.connect(database_url.removeprefix("sqlite:///"))
            try:
                return [body for (body,) in connection.execute(_QUESTION)]
            finally:
                connection.close()
        with psycopg.connect(database_url.replace("+psycopg", "")) as connection:
            return [body for (body,) in connection.execute(_QUESTION)]
    except (sqlite3.OperationalError, psycopg.errors.UndefinedTable) as error:
        if "audit_event" not in str(error):
            raise
        return []


def _flaws(event: dict[str, object]) -> Iterable[str]:
    """Yield what is wrong, and where; never the value."""
    validator = _validator(str(event["type"]))
    if validator is None:
        yield "not documented"
        return
    for error in validator.iter_errors(event):
        path = ".".join(map(str, error.instance_path)) or "the event"
        yield f"{path} breaks {'/'.join(map(str, error.schema_path))}"


@cache
def _validator(kind: str) -> jsonschema_rs.Draft202012Validator | None:
    definitions = _definitions()
    if kind not in definitions:
        return None
    schema = {"$ref": f"#/$defs/{kind}"}
    needed = {name: definitions[name] for name in (kind, "fields")}
    return jsonschema_rs.Draft202012Validator(schema | {"$defs": needed})


@cache
def _definitions() -> dict[str, object]:
    definitions: dict[str, object] = json.loads((ROOT / "docs/events.schema.json").read_text())[
        "$defs"
    ]
    return definitions

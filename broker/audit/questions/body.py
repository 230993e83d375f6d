"""A member of an event's body as an expression of SQL, on either database."""

from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Text, case, cast
from sqlalchemy.ext.compiler import compiles

from broker.audit.store import EVENT

_NESTED = 1_000  # brackets: no event has so many
_PATHS = {
    "ip": "src.ip",
    "ua": "src.ua",
    "idp": "upstream.idp",
    "actor": "actor.ref",
    "browsing_session_id": "browsing_session_id",
    "session_ref": "session_ref",
    "reason_code": "reason_code",
    "outcome": "outcome",
    "kind": "kind",
    "token_kind": "token.kind",
    "mail_domain_ref": "mail_domain_ref",
}
"""Members that have no column of their own, by the name that a question calls them."""


class _Member(ColumnElement[str]):
    """Text of a member; its path is ours, never somebody's words. None of what is no JSON."""

    inherit_cache = False
    type = Text()

    def __init__(self, body: ColumnElement[Any], path: tuple[str, ...]) -> None:
        self.body, self.path = body, path


@compiles(_Member, "postgresql")
def _of_postgresql(element: _Member, compiler: Any, **rest: Any) -> str:  # noqa: ANN401 - SQLAlchemy's own
    body = compiler.process(element.body, **rest)
    member = f"{body}::json #>> '{{{','.join(element.path)}}}'"
    doors = f"octet_length({body}) - octet_length(translate({body}, '[{{', ''))"
    # PostgreSQL gives up on what is nested deeper than its stack: it is not even asked.
    flat = f"octet_length({body}) < {_NESTED} OR {doors} < {_NESTED}"
    return f"(CASE WHEN {flat} THEN CASE WHEN {body} IS JSON OBJECT THEN {member} END END)"


@compiles(_Member, "sqlite")
def _of_sqlite(element: _Member, compiler: Any, **rest: Any) -> str:  # noqa: ANN401 - SQLAlchemy's own
    body = compiler.process(element.body, **rest)
    member = f"json_extract({body}, '$.{'.'.join(element.path)}')"
    return f"(CASE WHEN json_valid({body}) THEN {member} END)"


def member(path: str, events: Any = EVENT) -> ColumnElement[Any]:  # noqa: ANN401 - as ``value``
    """Return the member of the bodies that stands at a path."""
    return _Member(events.c.body, tuple(path.split(".")))


def number(path: str) -> ColumnElement[int]:
    """Return the member as a number; none, where it is not one."""
    text = cast(member(path), Text)
    return case((text.regexp_match("^[0-9]{1,15}$"), cast(text, BigInteger)))


def value(name: str, events: Any = EVENT) -> ColumnElement[Any]:  # noqa: ANN401 - the table or an alias of it
    """Return a column of the events, or a member of their bodies."""
    if name in _PATHS:
        return member(_PATHS[name], events)
    found: ColumnElement[Any] = events.c[name]
    return found

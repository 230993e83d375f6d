"""A member of an event's body as an expression of SQL, on either database."""

from typing import Any

from sqlalchemy import ColumnElement, Text
from sqlalchemy.ext.compiler import compiles

from broker.audit.store import EVENT

_PATHS = {
    "ip": ("src", "ip"),
    "ua": ("src", "ua"),
    "idp": ("upstream", "idp"),
    "actor": ("actor", "ref"),
    "browsing_session_id": ("browsing_session_id",),
    "session_ref": ("session_ref",),
    "reason_code": ("reason_code",),
    "outcome": ("outcome",),
    "kind": ("kind",),
    "token_kind": ("token", "kind"),
    "token_exp": ("token", "exp"),
    "mail_domain_ref": ("mail_domain_ref",),
}
"""Members that have no column of their own, by the name that a question calls them."""


class _Member(ColumnElement[str]):
    """Text of a member; its path is ours, never somebody's words."""

    inherit_cache = False
    type = Text()

    def __init__(self, body: ColumnElement[Any], path: tuple[str, ...]) -> None:
        self.body, self.path = body, path


@compiles(_Member, "postgresql")
def _of_postgresql(element: _Member, compiler: Any, **rest: Any) -> str:  # noqa: ANN401 - SQLAlchemy's own
    body = compiler.process(element.body, **rest)
    return f"({body}::json #>> '{{{','.join(element.path)}}}')"


@compiles(_Member, "sqlite")
def _of_sqlite(element: _Member, compiler: Any, **rest: Any) -> str:  # noqa: ANN401 - SQLAlchemy's own
    body = compiler.process(element.body, **rest)
    return f"json_extract({body}, '$.{'.'.join(element.path)}')"


def value(name: str, events: Any = EVENT) -> ColumnElement[Any]:  # noqa: ANN401 - the table or an alias of it
    """Return a column of the events, or a member of their bodies."""
    if name in _PATHS:
        return _Member(events.c.body, _PATHS[name])
    found: ColumnElement[Any] = events.c[name]
    return found

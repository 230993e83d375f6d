"""What of an event, or of a search, a responder may cut from where they see it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask import url_for

from broker.console.model import AnalystSession, Role

_TARGETS = {
    "login": "auth_event_id",
    "family": "token.family_id",
    "person": "subject_ref",
    "client": "client_id",
}


def offered(
    session: AnalystSession,
    bodies: Iterable[Mapping[str, Any]],
    terms: Sequence[str] | None = None,
) -> list[tuple[str, str, str]]:
    """Return kind, name and address of each cut: of what the events name, or only of *terms*."""
    if not session.analyst.role.includes(Role.RESPONDER):
        return []
    found: dict[tuple[str, str], None] = {}
    for body in bodies:
        for kind, path in _TARGETS.items():
            name = _at(body, path)
            if name and (terms is None or name in terms):
                found[kind, name] = None
    return [
        (f"cut_kind.{kind}", name, url_for("cuts.preview", genre=kind, cible=name))
        for kind, name in found
    ]


def _at(body: Mapping[str, Any], path: str) -> str | None:
    above, _, name = path.rpartition(".")
    return (body.get(above, {}) if above else body).get(name)

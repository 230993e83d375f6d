"""Questions about one thing: a login, a family, a token, a mail's reference, a person."""

from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import case, func, select

from broker.audit.as_stored import is_moment
from broker.audit.questions.asking import MOST, Asked, Row, SavedQuestion, Sources
from broker.audit.store import EVENT

Body = dict[str, Any]
_MADE = ("session.created", "authz.requested", "code.issued", "token.issued")


def of_login(sources: Sources, asked: Asked) -> Iterable[Row]:
    """Return what a login led to: sessions, requests, codes, tokens, each with its service."""
    return _told(sources, asked, lambda body: body["type"] in _MADE, _facts_of_token)


def family(sources: Sources, asked: Asked) -> Iterable[Row]:
    """Return the life of a family of tokens: generations, uses, where each came from."""
    found = sources.lineage.find(asked.identifier)
    families = {_token(body).get("family_id") for body in found.events if _is(body, found.names)}
    return _rows(
        found.events,
        lambda body: (
            _token(body).get("family_id") in families - {None}
            or body.get("code_ref") in families - {None}
        ),
        _facts_of_family,
    )


def token(sources: Sources, asked: Asked) -> Iterable[Row]:
    """Return who was given a token, and what it was used for until it ended."""
    found = sources.lineage.find(asked.identifier)
    own = {
        _token(body).get("hash_prefix")
        for body in found.events
        if _token(body).get("hash_prefix") in found.names or _token(body).get("jti") in found.names
    }
    return _rows(
        found.events, lambda body: _token(body).get("hash_prefix") in own - {None}, _facts_of_token
    )


def mail_reference(sources: Sources, asked: Asked) -> Iterable[Row]:
    """Return all that the login did whose reference a mail shows, with address and browser."""
    return _told(sources, asked, lambda _: True, _facts_of_place)


def person(sources: Sources, asked: Asked) -> Iterable[Row]:
    """Return each service that a person reached within the window; its logins alone: None."""
    opened = case((EVENT.c.type == "session.created", 1), else_=None)
    given = case((EVENT.c.type == "code.issued", 1), else_=None)
    rows = sources.db.all(
        select(
            EVENT.c.client_id,
            func.count(opened),
            func.count(given),
            func.min(EVENT.c.time),
            func.max(EVENT.c.time),
        )
        .where(EVENT.c.subject_ref == asked.identifier)
        .where(EVENT.c.type.in_(("session.created", "code.issued")))
        .where(EVENT.c.time >= asked.since, EVENT.c.time < asked.until)
        .where(is_moment(EVENT.c.time))
        .group_by(EVENT.c.client_id)
        .order_by(func.max(EVENT.c.time).desc())
        .limit(MOST)
    )
    return [tuple(row) for row in rows]


def _told(
    sources: Sources,
    asked: Asked,
    wanted: Callable[[Body], bool],
    facts: Callable[[Body], Row],
) -> Iterable[Row]:
    return _rows(sources.lineage.find(asked.identifier).events, wanted, facts)


def _rows(
    events: Iterable[Body], wanted: Callable[[Body], bool], facts: Callable[[Body], Row]
) -> Iterable[Row]:
    return [
        (body["event_id"], body["time"], body["type"], *facts(body))
        for body in events
        if wanted(body)
    ]


def _is(body: Body, names: frozenset[str]) -> bool:
    """Tell whether an identifier names that event, its token or the family of it."""
    return bool(names & {body["event_id"], body.get("code_ref"), *map(str, _token(body).values())})


def _token(body: Body) -> dict[str, Any]:
    found: dict[str, Any] = body.get("token", {})
    return found


def _facts_of_token(body: Body) -> Row:
    return body.get("client_id"), _token(body).get("kind"), body.get("reason_code")


def _facts_of_family(body: Body) -> Row:
    source = body.get("src", {})
    return _token(body).get("generation"), source.get("ip"), source.get("ua"), body["outcome"]


def _facts_of_place(body: Body) -> Row:
    source = body.get("src", {})
    return body.get("client_id"), source.get("ip"), source.get("ua"), body["outcome"]


_HEAD = ("event_id", "time", "type")
OF_ONE = (
    SavedQuestion(name="of_login", read=of_login, asks=("identifier",), windowed=False,
                  columns=(*_HEAD, "client_id", "token", "reason_code")),
    SavedQuestion(name="family", read=family, asks=("identifier",), windowed=False,
                  columns=(*_HEAD, "generation", "ip", "ua", "outcome")),
    SavedQuestion(name="token", read=token, asks=("identifier",), windowed=False,
                  columns=(*_HEAD, "client_id", "token", "reason_code")),
    SavedQuestion(name="mail_reference", read=mail_reference, asks=("identifier",),
                  windowed=False, columns=(*_HEAD, "client_id", "ip", "ua", "outcome")),
    SavedQuestion(name="person", read=person, asks=("identifier",),
                  columns=("client_id", "logins", "codes", "first", "last")),
)  # fmt: skip

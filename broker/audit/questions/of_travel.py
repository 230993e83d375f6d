"""Impossible travel: two logins of one person, too far apart for the time between them."""

from collections.abc import Iterable
from datetime import datetime
from itertools import groupby, pairwise
from typing import NamedTuple

from sqlalchemy import func, select

from broker.audit.questions.asking import MOST, Asked, Row, SavedQuestion, Sources
from broker.audit.questions.body import value
from broker.audit.questions.saved_queries import within
from broker.audit.store import EVENT

_FASTEST = 900  # kilometres an hour, as a plane flies
_OPENED = ("session.created",)


class _Login(NamedTuple):
    subject: str
    time: datetime
    ip: str | None
    browser: str | None
    event_id: str


def impossible_travel(sources: Sources, asked: Asked) -> Iterable[Row]:
    """Return pairs of logins faster than a plane, by other networks, in a browser unknown so far.

    Nothing, where the operator gave no file of places.
    """
    if not sources.places.known:
        return []
    found = [
        row
        for _, logins in groupby(_logins(sources, asked), key=lambda login: login.subject)
        for before, after in pairwise(logins)
        if (row := _row(sources, before, after))
    ]
    return found[:MOST]


def _logins(sources: Sources, asked: Asked) -> list[_Login]:
    """Return the logins of whoever logged in from more than one address, person by person."""
    address = value("ip")
    several = (
        select(EVENT.c.subject_ref)
        .where(*within(_OPENED, asked))
        .group_by(EVENT.c.subject_ref)
        .having(func.count(address.distinct()) > 1)
    )
    rows = sources.all(
        select(
            EVENT.c.subject_ref, EVENT.c.time, address, value("browsing_session_id"),
            EVENT.c.event_id,
        )
        .where(*within(_OPENED, asked), EVENT.c.subject_ref.in_(several))
        .order_by(EVENT.c.subject_ref, EVENT.c.time)
    )  # fmt: skip
    return [_Login(*row) for row in rows]


def _row(sources: Sources, before: _Login, after: _Login) -> Row | None:
    here, there = sources.places.of(before.ip), sources.places.of(after.ip)
    if here is None or there is None or here.asn == there.asn:
        return None
    distance = here.kilometres_to(there)
    hours = (after.time - before.time).total_seconds() / 3600
    if distance <= _FASTEST * hours or _known(sources, after):
        return None
    return (
        after.subject,
        before.time, before.ip, here.country,
        after.time, after.ip, there.country,
        round(distance), after.event_id,
    )  # fmt: skip


def _known(sources: Sources, login: _Login) -> bool:
    """Tell whether the person had logged in with that browser before."""
    earlier = (
        select(EVENT.c.event_id)
        .where(EVENT.c.subject_ref == login.subject, EVENT.c.type.in_(_OPENED))
        .where(EVENT.c.time < login.time, value("browsing_session_id") == login.browser)
    )
    return sources.db.scalar(earlier.limit(1)) is not None


OF_TRAVEL = (
    SavedQuestion(
        name="impossible_travel",
        read=impossible_travel,
        columns=(
            "subject_ref", "time", "ip", "country", "then", "ip_then", "country_then",
            "kilometres", "event_id",
        ),
    ),
)  # fmt: skip

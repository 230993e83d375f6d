"""Questions about what people did one after the other within a window."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select

from broker.audit.as_stored import is_moment
from broker.audit.questions.asking import MOST, Asked, Row, SavedQuestion, Sources
from broker.audit.questions.body import value
from broker.audit.questions.saved_queries import within
from broker.audit.store import EVENT

_AFTER_CHANGE = timedelta(hours=24)
_DORMANT = timedelta(days=180)
_CHANGES = ("identifier.email.changed", "credential.password.changed", "credential.reset.done")
_ACTIVATED = ("account.activated",)


def changes_then_services(sources: Sources, asked: Asked) -> Iterable[Row]:
    """Return who, after a new address or password, reached a service for the first time."""
    return _then_first_code(sources, asked, _CHANGES)


def new_accounts_at_services(sources: Sources, asked: Asked) -> Iterable[Row]:
    """Return which accounts reached a service within a day of their activation."""
    return _then_first_code(sources, asked, _ACTIVATED)


def activations_elsewhere(sources: Sources, asked: Asked) -> Iterable[Row]:
    """Return accounts that were asked for in one place and browser, and activated in another."""
    asked_for, activated = EVENT.alias("asked_for"), EVENT.alias("activated")
    there, here = value("ip", asked_for), value("ip", activated)
    before, after = value("ua", asked_for), value("ua", activated)
    rows = sources.db.all(
        select(activated.c.subject_ref, activated.c.txn, activated.c.time, there, here,
               before, after)
        .select_from(activated.join(asked_for, asked_for.c.txn == activated.c.txn))
        .where(activated.c.type.in_(_ACTIVATED), asked_for.c.type == "account.created")
        .where(activated.c.time >= asked.since, activated.c.time < asked.until)
        .where(is_moment(activated.c.time))
        .where(there != here, before != after)
        .order_by(activated.c.time.desc())
        .limit(MOST)
    )  # fmt: skip
    return [
        (subject, txn, time, there, _country(sources, there), here, _country(sources, here))
        for subject, txn, time, there, here, _, _ in rows
    ]


def dormant(sources: Sources, asked: Asked) -> Iterable[Row]:
    """Return who logged in after half a year without a login."""
    before = EVENT.alias("before")
    opened = (
        select(EVENT.c.subject_ref, func.min(EVENT.c.time).label("first"))
        .where(*within(("session.created",), asked), EVENT.c.subject_ref.is_not(None))
        .group_by(EVENT.c.subject_ref)
        .subquery()
    )
    # Asked person by person for the last login before, PostgreSQL may read everybody's each time.
    last = func.max(before.c.time)
    rows = sources.db.all(
        select(opened.c.subject_ref, last, opened.c.first)
        .select_from(opened.join(before, before.c.subject_ref == opened.c.subject_ref))
        .where(before.c.type == "session.created", before.c.time < asked.since)
        .where(is_moment(before.c.time))
        .group_by(opened.c.subject_ref, opened.c.first)
        .having(last < asked.since - _DORMANT)
        .order_by(last)
        .limit(MOST)
    )
    return [tuple(row) for row in rows]


def _then_first_code(sources: Sources, asked: Asked, types: tuple[str, ...]) -> Iterable[Row]:
    change, code, known = (EVENT.alias(name) for name in ("change", "code", "known"))
    earlier = (
        select(known.c.event_id)
        .where(known.c.subject_ref == code.c.subject_ref, known.c.type == "code.issued")
        .where(known.c.client_id == code.c.client_id, known.c.time < change.c.time)
        .exists()
    )
    followed = and_(
        code.c.subject_ref == change.c.subject_ref,
        code.c.type == "code.issued",
        code.c.time > change.c.time,
    )
    rows = sources.all(
        select(change.c.subject_ref, change.c.type, change.c.time, code.c.client_id, code.c.time)
        .select_from(change.join(code, followed))
        .where(change.c.type.in_(types), ~earlier)
        .where(change.c.time >= asked.since, change.c.time < asked.until)
        .where(is_moment(change.c.time), is_moment(code.c.time))
        .order_by(code.c.time)
    )
    soon = [row for row in rows if row[4] - row[2] <= _AFTER_CHANGE]
    return [tuple(row) for row in soon[:MOST]]


def _country(sources: Sources, address: str | None) -> str | None:
    place = sources.places.of(address)
    return place.country if place else None


def analysts(sources: Sources, asked: Asked) -> Iterable[Row]:
    """Return what each analyst and operator looked at, and how much of it out of hours."""
    types = ("console.viewed", "console.person.looked_up", "audit.lineage.read", "admin.view",
             "console.refused")  # fmt: skip
    actor = value("actor").label("actor")
    rows = sources.all(select(actor, EVENT.c.type, EVENT.c.time).where(*within(types, asked)))
    counted: dict[str, list[Any]] = {}
    for name, kind, time in rows:
        line = counted.setdefault(name or "", [0, 0, 0, 0, time, time])
        line[0] += 1
        line[1] += kind in {"console.person.looked_up", "admin.view"}
        line[2] += kind == "console.refused"
        line[3] += asked.out_of_hours(time)
        line[4], line[5] = min(line[4], time), max(line[5], time)
    largest = sorted(counted.items(), key=lambda each: (-each[1][0], each[0]))
    return [(name, *line) for name, line in largest[:MOST]]


def network(sources: Sources, asked: Asked) -> Iterable[Row]:
    """Return whose account a network tried: failures, successes, whether one came after."""
    texts = (f'"ip":"{prefix}' for prefix in asked.network_prefixes)
    begun = or_(*(EVENT.c.body.contains(text, autoescape=True) for text in texts))
    rows = _tries(sources, asked, begun)
    return _by_person(row for row in rows if asked.in_network(row.ip))


def browser(sources: Sources, asked: Asked) -> Iterable[Row]:
    """Return the same of one browser, by the pseudonym of its cookie."""
    text = f'"browsing_session_id":"{asked.identifier}"'  # cheaper than a member
    return _by_person(_tries(sources, asked, EVENT.c.body.contains(text, autoescape=True)))


def _tries(sources: Sources, asked: Asked, by: ColumnElement[bool]) -> Iterable[Any]:
    """Return failures and successes of that source about somebody, in the order of time."""
    success = case((EVENT.c.type == "session.created", 1), else_=0).label("success")
    return sources.all(
        select(EVENT.c.subject_ref, EVENT.c.time, value("ip").label("ip"), success)
        .where(*within(("login.password.failed", "session.created", "otp.failed"), asked))
        .where(by, EVENT.c.subject_ref.is_not(None))
        .order_by(EVENT.c.time)
    )


def _by_person(tries: Iterable[Any]) -> Iterable[Row]:
    people: dict[str, list[Any]] = {}
    for subject, time, _, success in tries:
        line = people.setdefault(subject, [0, 0, False, time, time])
        line[success] += 1
        line[2] = line[2] or bool(success and line[0])
        line[4] = time
    worst = sorted(people.items(), key=lambda each: (-each[1][2], -each[1][0], each[0]))
    return [(subject, *line) for subject, line in worst[:MOST]]


_TRIED = ("subject_ref", "failures", "successes", "after_failures", "first", "last")
OF_PEOPLE = (
    SavedQuestion(name="network", read=network, asks=("network",), columns=_TRIED),
    SavedQuestion(name="browser", read=browser, asks=("identifier",), columns=_TRIED),
    SavedQuestion(name="changes_then_services", read=changes_then_services,
                  columns=("subject_ref", "type", "time", "client_id", "then")),
    SavedQuestion(name="new_accounts_at_services", read=new_accounts_at_services,
                  columns=("subject_ref", "type", "time", "client_id", "then")),
    SavedQuestion(name="activations_elsewhere", read=activations_elsewhere,
                  columns=("subject_ref", "txn", "time", "ip", "country", "ip_then",
                           "country_then")),
    SavedQuestion(name="dormant", read=dormant, columns=("subject_ref", "before", "first")),
    SavedQuestion(name="analysts", read=analysts,
                  columns=("actor", "looks", "people", "refused", "out_of_hours", "first",
                           "last")),
)  # fmt: skip

"""Questions that count events: which types, grouped by what, from how many on."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy import ColumnElement, and_, func, or_, select

from broker.audit.as_stored import is_moment
from broker.audit.questions.asking import MOST, Asked, Row, SavedQuestion, Sources
from broker.audit.questions.body import value
from broker.audit.store import EVENT, FAILED
from broker.base.db import Database

STEPS = 24  # of a window that is drawn
_COUNTS = ("events", "people", "logins", "first", "last")
LOGINS = (("login.password.ok", "fc.callback.ok"), ("login.password.failed",))
"""What succeeded and what failed, as it is drawn over time."""


@dataclass(frozen=True, kw_only=True)
class Grouped:
    """Events of these types, grouped; groups of fewer are everyday's."""

    types: tuple[str, ...]
    by: tuple[str, ...]
    counted: str = "events"
    """What *at_least* counts: ``events`` or ``people``."""
    tries_of_each: int | None = None
    """At most so many events for each person: a lock picker tries few keys at many doors."""
    failed: bool = False
    """Of these types, what failed."""
    limited: tuple[str, ...] = ()
    """Besides, what these types refused because of a limit."""

    def rows(self, sources: Sources, asked: Asked) -> Iterable[Row]:
        """Return the groups, the largest first."""
        by = [value(name).label(name) for name in self.by]
        events, people = func.count(), func.count(EVENT.c.subject_ref.distinct())
        counted = events if self.counted == "events" else people
        statement = (
            select(
                *by,
                events.label("events"),
                people.label("people"),
                func.count(EVENT.c.auth_event_id.distinct()).label("logins"),
                func.min(EVENT.c.time).label("first"),
                func.max(EVENT.c.time).label("last"),
            )
            .where(*within((*self.types, *self.limited), asked), value(self.by[0]).is_not(None))
            .group_by(*by)
            .having(counted >= asked.at_least)
            .order_by(counted.desc(), by[0])
            .limit(MOST)
        )
        if self.limited:
            refused = and_(FAILED, value("reason_code") == "limited")
            statement = statement.where(or_(EVENT.c.type.in_(self.types), refused))
        if self.failed:
            statement = statement.where(FAILED)
        if self.tries_of_each:
            statement = statement.having(events <= people * self.tries_of_each)
        return [tuple(row) for row in sources.db.all(statement)]


def within(types: tuple[str, ...], asked: Asked) -> tuple[ColumnElement[bool], ...]:
    """Return what keeps to the events of these types in the window: one index knows both."""
    return (
        EVENT.c.type.in_(types),
        EVENT.c.time >= asked.since,
        EVENT.c.time < asked.until,
        is_moment(EVENT.c.time),
    )


def _counting(
    name: str, *, at_least: int = 1, plots: bool = False, **grouped: object
) -> SavedQuestion:
    group = Grouped(**grouped)  # type: ignore[arg-type]
    return _question(name, group, at_least=at_least, plots=plots)


def _question(
    name: str, group: Grouped, *, at_least: int = 1, plots: bool = False
) -> SavedQuestion:
    return SavedQuestion(
        name=name,
        columns=(*group.by, *_COUNTS),
        read=partial(_read, group),
        asks=("at_least",) if at_least > 1 else (),
        at_least=at_least,
        plots=group.types if plots else (),
    )


def _read(group: Grouped, sources: Sources, asked: Asked) -> Iterable[Row]:
    return group.rows(sources, asked)


_OTP = ("otp.failed", "otp.exhausted")
_PASSWORDS = ("login.password.failed", "login.password.throttled")
_CREATIONS = ("account.create.refused", "account.create.requested", "security.input.reject")
LIMITS = Grouped(
    by=("type",),
    types=(
        "account.activation.limited",
        "account.link.throttled",
        "console.login.throttled",
        "console.proof.throttled",
        "login.password.throttled",
        "otp.exhausted",
        "otp.limited",
    ),
    limited=(
        "account.create.refused",
        "credential.reset.requested",
        "fc.start",
        "identifier.email.requested",
        "security.input.reject",
        "stream.verification",
        "token.evidence.given",
    ),
)
"""What tells that a limit was reached; requests of one address are only counted (metrics)."""
COUNTING = (
    _counting("codes_guessed", types=_OTP, by=("subject_ref",), at_least=3),
    _counting("codes_guessed_from", types=_OTP, by=("ip",), at_least=3),
    _counting("passwords_tried", types=_PASSWORDS, by=("subject_ref",), at_least=3),
    _counting("passwords_sprayed", types=_PASSWORDS, by=("ip",), counted="people",
              tries_of_each=3, at_least=5),
    _counting("passwords_sprayed_by", types=_PASSWORDS, by=("ua",), counted="people",
              tries_of_each=3, at_least=5),
    _counting("creations_refused", types=("account.create.refused",), by=("subject_ref",),
              at_least=3),
    _counting("creations_from", types=_CREATIONS, by=("ip", "reason_code"), at_least=3),
    _counting("accounts_by_domain", types=("account.created",), by=("mail_domain_ref",),
              counted="people", at_least=3),
    _counting("replays", plots=True, by=("client_id",), types=(
        "client.assertion.replayed", "code.replayed", "dpop.proof.replayed", "refresh.reuse")),
    _counting("proofs_refused", plots=True, by=("client_id",), types=(
        "client.auth.failed", "dpop.proof.refused", "refresh.refused")),
    _question("limits_hit", LIMITS, plots=True),
    _counting("people_of_services", plots=True, types=("code.issued",), by=("client_id",)),
    _counting("intrusions", types=("account.intrusion.reported",), by=("subject_ref",)),
    _counting("used_after_end", failed=True, by=("client_id", "type", "reason_code"), types=(
        "token.introspected", "userinfo.read", "refresh.refused", "refresh.expired",
        "refresh.reuse")),
    _counting("sessions_after_end", by=("subject_ref", "type", "reason_code"), types=(
        "session.late", "session.copied")),
    _counting("franceconnect_refused", by=("reason_code", "idp"), types=(
        "fc.callback.refused", "fc.login.refused", "fc.link.refused")),
    _counting("shared_browsers", types=("session.created",), by=("browsing_session_id",),
              counted="people", at_least=3),
    _counting("people_looked_up", by=("actor", "subject_ref", "reason_code"), types=(
        "console.person.looked_up", "admin.view")),
    _counting("exported", by=("actor", "type"), types=(
        "audit.evidence.exported", "audit.exported")),
    _counting("mails_not_delivered", by=("kind", "reason_code"), types=(
        "mail.refused", "mail.postponed")),
)  # fmt: skip


def over_time(
    db: Database, types: tuple[str, ...], since: datetime, until: datetime
) -> list[tuple[datetime, int]]:
    """Return how many events of these types each of the window's steps has."""
    step = (until - since) / STEPS
    beginnings = [since + step * number for number in range(STEPS)]
    return [
        (begin, _count(db, Asked(since=begin, until=begin + step), types)) for begin in beginnings
    ]


def _count(db: Database, asked: Asked, types: tuple[str, ...]) -> int:
    return int(db.scalar(select(func.count()).where(*within(types, asked))))

"""The append-only table of events: the application inserts and reads, nothing else."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Index, LargeBinary, String, Text, case, or_, select
from sqlalchemy.orm import Mapped, mapped_column

from broker.audit.as_stored import as_text, is_moment
from broker.audit.commitment import canonical
from broker.audit.model import EventRow
from broker.audit.readable import TIES, event_of
from broker.base.db import Base, Database, Instant, table

_PAGE = 1_000  # rows read at a time


class AuditEvent(Base):
    """One event; ``body`` is its canonical JSON, the other columns only serve the search.

    ``made_ref`` and ``made_jti`` name the code, the token or the session that the event made; for
    an ID Token the second is the session as its partner calls it.
    ``mac`` is the mark of the service, which nobody can make who only has the database.
    """

    __tablename__ = "audit_event"

    event_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    type: Mapped[str] = mapped_column(String(64))
    time: Mapped[datetime] = mapped_column(Instant)
    subject_ref: Mapped[str | None] = mapped_column(String(43))
    client_id: Mapped[str | None] = mapped_column(String(255))
    auth_event_id: Mapped[str | None] = mapped_column(String(64))
    interaction_id: Mapped[str | None] = mapped_column(String(64))
    txn: Mapped[str | None] = mapped_column(String(64))
    request_id: Mapped[str | None] = mapped_column(String(64))
    made_ref: Mapped[str | None] = mapped_column(String(64))
    made_jti: Mapped[str | None] = mapped_column(String(64))
    body: Mapped[str] = mapped_column(Text)
    mac: Mapped[bytes | None] = mapped_column(LargeBinary(32))


EVENT = table(AuditEvent)
_IDENTIFIERS = ("event_id", "subject_ref", "client_id", "auth_event_id", "interaction_id", "txn",
                "request_id")  # fmt: skip

# Every act appends here: an index holds the rows that its question can find, no other.
# Within a stretch of time, events of one kind; events of every kind lie in the order of time.
Index("ix_audit_event_type_time", EVENT.c.type, EVENT.c.time)
Index("ix_audit_event_time", EVENT.c.time, postgresql_using="brin")
for _name in (*_IDENTIFIERS[1:], "made_ref", "made_jti"):
    _present = EVENT.c[_name].is_not(None)
    Index(
        f"ix_audit_event_{_name}", EVENT.c[_name],
        sqlite_where=_present, postgresql_where=_present,
    )  # fmt: skip
MOMENT = case((is_moment(EVENT.c.time), EVENT.c.time))
"""The time of an event; nothing, where somebody wrote what is none."""
FAILED = EVENT.c.body.like('%"outcome":"failure"%')
"""The canonical body has this text in no other place; in these words the index is found."""
_LOGIN = EVENT.c.type == "session.created"
Index("ix_audit_event_login", EVENT.c.subject_ref, EVENT.c.time,
      sqlite_where=_LOGIN, postgresql_where=_LOGIN)  # fmt: skip
Index("ix_audit_event_failed", EVENT.c.type, EVENT.c.time,
      sqlite_where=FAILED, postgresql_where=FAILED)  # fmt: skip


def readable(db: Database) -> list[ColumnElement[Any]]:
    """Return the columns from which ``event_of`` makes an event, whatever stands in them."""
    return as_text(db, *(EVENT.c[name] for name in ("event_id", "body", *TIES)))


@dataclass(frozen=True)
class AuditStore:
    """Inserts events and reads them back in the order of their ids."""

    db: Database

    def append(self, rows: Sequence[EventRow]) -> None:
        """Insert the rows together, in the transaction of what they record where one is open."""
        self.db.insert_rows(EVENT, rows, alone=True)

    def search(
        self,
        *,
        term: str | None = None,
        type_prefix: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Iterator[str]:
        """Yield the bodies of the matching events, oldest first; stand-ins for what is none.

        *term* is an exact identifier: of an event, subject, client, login, interaction, business
        act (the reference shown to a person) or request.
        """
        base = select(*readable(self.db)).order_by(EVENT.c.event_id).limit(_PAGE)
        if term:
            base = base.where(or_(*(EVENT.c[name] == term for name in _IDENTIFIERS)))
        if type_prefix:
            base = base.where(EVENT.c.type.startswith(type_prefix, autoescape=True))
        if since:
            base = base.where(EVENT.c.time >= since)
        if until:
            base = base.where(EVENT.c.time < until)
        after = ""
        while rows := self.db.all(base.where(EVENT.c.event_id > after)):
            yield from (canonical(event_of(row)) for row in rows)
            after = rows[-1].event_id

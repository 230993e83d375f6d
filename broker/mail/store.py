"""The outbox table: mails due, in work, sent or given up."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Integer, Row, String, delete, insert, or_, select, update
from sqlalchemy.orm import Mapped, mapped_column

from broker.base.crypto import Secret, Vault
from broker.base.db import Base, Database, Instant, Sealed, table
from broker.mail.model import Mail, State


class OutgoingMail(Base):
    """One mail; recipient and text are sealed, and erased once it is sent or given up.

    The recipient of a refused one stays with it, so that its holder can be told.
    """

    __tablename__ = "outgoing_mail"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    about: Mapped[str | None] = mapped_column(String(64), index=True)
    reference: Mapped[str | None] = mapped_column(String(64))
    message_id: Mapped[str] = mapped_column(String(255))
    recipient: Mapped[bytes | None] = mapped_column(Sealed)
    content: Mapped[bytes | None] = mapped_column(Sealed)
    state: Mapped[str] = mapped_column(String(16))
    attempts: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(Instant)
    due_at: Mapped[datetime] = mapped_column(Instant, index=True)
    expires_at: Mapped[datetime | None] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    smtp_status: Mapped[int | None] = mapped_column(Integer)


MAIL = table(OutgoingMail)


@dataclass(frozen=True)
class MailStore:
    """Queues mails and hands each to one worker at a time."""

    db: Database
    vault: Vault

    def add(self, mail: Mail) -> None:
        """Queue a mail; belongs in the transaction of what it tells."""
        self.db.execute(
            insert(MAIL).values(
                id=mail.id,
                kind=mail.kind,
                about=mail.about,
                reference=mail.reference,
                message_id=mail.message_id,
                recipient=self.vault.seal(MAIL.c.recipient, mail.recipient.reveal()),
                content=self.vault.seal(MAIL.c.content, mail.content.reveal()),
                state=State.DUE,
                attempts=0,
                created_at=mail.created_at,
                due_at=mail.created_at,
                expires_at=mail.expires_at,
            )
        )

    def claim(self, now: datetime, *, lease: timedelta) -> Mail | None:
        """Take a mail that is due, for *lease*: another worker takes it only after that."""
        waiting = (
            select(MAIL.c.id)
            .where(MAIL.c.state == State.DUE, MAIL.c.due_at <= now)
            .order_by(MAIL.c.due_at)
            .limit(1)
        )
        if self.db.scalar(waiting) is None:
            return None  # most turns: no write lock for nothing
        with self.db.transaction():
            due = waiting.with_for_update(skip_locked=True).scalar_subquery()
            row = self.db.execute(
                update(MAIL)
                .where(MAIL.c.id == due)
                .values(due_at=now + lease, attempts=MAIL.c.attempts + 1)
                .returning(MAIL)
            ).one_or_none()
        return self._mail(row) if row else None

    def end(self, mail: Mail, state: State, now: datetime, status: int | None = None) -> bool:
        """Mark a mail sent or given up, once, and erase what it said."""
        values = {"state": state, "ended_at": now, "smtp_status": status, "content": None}
        if state is not State.REFUSED:
            values["recipient"] = None
        done = self.db.execute(
            update(MAIL).where(MAIL.c.id == mail.id, MAIL.c.state == State.DUE).values(**values)
        )
        return done.rowcount == 1

    def undelivered(self, about: str, since: datetime | None) -> Secret | None:
        """Return the recipient of the newest mail that was handed over or refused, if refused."""
        newest = (
            select(MAIL.c.recipient)
            .where(MAIL.c.about == about, MAIL.c.state.in_([State.SENT, State.REFUSED]))
            .order_by(MAIL.c.ended_at.desc(), MAIL.c.created_at.desc())
            .limit(1)
        )
        if since is not None:
            newest = newest.where(MAIL.c.created_at >= since)
        sealed = self.db.scalar(newest)
        return Secret(self.vault.open(MAIL.c.recipient, sealed)) if sealed else None

    def forget_undelivered(self, about: str) -> None:
        """Erase the recipients of refused mails about an account."""
        self.db.execute(
            update(MAIL)
            .where(MAIL.c.about == about, MAIL.c.state == State.REFUSED)
            .values(recipient=None)
        )

    def postpone(self, mail: Mail, due_at: datetime, status: int | None) -> bool:
        """Leave a mail for a later try, unless another worker has taken it over meanwhile."""
        done = self.db.execute(
            update(MAIL)
            .where(MAIL.c.id == mail.id, MAIL.c.state == State.DUE)
            .where(MAIL.c.attempts == mail.attempts)
            .values(due_at=due_at, smtp_status=status)
        )
        return done.rowcount == 1

    def cancel(
        self, about: str, kinds: tuple[str, ...], reference: str | None, now: datetime
    ) -> None:
        """Give up mails about an account, or about one act of it, that no longer hold."""
        statement = update(MAIL).where(
            MAIL.c.about == about, MAIL.c.kind.in_(kinds), MAIL.c.state == State.DUE
        )
        if reference:
            statement = statement.where(MAIL.c.reference == reference)
        self.db.execute(
            statement.values(state=State.CANCELLED, ended_at=now, recipient=None, content=None)
        )

    def purge(self, before: datetime) -> int:
        """Delete mails that ended before that."""
        ended = or_(MAIL.c.ended_at < before, MAIL.c.created_at < before - timedelta(days=30))
        with self.db.transaction():
            return self.db.execute(delete(MAIL).where(ended)).rowcount

    def _mail(self, row: Row[Any]) -> Mail:
        return Mail(
            id=row.id,
            kind=row.kind,
            about=row.about,
            reference=row.reference,
            message_id=row.message_id,
            recipient=Secret(self.vault.open(MAIL.c.recipient, row.recipient)),
            content=Secret(self.vault.open(MAIL.c.content, row.content)),
            created_at=row.created_at,
            expires_at=row.expires_at,
            attempts=row.attempts,
        )

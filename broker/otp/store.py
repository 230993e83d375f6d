"""Challenges at rest: the HOTP secret of each is sealed, tries are counted in one statement."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, Integer, Row, Select, String, delete, insert, select, update
from sqlalchemy.orm import Mapped, mapped_column

from broker.base.crypto import Secret, Vault
from broker.base.db import Base, Database, Instant, Sealed, table
from broker.otp.model import Challenge


class CodeChallenge(Base):
    """One login that waits for a code."""

    __tablename__ = "code_challenge"

    id: Mapped[str] = mapped_column(String(43), primary_key=True)
    account_id: Mapped[str] = mapped_column(String(64), index=True)
    purpose: Mapped[str] = mapped_column(String(40))
    browser: Mapped[str] = mapped_column(String(64))
    requester: Mapped[str | None] = mapped_column(String(255))
    auth_event_id: Mapped[str] = mapped_column(String(64))
    known_browser: Mapped[bool] = mapped_column(Boolean)
    secret: Mapped[bytes] = mapped_column(Sealed)
    tries: Mapped[int] = mapped_column(Integer)
    sent_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant, index=True)
    used_at: Mapped[datetime | None] = mapped_column(Instant)


CHALLENGE = table(CodeChallenge)


@dataclass(frozen=True)
class ChallengeStore:
    """Reads and writes challenges."""

    db: Database
    vault: Vault

    def add(self, challenge: Challenge, secret: Secret) -> list[str]:
        """Keep a new challenge; return the logins whose codes it kills, older in this browser."""
        killed = self.db.execute(
            update(CHALLENGE)
            .where(
                CHALLENGE.c.account_id == challenge.account_id,
                CHALLENGE.c.browser == challenge.browser,
                CHALLENGE.c.purpose == challenge.purpose,
                CHALLENGE.c.used_at.is_(None),
                CHALLENGE.c.expires_at > challenge.sent_at,
            )
            .values(expires_at=challenge.sent_at)
            .returning(CHALLENGE.c.auth_event_id)
        ).scalars()
        replaced = list(killed)
        self.db.execute(
            insert(CHALLENGE).values(
                id=challenge.id,
                account_id=challenge.account_id,
                purpose=challenge.purpose,
                browser=challenge.browser,
                requester=challenge.requester,
                auth_event_id=challenge.auth_event_id,
                known_browser=challenge.known_browser,
                secret=self._sealed(secret),
                tries=0,
                sent_at=challenge.sent_at,
                expires_at=challenge.expires_at,
            )
        )
        return replaced

    def get(self, challenge_id: str, browser: str) -> Challenge | None:
        """Return the challenge, in its own browser only."""
        row = self.db.one(_of(challenge_id, browser))
        return _challenge(row) if row else None

    def renew(self, challenge_id: str, secret: Secret, now: datetime, expires: datetime) -> bool:
        """Replace the code of a challenge that is not used; its tries start again."""
        done = self.db.execute(
            update(CHALLENGE)
            .where(CHALLENGE.c.id == challenge_id, CHALLENGE.c.used_at.is_(None))
            .values(secret=self._sealed(secret), tries=0, sent_at=now, expires_at=expires)
        )
        return done.rowcount == 1

    def take_try(
        self, challenge_id: str, browser: str, now: datetime, most: int
    ) -> tuple[Challenge, Secret] | None:
        """Count one try and return the code's secret; None when no try may be taken."""
        row = self.db.execute(
            update(CHALLENGE)
            .where(
                CHALLENGE.c.id == challenge_id,
                CHALLENGE.c.browser == browser,
                CHALLENGE.c.used_at.is_(None),
                CHALLENGE.c.expires_at > now,
                CHALLENGE.c.tries < most,
            )
            .values(tries=CHALLENGE.c.tries + 1)
            .returning(CHALLENGE)
        ).one_or_none()
        return (_challenge(row), self._opened(row)) if row else None

    def give_back(self, challenge_id: str) -> None:
        """Return one try: the code was right."""
        self.db.execute(
            update(CHALLENGE)
            .where(CHALLENGE.c.id == challenge_id)
            .values(tries=CHALLENGE.c.tries - 1)
        )

    def use(self, challenge_id: str, now: datetime) -> bool:
        """Consume the challenge, once."""
        done = self.db.execute(
            update(CHALLENGE)
            .where(CHALLENGE.c.id == challenge_id, CHALLENGE.c.used_at.is_(None))
            .values(used_at=now)
        )
        return done.rowcount == 1

    def take_try_of_used(self, challenge_id: str, browser: str, most: int) -> Secret | None:
        """Count one try of a code that was already given in this browser; return its secret."""
        row = self.db.execute(
            update(CHALLENGE)
            .where(
                CHALLENGE.c.id == challenge_id,
                CHALLENGE.c.browser == browser,
                CHALLENGE.c.used_at.is_not(None),
                CHALLENGE.c.tries < most,
            )
            .values(tries=CHALLENGE.c.tries + 1)
            .returning(CHALLENGE.c.secret)
        ).one_or_none()
        return self._opened(row) if row else None

    def purge(self, before: datetime) -> int:
        """Delete challenges that expired before that."""
        with self.db.transaction():
            return self.db.execute(
                delete(CHALLENGE).where(CHALLENGE.c.expires_at < before)
            ).rowcount

    def _sealed(self, secret: Secret) -> bytes:
        return self.vault.seal(CHALLENGE.c.secret, secret.reveal())

    def _opened(self, row: Row[Any]) -> Secret:
        return Secret(self.vault.open(CHALLENGE.c.secret, row.secret))


def _of(challenge_id: str, browser: str) -> Select[Any]:
    return select(CHALLENGE).where(CHALLENGE.c.id == challenge_id, CHALLENGE.c.browser == browser)


def _challenge(row: Row[Any]) -> Challenge:
    return Challenge(
        id=row.id,
        account_id=row.account_id,
        purpose=row.purpose,
        browser=row.browser,
        requester=row.requester,
        auth_event_id=row.auth_event_id,
        known_browser=row.known_browser,
        tries=row.tries,
        sent_at=row.sent_at,
        expires_at=row.expires_at,
        used_at=row.used_at,
    )

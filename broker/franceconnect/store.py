"""Round trips, verified identities, sessions at FranceConnect and switches, in the database."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    LargeBinary,
    String,
    Text,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column

from broker.base.crypto import Secret, Vault
from broker.base.db import Base, Database, Instant, Sealed, table
from broker.franceconnect.model import Purpose, RoundTrip, UpstreamSession, VerifiedIdentity


class FranceConnectRoundTrip(Base):
    """A departure; state and nonce are kept as digests."""

    __tablename__ = "fc_round_trip"

    id: Mapped[str] = mapped_column(String(43), primary_key=True)
    state_digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    nonce_digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    browser: Mapped[str] = mapped_column(String(64))
    purpose: Mapped[str] = mapped_column(String(16))
    return_to: Mapped[str] = mapped_column(String(512))
    retry_to: Mapped[str] = mapped_column(String(512))
    acr: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant, index=True)
    used_at: Mapped[datetime | None] = mapped_column(Instant)


class FranceConnectIdentity(Base):
    """An identity that waits to be claimed by the browser that asked; claiming deletes it."""

    __tablename__ = "fc_identity"

    id: Mapped[str] = mapped_column(String(43), primary_key=True)
    browser: Mapped[str] = mapped_column(String(64))
    body: Mapped[bytes] = mapped_column(Sealed)
    expires_at: Mapped[datetime] = mapped_column(Instant, index=True)


class FranceConnectSession(Base):
    """The session at FranceConnect that a browser has because of us, to end it later."""

    __tablename__ = "fc_session"

    browser: Mapped[str] = mapped_column(String(64), primary_key=True)
    id_token: Mapped[bytes] = mapped_column(Sealed)
    end_session_endpoint: Mapped[str] = mapped_column(String(512))
    expires_at: Mapped[datetime] = mapped_column(Instant, index=True)


class FranceConnectLogout(Base):
    """A logout under way; the state is kept as a digest, and coming back deletes it."""

    __tablename__ = "fc_logout"

    state_digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    return_to: Mapped[str] = mapped_column(Text)
    """A partner's address and state may be in it: as long as they are."""
    expires_at: Mapped[datetime] = mapped_column(Instant, index=True)


TRIP = table(FranceConnectRoundTrip)
IDENTITY = table(FranceConnectIdentity)
SESSION = table(FranceConnectSession)
LOGOUT = table(FranceConnectLogout)


@dataclass(frozen=True)
class RoundTripStore:
    """Everything here is bound to a browser and lives for a short while."""

    db: Database
    vault: Vault

    def open(self, trip: RoundTrip) -> None:
        """Remember a departure."""
        names = ("id", "state_digest", "nonce_digest", "browser", "purpose", "return_to",
                 "retry_to", "acr", "created_at", "expires_at")  # fmt: skip
        self.db.execute(insert(TRIP).values({name: getattr(trip, name) for name in names}))

    def use(self, state_digest: bytes, browser: str, now: datetime) -> RoundTrip | None:
        """Use a departure up; None unless it is this browser's, unused and in time."""
        row = self.db.execute(
            update(TRIP)
            .where(TRIP.c.state_digest == state_digest, TRIP.c.browser == browser)
            .where(TRIP.c.used_at.is_(None), TRIP.c.expires_at > now)
            .values(used_at=now)
            .returning(*TRIP.c)
        ).one_or_none()
        return _round_trip(row._mapping) if row else None  # noqa: SLF001 - SQLAlchemy's public name

    def why_not(self, state_digest: bytes, browser: str) -> tuple[str, str | None]:
        """Return why a departure could not be used, and where its own browser may try again."""
        row = self.db.one(select(TRIP).where(TRIP.c.state_digest == state_digest))
        if row is None:
            return "state_unknown", None
        if row.browser != browser:
            return "state_of_another_browser", None
        return ("state_used" if row.used_at else "state_expired"), row.retry_to

    def keep_identity(self, identity: VerifiedIdentity, browser: str, until: datetime) -> None:
        """Keep an identity, sealed."""
        body = self.vault.seal(IDENTITY.c.body, _written(identity))
        self.db.execute(
            insert(IDENTITY).values(id=identity.id, browser=browser, body=body, expires_at=until)
        )

    def identity(self, identity_id: str, browser: str, now: datetime) -> VerifiedIdentity | None:
        """Return an identity and leave it; None unless it is this browser's and in time."""
        sealed = self.db.scalar(select(IDENTITY.c.body).where(*_held(identity_id, browser, now)))
        return self._opened(identity_id, sealed) if sealed else None

    def take_identity(
        self, identity_id: str, browser: str, now: datetime
    ) -> VerifiedIdentity | None:
        """Take an identity away, once; None unless it is this browser's and in time."""
        sealed = self.db.execute(
            delete(IDENTITY).where(*_held(identity_id, browser, now)).returning(IDENTITY.c.body)
        ).scalar_one_or_none()
        return self._opened(identity_id, sealed) if sealed else None

    def keep_session(self, browser: str, session: UpstreamSession, until: datetime) -> None:
        """Keep what ends the session at FranceConnect, in place of an earlier one."""
        self.db.execute(delete(SESSION).where(SESSION.c.browser == browser))
        self.db.execute(
            insert(SESSION).values(
                browser=browser,
                id_token=self.vault.seal(SESSION.c.id_token, session.id_token.reveal()),
                end_session_endpoint=session.end_session_endpoint,
                expires_at=until,
            )
        )

    def has_session(self, browser: str, now: datetime) -> bool:
        """Tell whether a browser may have a session at FranceConnect because of us."""
        kept = select(SESSION.c.browser)
        found = self.db.scalar(
            kept.where(SESSION.c.browser == browser, SESSION.c.expires_at > now)
        )
        return found is not None

    def take_session(self, browser: str, now: datetime) -> UpstreamSession | None:
        """Take away what ends the session at FranceConnect."""
        row = self.db.execute(
            delete(SESSION)
            .where(SESSION.c.browser == browser, SESSION.c.expires_at > now)
            .returning(SESSION.c.id_token, SESSION.c.end_session_endpoint)
        ).one_or_none()
        if row is None:
            return None
        id_token = Secret(self.vault.open(SESSION.c.id_token, row.id_token))
        return UpstreamSession(id_token=id_token, end_session_endpoint=row.end_session_endpoint)

    def open_logout(self, state_digest: bytes, return_to: str, until: datetime) -> None:
        """Remember where a logout comes back to."""
        self.db.execute(
            insert(LOGOUT).values(state_digest=state_digest, return_to=return_to, expires_at=until)
        )

    def close_logout(self, state_digest: bytes, now: datetime) -> str | None:
        """Return where a logout comes back to, once."""
        found = self.db.execute(
            delete(LOGOUT)
            .where(LOGOUT.c.state_digest == state_digest, LOGOUT.c.expires_at > now)
            .returning(LOGOUT.c.return_to)
        ).scalar_one_or_none()
        return str(found) if found is not None else None

    def under_way(self, now: datetime) -> int:
        """Count departures that have not come back, and identities that nobody has claimed yet."""
        trips = select(func.count()).where(TRIP.c.used_at.is_(None), TRIP.c.expires_at > now)
        waiting = select(func.count()).where(IDENTITY.c.expires_at > now)
        return int(self.db.scalar(select(trips.scalar_subquery() + waiting.scalar_subquery())))

    def drop_under_way(self) -> None:
        """Forget every departure, and every identity that nobody has claimed yet."""
        for kept in (TRIP, IDENTITY):
            self.db.execute(delete(kept))

    def purge(self, now: datetime) -> int:
        """Delete what is over."""
        over = (delete(kept).where(kept.c.expires_at <= now) for kept in _ALL)
        return sum(self.db.execute(statement).rowcount for statement in over)

    def _opened(self, identity_id: str, sealed: bytes) -> VerifiedIdentity:
        return _read(identity_id, self.vault.open(IDENTITY.c.body, sealed))


_ALL = (TRIP, IDENTITY, SESSION, LOGOUT)


def _held(identity_id: str, browser: str, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        IDENTITY.c.id == identity_id,
        IDENTITY.c.browser == browser,
        IDENTITY.c.expires_at > now,
    )


def _round_trip(row: Any) -> RoundTrip:  # noqa: ANN401 - a mapping of columns
    return RoundTrip(
        id=row["id"],
        purpose=Purpose(row["purpose"]),
        browser=row["browser"],
        return_to=row["return_to"],
        retry_to=row["retry_to"],
        acr=row["acr"],
        state_digest=row["state_digest"],
        nonce_digest=row["nonce_digest"],
        created_at=row["created_at"],
        expires_at=row["expires_at"],
    )


def _written(identity: VerifiedIdentity) -> str:
    return json.dumps({
        "purpose": identity.purpose,
        "iss": identity.iss,
        "sub": identity.sub,
        "acr": identity.acr,
        "auth_time": identity.auth_time,
        "idp_id": identity.idp_id,
        "claims": dict(identity.claims),
        "email": identity.email.reveal() if identity.email else None,
        "verified_at": identity.verified_at.isoformat(),
    })  # fmt: skip


def _read(identity_id: str, body: str) -> VerifiedIdentity:
    kept = json.loads(body)
    return VerifiedIdentity(
        id=identity_id,
        purpose=Purpose(kept["purpose"]),
        iss=kept["iss"],
        sub=kept["sub"],
        acr=kept["acr"],
        auth_time=kept["auth_time"],
        idp_id=kept["idp_id"],
        claims=kept["claims"],
        email=Secret(kept["email"]) if kept["email"] else None,
        verified_at=datetime.fromisoformat(kept["verified_at"]),
    )

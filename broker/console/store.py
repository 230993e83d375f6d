"""Analysts, their invitations and sessions: tokens by fingerprint, the TOTP secret sealed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, insert, or_, select, update

from broker.base.crypto import Secret, Vault, fingerprint
from broker.base.db import Database
from broker.console.model import (
    Analyst,
    AnalystSession,
    Credentials,
    Invitation,
    Renewal,
    Role,
    Standing,
)
from broker.console.tables import ANALYST, ANALYST_SESSION


@dataclass(frozen=True)
class AnalystStore:
    """Reads and writes what the console knows of analysts."""

    db: Database
    vault: Vault

    def add(self, invitation: Invitation, totp_secret: Secret) -> bool:
        """Keep a new analyst who is invited; False when the name is taken."""
        analyst = invitation.analyst
        values = {
            "id": analyst.id,
            "name": analyst.name,
            "role": str(analyst.role),
            "created_at": analyst.created_at,
            **self._invited(invitation, totp_secret),
        }
        return self.db.insert_unless_present(ANALYST, values)

    def invite(self, invitation: Invitation, totp_secret: Secret) -> None:
        """Invite anew: the former password, secret and link are gone."""
        self._change(invitation.analyst, **self._invited(invitation, totp_secret))

    def locked(self, name: str) -> Analyst | None:
        """Return the analyst of that name, who stays as they are until the transaction ends."""
        row = self.db.one(select(ANALYST).where(ANALYST.c.name == name).with_for_update())
        return _analyst(row) if row else None

    def every(self) -> list[Analyst]:
        """Return every analyst, by name."""
        return [_analyst(row) for row in self.db.all(select(ANALYST).order_by(ANALYST.c.name))]

    def change_role(self, analyst: Analyst, role: Role) -> None:
        """Give an analyst another role."""
        self._change(analyst, role=str(role))

    def disable(self, analyst: Analyst) -> None:
        """Shut an account; an invitation that waits dies."""
        self._change(analyst, standing=str(Standing.DISABLED), **_NO_INVITATION)

    def credentials(self, name: str) -> Credentials | None:
        """Return what proves the analyst of that name."""
        row = self.db.one(select(ANALYST).where(ANALYST.c.name == name))
        return self._credentials(row) if row else None

    def invited(self, token: Secret, now: datetime) -> Credentials | None:
        """Return whom that living link invites."""
        row = self.db.one(select(ANALYST).where(*_living(token, now)))
        return self._credentials(row) if row else None

    def accept(self, token: Secret, password: Secret, step: int, now: datetime) -> bool:
        """Use the invitation up and keep what was chosen; False when it is dead."""
        done = self.db.execute(
            update(ANALYST)
            .where(*_living(token, now))
            .values(
                password_hash=password.reveal(),
                standing=str(Standing.ACTIVE),
                last_step=step,
                begun_at=now,
                **_NO_INVITATION,
            )
        )
        return done.rowcount == 1

    def use_step(self, proved: Credentials, step: int) -> bool:
        """Use a time step up, once for all nodes; False when it or a later one was used.

        Also where password, application or standing changed since they were compared.
        """
        password = proved.password.reveal() if proved.password else None
        done = self.db.execute(
            update(ANALYST)
            .where(
                ANALYST.c.id == proved.analyst.id,
                ANALYST.c.standing == str(Standing.ACTIVE),
                ANALYST.c.password_hash == password,
                ANALYST.c.totp_secret == proved.sealed_secret,
                ANALYST.c.last_step < step,
            )
            .values(last_step=step)
        )
        return done.rowcount == 1

    def change_password(self, analyst: Analyst, password: Secret) -> None:
        """Keep another password; belongs in the transaction that used a step up."""
        self._change(analyst, password_hash=password.reveal())

    def rehash(self, proved: Credentials, password: Secret) -> None:
        """Keep the same password as another hash, unless it has changed since it was compared."""
        compared = proved.password.reveal() if proved.password else None
        self.db.execute(
            update(ANALYST)
            .where(ANALYST.c.id == proved.analyst.id, ANALYST.c.password_hash == compared)
            .values(password_hash=password.reveal())
        )

    def password_hashes(self) -> list[Secret]:
        """Return the hash of each analyst who has a password."""
        rows = self.db.all(select(ANALYST.c.password_hash))
        return [Secret(row.password_hash) for row in rows if row.password_hash]

    def renew(self, session: AnalystSession, totp_secret: Secret, until: datetime) -> None:
        """Let the secret of another application wait in that session."""
        column = ANALYST_SESSION.c.new_totp_secret
        self._change_session(
            session,
            new_totp_secret=self.vault.seal(column, totp_secret.reveal()),
            new_totp_expires_at=until,
        )

    def renewal(self, session: AnalystSession, now: datetime) -> Renewal | None:
        """Return the secret that waits in that session, unless it is too old."""
        column = ANALYST_SESSION.c.new_totp_secret
        sealed = self.db.scalar(select(column).where(*_waiting(session, now)))
        if sealed is None:
            return None
        return Renewal(totp_secret=Secret(self.vault.open(column, sealed)), sealed_secret=sealed)

    def confirm_renewal(
        self, session: AnalystSession, renewal: Renewal, step: int, now: datetime
    ) -> bool:
        """Put the secret that waits in the place of the other, once; False when it is gone."""
        column, secret = ANALYST_SESSION.c.new_totp_secret, renewal.totp_secret.reveal()
        taken = self.db.execute(
            update(ANALYST_SESSION)
            .where(*_waiting(session, now), column == renewal.sealed_secret)
            .values(new_totp_secret=None, new_totp_expires_at=None)
        )
        if taken.rowcount != 1:
            return False
        done = self.db.execute(
            update(ANALYST)
            .where(ANALYST.c.id == session.analyst.id)
            .where(ANALYST.c.standing == str(Standing.ACTIVE))
            .values(totp_secret=self.vault.seal(ANALYST.c.totp_secret, secret), last_step=step)
        )
        return done.rowcount == 1

    def open(self, session: AnalystSession, cookie: Secret) -> None:
        """Keep a new session."""
        self.db.execute(
            insert(ANALYST_SESSION).values(
                cookie=fingerprint(cookie),
                id=session.id,
                analyst_id=session.analyst.id,
                created_at=session.created_at,
                seen_at=session.seen_at,
            )
        )

    def session(self, cookie: Secret) -> AnalystSession | None:
        """Return the session of that cookie, with its analyst as they are now."""
        row = self.db.one(_SESSIONS.where(ANALYST_SESSION.c.cookie == fingerprint(cookie)))
        return _session(row) if row else None

    def sessions_of(self, analyst: Analyst) -> list[AnalystSession]:
        """Return the sessions of one analyst."""
        return _sessions(self.db.all(_SESSIONS.where(ANALYST.c.id == analyst.id)))

    def overdue(self, seen_before: datetime, created_before: datetime) -> list[AnalystSession]:
        """Return the sessions that are too old, or unused for too long."""
        overdue = or_(
            ANALYST_SESSION.c.seen_at <= seen_before,
            ANALYST_SESSION.c.created_at <= created_before,
        )
        return _sessions(self.db.all(_SESSIONS.where(overdue)))

    def seen(self, session: AnalystSession, now: datetime) -> None:
        """Note that a session was used."""
        self._change_session(session, seen_at=now)

    def end(self, session: AnalystSession) -> bool:
        """End a session, once."""
        done = self.db.execute(delete(ANALYST_SESSION).where(ANALYST_SESSION.c.id == session.id))
        return done.rowcount == 1

    def _change(self, analyst: Analyst, **values: object) -> None:
        self.db.execute(update(ANALYST).where(ANALYST.c.id == analyst.id).values(**values))

    def _change_session(self, session: AnalystSession, **values: object) -> None:
        self.db.execute(
            update(ANALYST_SESSION).where(ANALYST_SESSION.c.id == session.id).values(**values)
        )

    def _invited(self, invitation: Invitation, totp_secret: Secret) -> dict[str, Any]:
        return {
            "standing": str(Standing.INVITED),
            "password_hash": None,
            "totp_secret": self.vault.seal(ANALYST.c.totp_secret, totp_secret.reveal()),
            "last_step": 0,
            "invitation": fingerprint(invitation.token),
            "invitation_expires_at": invitation.expires_at,
        }

    def _credentials(self, row: Row[Any]) -> Credentials:
        return Credentials(
            analyst=_analyst(row),
            password=Secret(row.password_hash) if row.password_hash else None,
            totp_secret=Secret(self.vault.open(ANALYST.c.totp_secret, row.totp_secret)),
            sealed_secret=row.totp_secret,
        )


_NO_INVITATION = {"invitation": None, "invitation_expires_at": None}
_SESSIONS = select(
    ANALYST,
    ANALYST_SESSION.c.id.label("session_id"),
    ANALYST_SESSION.c.created_at.label("opened_at"),
    ANALYST_SESSION.c.seen_at,
).join(ANALYST_SESSION, ANALYST_SESSION.c.analyst_id == ANALYST.c.id)


def _living(token: Secret, now: datetime) -> tuple[Any, ...]:
    return (
        ANALYST.c.invitation == fingerprint(token),
        ANALYST.c.invitation_expires_at > now,
        ANALYST.c.standing == str(Standing.INVITED),
    )


def _waiting(session: AnalystSession, now: datetime) -> tuple[Any, ...]:
    return (ANALYST_SESSION.c.id == session.id, ANALYST_SESSION.c.new_totp_expires_at > now)


def _analyst(row: Row[Any]) -> Analyst:
    return Analyst(
        id=row.id,
        name=row.name,
        role=Role(row.role),
        standing=Standing(row.standing),
        created_at=row.created_at,
        begun_at=row.begun_at,
    )


def _session(row: Row[Any]) -> AnalystSession:
    return AnalystSession(
        id=row.session_id,
        analyst=_analyst(row),
        created_at=row.opened_at,
        seen_at=row.seen_at,
    )


def _sessions(rows: Sequence[Row[Any]]) -> list[AnalystSession]:
    return [_session(row) for row in rows]

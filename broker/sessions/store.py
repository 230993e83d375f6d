"""Sessions, login requests and attempts, remembered browsers: cookies are kept by fingerprint."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, bindparam, delete, insert, or_, select, update

from broker.accounts.model import Status
from broker.accounts.store import ACCOUNT
from broker.base.crypto import Secret, Vault, fingerprint
from broker.base.db import Database
from broker.base.statements import Prepared
from broker.sessions.model import (
    BroughtSession,
    FederatedIdentity,
    LateUse,
    LoginAttempt,
    LoginRequest,
    OpenSession,
    Proof,
    RememberedBrowser,
    Session,
    TieIntent,
)
from broker.sessions.tables import ATTEMPT, REMEMBERED, REQUEST, SESSION

_NOTED = {LateUse.OWN: SESSION.c.late_at, LateUse.COPY: SESSION.c.copied_at}
_KEPT = timedelta(days=90)  # how long the account page can tell of the login before this one
_BROUGHT = Prepared(
    select(SESSION, ACCOUNT.c.status)
    .join(ACCOUNT, ACCOUNT.c.id == SESSION.c.account_id)
    .where(SESSION.c.cookie == bindparam("cookie"))
)
_HELD = Prepared(
    select(SESSION.c.sid)
    .where(SESSION.c.sid == bindparam("sid"), SESSION.c.ended_at.is_(None))
    .with_for_update(read=True)
)


@dataclass(frozen=True)
class SessionStore:
    """Reads and writes what sessions need."""

    db: Database
    vault: Vault

    def add(self, session: Session, cookie: Secret) -> None:
        """Keep a new session."""
        self.db.execute(
            insert(SESSION).values(
                cookie=fingerprint(cookie),
                sid=session.sid,
                account_id=session.account_id,
                auth_event_id=session.auth_event_id,
                auth_time=session.auth_time,
                acr=session.acr,
                amr=" ".join(session.amr),
                browser=session.browser,
                login_request_id=session.login_request_id,
                created_at=session.created_at,
                seen_at=session.created_at,
                label=session.label,
            )
        )

    def brought(self, cookie: Secret) -> BroughtSession | None:
        """Return the session of a cookie, ended or not: one statement finds either."""
        row = self.db.one(_BROUGHT, cookie=fingerprint(cookie))
        if row is None:
            return None
        return BroughtSession(
            session=session_of(row),
            seen_at=row.seen_at,
            status=Status(row.status),
            end_reason=row.end_reason if row.ended_at else None,
            late_at=row.late_at,
            copied_at=row.copied_at,
        )

    def note_late(self, cookie: Secret, use: LateUse, now: datetime) -> bool:
        """Note that use of an ended session; False where it was noted before."""
        noted = _NOTED[use]
        done = self.db.execute(
            update(SESSION)
            .where(SESSION.c.cookie == fingerprint(cookie))
            .where(SESSION.c.ended_at.is_not(None), noted.is_(None))
            .values({noted: now})
        )
        return done.rowcount == 1

    def open_of(self, account_id: str) -> list[OpenSession]:
        """Return the account's sessions that were not ended, the last used first."""
        rows = self.db.all(
            select(SESSION)
            .where(SESSION.c.account_id == account_id, SESSION.c.ended_at.is_(None))
            .order_by(SESSION.c.seen_at.desc(), SESSION.c.created_at.desc())
        )
        return [OpenSession(session=session_of(row), seen_at=row.seen_at) for row in rows]

    def before(self, session: Session) -> datetime | None:
        """Return when the person had logged in before this session."""
        found: datetime | None = self.db.scalar(
            select(SESSION.c.auth_time)
            .where(SESSION.c.account_id == session.account_id)
            .where(SESSION.c.auth_time < session.auth_time)
            .order_by(SESSION.c.auth_time.desc())
            .limit(1)
        )
        return found

    def hold(self, sid: str) -> bool:
        """Keep a session from ending before the transaction does; False when it has ended."""
        return self.db.scalar(_HELD, sid=sid) is not None

    def seen(self, sid: str, now: datetime) -> None:
        """Note that the session was used."""
        self.db.execute(
            update(SESSION)
            .where(SESSION.c.sid == sid, SESSION.c.ended_at.is_(None))
            .values(seen_at=now)
        )

    def overdue(
        self, seen_before: datetime, created_before: datetime, most: int
    ) -> Sequence[Session]:
        """Return sessions that were not ended and are too old, or unused for too long."""
        rows = self.db.all(
            select(SESSION)
            .where(
                SESSION.c.ended_at.is_(None),
                or_(SESSION.c.seen_at <= seen_before, SESSION.c.created_at <= created_before),
            )
            .limit(most)
        )
        return [session_of(row) for row in rows]

    def end(self, sid: str, reason: str, now: datetime) -> bool:
        """End one session, once."""
        done = self.db.execute(
            update(SESSION)
            .where(SESSION.c.sid == sid, SESSION.c.ended_at.is_(None))
            .values(ended_at=now, end_reason=reason)
        )
        return done.rowcount == 1

    def end_of_account(
        self, account_id: str, reason: str, now: datetime, *, but: str = ""
    ) -> Sequence[Session]:
        """End every session of an account but one; return those that ended."""
        condition = and_(SESSION.c.account_id == account_id, SESSION.c.sid != but)
        return self._end_where(condition, reason, now)

    def end_of_browser(self, browser: str, reason: str, now: datetime) -> Sequence[Session]:
        """End every session of a browser; return those that ended."""
        return self._end_where(SESSION.c.browser == browser, reason, now)

    def add_request(self, request: LoginRequest) -> None:
        """Keep a login request; its hint may be somebody's number."""
        hint = request.login_hint
        sealed = self.vault.seal(REQUEST.c.login_hint, hint) if hint else None
        values = {**_columns(request), "login_hint": sealed}
        self.db.execute(insert(REQUEST).values(**values))

    def request(self, request_id: str, browser: str) -> LoginRequest | None:
        """Return a login request, in its own browser only."""
        row = self.db.one(
            select(REQUEST).where(REQUEST.c.id == request_id, REQUEST.c.browser == browser)
        )
        return self._request(row) if row else None

    def newest_request(self, browser: str) -> LoginRequest | None:
        """Return the login request of another service that this browser brought last."""
        row = self.db.one(
            select(REQUEST)
            .where(REQUEST.c.browser == browser, REQUEST.c.client_id.is_not(None))
            .order_by(REQUEST.c.created_at.desc())
            .limit(1)
        )
        return self._request(row) if row else None

    def end_request(self, request_id: str, now: datetime) -> None:
        """Note that nobody waits for this login any more."""
        self.db.execute(
            update(REQUEST)
            .where(REQUEST.c.id == request_id, REQUEST.c.ended_at.is_(None))
            .values(ended_at=now)
        )

    def add_attempt(self, attempt: LoginAttempt) -> None:
        """Keep a login that waits for its code."""
        proof = attempt.proof
        values = {
            **{name: value for name, value in _columns(attempt).items() if name != "proof"},
            "tie": _written(attempt.tie),
            "auth_event_id": proof.auth_event_id,
            "acr": proof.acr,
            "amr": " ".join(proof.amr),
            "upstream": json.dumps(asdict(proof.upstream)) if proof.upstream else None,
        }
        self.db.execute(insert(ATTEMPT).values(**values))

    def attempt(self, attempt_id: str, browser: str) -> LoginAttempt | None:
        """Return a login attempt, in its own browser only."""
        row = self.db.one(
            select(ATTEMPT).where(ATTEMPT.c.id == attempt_id, ATTEMPT.c.browser == browser)
        )
        return _attempt(row) if row else None

    def refuse_tie(self, attempt_id: str, tie: TieIntent) -> None:
        """Note that what an attempt would have tied was refused."""
        self.db.execute(
            update(ATTEMPT).where(ATTEMPT.c.id == attempt_id).values(tie=_written(tie))
        )

    def drop_attempts(self, account_id: str, *, but: str = "") -> None:
        """Forget the logins of an account that wait for their code, but that one."""
        self.db.execute(
            delete(ATTEMPT).where(ATTEMPT.c.account_id == account_id, ATTEMPT.c.id != but)
        )

    def remember(self, browser: RememberedBrowser, cookie: Secret) -> None:
        """Keep a remembered browser."""
        values = {**_columns(browser), "cookie": fingerprint(cookie)}
        self.db.execute(insert(REMEMBERED).values(**values))

    def remembered(self, cookie: Secret, now: datetime) -> RememberedBrowser | None:
        """Return the remembered browser of that cookie, while it is remembered."""
        row = self.db.one(
            select(REMEMBERED).where(
                REMEMBERED.c.cookie == fingerprint(cookie), REMEMBERED.c.expires_at > now
            )
        )
        return _remembered(row) if row else None

    def remembered_of(self, account_id: str, now: datetime) -> list[RememberedBrowser]:
        """Return the account's remembered browsers, newest first."""
        rows = self.db.all(
            select(REMEMBERED)
            .where(REMEMBERED.c.account_id == account_id, REMEMBERED.c.expires_at > now)
            .order_by(REMEMBERED.c.created_at.desc())
        )
        return [_remembered(row) for row in rows]

    def forget(self, account_id: str, browser_id: str | None = None) -> int:
        """Forget one browser of the account, or all of them."""
        statement = delete(REMEMBERED).where(REMEMBERED.c.account_id == account_id)
        if browser_id is not None:
            statement = statement.where(REMEMBERED.c.id == browser_id)
        return self.db.execute(statement).rowcount

    def purge(self, now: datetime, life: timedelta) -> int:
        """Delete what is over: sessions kept long enough, requests and attempts of *life* ago."""
        before = now - life
        with self.db.transaction():
            return sum(
                self.db.execute(statement).rowcount
                for statement in (
                    delete(SESSION).where(SESSION.c.seen_at < now - _KEPT),
                    delete(REQUEST).where(REQUEST.c.created_at < before),
                    delete(ATTEMPT).where(ATTEMPT.c.created_at < before),
                    delete(REMEMBERED).where(REMEMBERED.c.expires_at <= now),
                )
            )

    def _request(self, row: Row[Any]) -> LoginRequest:
        hint = self.vault.open(REQUEST.c.login_hint, row.login_hint) if row.login_hint else None
        return LoginRequest(**{**row._mapping, "login_hint": hint})  # noqa: SLF001 - a public name of SQLAlchemy

    def _end_where(
        self, condition: ColumnElement[bool], reason: str, now: datetime
    ) -> Sequence[Session]:
        rows = self.db.execute(
            update(SESSION)
            .where(condition, SESSION.c.ended_at.is_(None))
            .values(ended_at=now, end_reason=reason)
            .returning(SESSION)
        ).all()
        return [session_of(row) for row in rows]


def _columns(item: Any) -> dict[str, Any]:  # noqa: ANN401 - any of the model's dataclasses
    return {name: getattr(item, name) for name in item.__dataclass_fields__}


def _written(tie: TieIntent | None) -> str | None:
    return json.dumps(asdict(tie)) if tie else None


def session_of(row: Row[Any]) -> Session:
    """Return the session of a row."""
    return Session(
        sid=row.sid,
        account_id=row.account_id,
        auth_event_id=row.auth_event_id,
        auth_time=row.auth_time,
        acr=row.acr,
        amr=tuple(row.amr.split()),
        browser=row.browser,
        created_at=row.created_at,
        login_request_id=row.login_request_id,
        label=row.label or "",
    )


def _attempt(row: Row[Any]) -> LoginAttempt:
    upstream = FederatedIdentity(**json.loads(row.upstream)) if row.upstream else None
    return LoginAttempt(
        id=row.id,
        account_id=row.account_id,
        browser=row.browser,
        challenge_id=row.challenge_id,
        login_request_id=row.login_request_id,
        proof=Proof(
            auth_event_id=row.auth_event_id,
            acr=row.acr,
            amr=tuple(row.amr.split()),
            upstream=upstream,
        ),
        tie=TieIntent(**json.loads(row.tie)) if row.tie else None,
        created_at=row.created_at,
    )


def _remembered(row: Row[Any]) -> RememberedBrowser:
    return RememberedBrowser(
        id=row.id,
        account_id=row.account_id,
        label=row.label,
        created_at=row.created_at,
        expires_at=row.expires_at,
    )

"""Where grants are kept: one row per login, from its code to its last refresh token."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, bindparam, case, func, or_, select, update

from broker.accounts.model import Status
from broker.accounts.store import ACCOUNT
from broker.base.crypto import fingerprint
from broker.base.db import Database, Instant
from broker.base.statements import Prepared
from broker.oidc.grants.model import (
    Bonds,
    Expiry,
    Grant,
    GrantReach,
    GrantsReached,
    GrantState,
    RefreshToken,
)
from broker.oidc.grants.tables import GRANT

_EXPIRY = case(
    (GRANT.c.offline, bindparam("offline", type_=Instant)),
    else_=bindparam("in_session", type_=Instant),
)
_HOLDER = (
    select(ACCOUNT.c.status)
    .where(ACCOUNT.c.id == GRANT.c.account_id)
    .correlate(GRANT)
    .scalar_subquery()
    .label("holder")
)
WITH_HOLDER = (GRANT, _HOLDER)
"""What every statement that gives grants returns: what they are, and their holder's state."""
_REDEEMED = Prepared(
    update(GRANT)
    .where(
        GRANT.c.code_digest == bindparam("code"),
        GRANT.c.client_id == bindparam("client"),
        GRANT.c.redirect_uri == bindparam("uri"),
        GRANT.c.code_challenge.is_not_distinct_from(bindparam("challenge")),
        or_(GRANT.c.confirmation.is_(None), GRANT.c.confirmation == bindparam("proved")),
        GRANT.c.redeemed_at.is_(None),
        GRANT.c.revoked_at.is_(None),
        GRANT.c.expires_at > bindparam("now"),
    )
    .values(
        redeemed_at=bindparam("now", type_=Instant),
        refresh_digest=bindparam("refresh"),
        confirmation=bindparam("key"),
        expires_at=_EXPIRY,
    )
    .returning(*WITH_HOLDER)
)
_REFRESHED = Prepared(
    update(GRANT)
    .where(
        GRANT.c.code_digest == bindparam("code"),
        GRANT.c.refresh_digest == bindparam("token"),
        GRANT.c.client_id == bindparam("client"),
        GRANT.c.revoked_at.is_(None),
        GRANT.c.expires_at > bindparam("now"),
        GRANT.c.ends_at > bindparam("now"),
    )
    .values(
        refresh_digest=bindparam("refresh"),
        confirmation=func.coalesce(
            GRANT.c.confirmation, bindparam("key", type_=GRANT.c.confirmation.type)
        ),
        generation=GRANT.c.generation + 1,
        expires_at=_EXPIRY,
    )
    .returning(*WITH_HOLDER)
)

_DIGEST = 32  # bytes of a code's digest


@dataclass(frozen=True)
class GrantStore:
    """Grants: issued with a code, redeemed once, refreshed, ended as one."""

    db: Database

    def add(self, grant: Grant, expires_at: datetime) -> None:
        """Keep a grant under its code."""
        self.db.insert_rows(
            GRANT,
            [
                {
                    "code_digest": grant.code_digest,
                    "client_id": grant.client_id,
                    "account_id": grant.account_id,
                    "sid": grant.sid,
                    "browser": grant.browser,
                    "auth_event_id": grant.auth_event_id,
                    "auth_time": grant.auth_time,
                    "acr": grant.acr,
                    "amr": " ".join(grant.amr),
                    "scopes": " ".join(grant.scopes),
                    "userinfo_claims": " ".join(grant.userinfo_claims),
                    "id_token_claims": " ".join(grant.id_token_claims),
                    "resources": " ".join(grant.resources),
                    "redirect_uri": grant.redirect_uri,
                    "code_challenge": grant.code_challenge,
                    "nonce": grant.nonce,
                    "confirmation": grant.confirmation,
                    "offline": grant.offline,
                    "generation": grant.generation,
                    "created_at": grant.created_at,
                    "expires_at": expires_at,
                    "ends_at": grant.ends_at,
                }
            ],
        )

    def redeem(
        self,
        code: str,
        shown: Bonds,
        *,
        key: str | None,
        refresh_token: RefreshToken | None,
        now: datetime,
        expiry: Expiry,
    ) -> Grant | None:
        """Use a code up, once; None when any of its bonds does not hold.

        A wrong verifier, key or client does not use the code up: only its holder can. *key* is
        what the refresh token is bound to from now on.
        """
        row = self.db.one(
            _REDEEMED,
            code=fingerprint(code),
            client=shown.client_id,
            uri=shown.redirect_uri,
            challenge=shown.challenge,
            proved=shown.proved,
            key=key,
            refresh=refresh_token.digest if refresh_token else None,
            now=now,
            **_by_kind(expiry),
        )
        return _grant(row) if row else None

    def refresh(
        self,
        token: RefreshToken,
        *,
        client_id: str,
        successor: RefreshToken | None,
        key: str | None,
        now: datetime,
        expiry: Expiry,
    ) -> Grant | None:
        """Use a refresh token, putting its successor in its place where it has one.

        A grant that is bound to no key yet is bound to *key*.
        None when the token is not the present one of its grant, or the grant is over.
        """
        row = self.db.one(
            _REFRESHED,
            code=token.code_digest,
            client=client_id,
            token=token.digest,
            refresh=(successor or token).digest,
            key=key,
            now=now,
            **_by_kind(expiry),
        )
        return _grant(row) if row else None

    def find(self, code_digest: bytes) -> GrantState | None:
        """Return a grant whatever became of it."""
        row = self.db.one(select(*WITH_HOLDER).where(GRANT.c.code_digest == code_digest))
        return state_of(row) if row else None

    def people_of(self, client_id: str, now: datetime) -> int:
        """Return of how many people a client holds something that is good now."""
        living = (GRANT.c.revoked_at.is_(None), GRANT.c.expires_at > now)
        return int(
            self.db.scalar(
                select(func.count(GRANT.c.account_id.distinct())).where(
                    GRANT.c.client_id == client_id, *living
                )
            )
        )

    def revoke(self, code_digest: bytes, now: datetime) -> Sequence[Grant]:
        """End one grant; return it, or nothing when it was over."""
        return self._revoke(GRANT.c.code_digest == code_digest, now=now)

    def hold(self, account_id: str, now: datetime) -> None:
        """Keep all that came of an account as it is until the transaction ends.

        Who is just using some of it is waited for.
        """
        self.db.execute(_living(GRANT.c.account_id == account_id, now=now))

    def revoke_codes(self, account_id: str, sid: str, now: datetime) -> Sequence[Grant]:
        """End the codes of a session that were not redeemed."""
        return self._revoke(
            GRANT.c.account_id == account_id,
            GRANT.c.sid == sid,
            GRANT.c.redeemed_at.is_(None),
            now=now,
        )

    def revoke_login(self, account_id: str, browser: str, now: datetime) -> Sequence[Grant]:
        """End what a person's logins in one browser gave, but for redeemed offline access."""
        return self._revoke(
            GRANT.c.account_id == account_id,
            GRANT.c.browser == browser,
            or_(GRANT.c.offline.is_(False), GRANT.c.redeemed_at.is_(None)),
            now=now,
        )

    def revoke_account(self, account_id: str, now: datetime) -> Sequence[Grant]:
        """End everything that came of an account; return the grants that ended."""
        return self._revoke(GRANT.c.account_id == account_id, now=now)

    def revoke_client(self, account_id: str, client_id: str, now: datetime) -> Sequence[Grant]:
        """End all that one client holds of an account; return the grants that ended."""
        return self._revoke(
            GRANT.c.account_id == account_id, GRANT.c.client_id == client_id, now=now
        )

    def revoke_within(self, reach: GrantReach, now: datetime) -> Sequence[Grant]:
        """End all that is meant; return the grants that ended."""
        return self._revoke(*_within(reach), now=now)

    def within(self, reach: GrantReach, now: datetime) -> GrantsReached:
        """Count what is good now of all that is meant."""
        row = self.db.all(
            select(
                func.count() - func.count(GRANT.c.redeemed_at),
                func.count(GRANT.c.redeemed_at),
                func.count(GRANT.c.account_id.distinct()),
                func.count(GRANT.c.client_id.distinct()),
            ).where(
                *_within(reach),
                GRANT.c.revoked_at.is_(None),
                GRANT.c.expires_at > now,
                GRANT.c.ends_at > now,
            )
        )[0]
        codes, families, people, partners = map(int, row)
        return GrantsReached(codes=codes, families=families, people=people, partners=partners)

    def parties(self, family_id: str) -> tuple[str, str] | None:
        """Return whose family that is, and which partner's; None where none is kept."""
        found = self.db.one(
            select(GRANT.c.account_id, GRANT.c.client_id).where(
                *_within(GrantReach(family_id=family_id))
            )
        )
        return (found.account_id, found.client_id) if found else None

    def _revoke(self, *conditions: ColumnElement[bool], now: datetime) -> Sequence[Grant]:
        rows = self.db.execute(
            update(GRANT)
            .where(
                GRANT.c.code_digest.in_(_living(*conditions, now=now)),
                GRANT.c.revoked_at.is_(None),
            )
            .values(revoked_at=now, expires_at=now)
            .returning(*WITH_HOLDER)
        )
        return [_grant(row) for row in rows]


def _living(*conditions: ColumnElement[bool], now: datetime) -> Select[tuple[bytes]]:
    # Locked in one order: two such statements never wait for each other in a circle.
    return (
        select(GRANT.c.code_digest)
        .where(*conditions, GRANT.c.revoked_at.is_(None), GRANT.c.expires_at > now)
        .order_by(GRANT.c.code_digest)
        .with_for_update()
    )


def _within(reach: GrantReach) -> list[ColumnElement[bool]]:
    named = {
        GRANT.c.auth_event_id: reach.auth_event_id,
        GRANT.c.account_id: reach.account_id,
        GRANT.c.client_id: reach.client_id,
    }
    found = [column == value for column, value in named.items() if value is not None]
    if reach.family_id is not None:
        beginning = bytes.fromhex(reach.family_id)  # a range, so that the key's index finds it
        rest = _DIGEST - len(beginning)
        found.append(
            GRANT.c.code_digest.between(beginning + b"\x00" * rest, beginning + b"\xff" * rest)
        )
    return found


def _by_kind(expiry: Expiry) -> dict[str, datetime]:
    return {"in_session": expiry.in_session, "offline": expiry.offline}


def _grant(row: Row[Any]) -> Grant:
    return Grant(
        code_digest=row.code_digest,
        client_id=row.client_id,
        account_id=row.account_id,
        sid=row.sid,
        browser=row.browser,
        auth_event_id=row.auth_event_id,
        auth_time=row.auth_time,
        acr=row.acr,
        amr=tuple(row.amr.split()),
        scopes=tuple(row.scopes.split()),
        redirect_uri=row.redirect_uri,
        code_challenge=row.code_challenge,
        nonce=row.nonce,
        userinfo_claims=tuple(row.userinfo_claims.split()),
        id_token_claims=tuple(row.id_token_claims.split()),
        resources=tuple(row.resources.split()),
        confirmation=row.confirmation,
        offline=row.offline,
        generation=row.generation,
        created_at=row.created_at,
        ends_at=row.ends_at,
        barred=row.holder != Status.ACTIVE,
    )


def state_of(row: Row[Any]) -> GrantState:
    """Return the grant of a row that holds its columns."""
    return GrantState(
        grant=_grant(row),
        redeemed=row.redeemed_at is not None,
        revoked=row.revoked_at is not None,
        expires_at=row.expires_at,
    )

"""Where the provider's state is kept: codes and tokens by digest, requests sealed."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, Table, and_, delete, insert, select, update

from broker.base.crypto import Secret, Vault, fingerprint
from broker.base.db import Database
from broker.oidc.model import Grant, Interaction, PushedRequest, Spent
from broker.oidc.tables import ASSERTION, GRANT, INTERACTION, PUSHED


@dataclass(frozen=True)
class GrantStore:
    """Grants: issued with a code, redeemed once, read by access token, revoked as one."""

    db: Database

    def add(self, grant: Grant, code: Secret, now: datetime, expires_at: datetime) -> None:
        """Keep a grant under its code."""
        self.db.execute(
            insert(GRANT),
            {
                "code_digest": fingerprint(code),
                "client_id": grant.client_id,
                "account_id": grant.account_id,
                "sid": grant.sid,
                "auth_event_id": grant.auth_event_id,
                "auth_time": grant.auth_time,
                "acr": grant.acr,
                "amr": " ".join(grant.amr),
                "scopes": " ".join(grant.scopes),
                "userinfo_claims": " ".join(grant.userinfo_claims),
                "id_token_claims": " ".join(grant.id_token_claims),
                "redirect_uri": grant.redirect_uri,
                "code_challenge": grant.code_challenge,
                "nonce": grant.nonce,
                "created_at": now,
                "code_expires_at": expires_at,
            },
        )

    def redeem(
        self,
        code: str,
        *,
        client_id: str,
        redirect_uri: str,
        challenge: str | None,
        access_token: Secret,
        now: datetime,
        access_expires_at: datetime,
    ) -> Grant | None:
        """Turn a code into an access token, once; None when any of its bonds does not hold.

        A wrong verifier or client does not use the code up: only its holder can.
        """
        row = self.db.execute(
            update(GRANT)
            .where(
                GRANT.c.code_digest == fingerprint(code),
                GRANT.c.client_id == client_id,
                GRANT.c.redirect_uri == redirect_uri,
                GRANT.c.code_challenge.is_(None)
                if challenge is None
                else GRANT.c.code_challenge == challenge,
                GRANT.c.redeemed_at.is_(None),
                GRANT.c.revoked_at.is_(None),
                GRANT.c.code_expires_at > now,
            )
            .values(
                redeemed_at=now,
                access_digest=fingerprint(access_token),
                access_expires_at=access_expires_at,
            )
            .returning(GRANT)
        ).one_or_none()
        return _grant(row) if row else None

    def spent(self, code: str) -> Spent | None:
        """Return what is known of a code that could not be redeemed."""
        row = self.db.one(select(GRANT).where(GRANT.c.code_digest == fingerprint(code)))
        return row and Spent(
            family_id=family_id(row.code_digest),
            client_id=row.client_id,
            redeemed=row.redeemed_at is not None,
            auth_event_id=row.auth_event_id,
            account_id=row.account_id,
        )

    def of_access_token(self, access_token: str, now: datetime) -> Grant | None:
        """Return the grant of a valid access token."""
        row = self.db.one(
            select(GRANT).where(
                GRANT.c.access_digest == fingerprint(access_token),
                GRANT.c.access_expires_at > now,
                GRANT.c.revoked_at.is_(None),
            )
        )
        return _grant(row) if row else None

    def revoke_code(self, code: str, now: datetime) -> bool:
        """End everything that came of a code; False when it was ended before."""
        return self._revoke(GRANT.c.code_digest == fingerprint(code), now) > 0

    def revoke_session(self, sid: str, now: datetime) -> int:
        """End everything that came of a session; return how many grants that ended."""
        return self._revoke(GRANT.c.sid == sid, now)

    def revoke_account(self, account_id: str, now: datetime) -> int:
        """End everything that came of an account; return how many grants that ended."""
        return self._revoke(GRANT.c.account_id == account_id, now)

    def revoke_client(self, account_id: str, client_id: str, now: datetime) -> int:
        """End all that one client holds of an account; return how many grants that ended."""
        return self._revoke(
            and_(GRANT.c.account_id == account_id, GRANT.c.client_id == client_id), now
        )

    def _revoke(self, condition: Any, now: datetime) -> int:  # noqa: ANN401 - an SQL condition
        return self.db.execute(
            update(GRANT).where(condition, GRANT.c.revoked_at.is_(None)).values(revoked_at=now)
        ).rowcount


@dataclass(frozen=True)
class RequestStore:
    """Requests on their way: pushed by a client, or waiting for a login; used once."""

    db: Database
    vault: Vault

    def push(self, request: PushedRequest, expires_at: datetime) -> None:
        """Keep a pushed request."""
        sealed = self.vault.seal(PUSHED.c.parameters, json.dumps(request.values))
        self.db.execute(
            insert(PUSHED),
            {
                "digest": request.digest,
                "client_id": request.client_id,
                "parameters": sealed,
                "expires_at": expires_at,
            },
        )

    def pushed(self, request_uri: str, client_id: str, now: datetime) -> PushedRequest | None:
        """Return what this client pushed under that request_uri, unless used or expired."""
        row = self.db.one(
            select(PUSHED).where(
                PUSHED.c.digest == fingerprint(request_uri),
                PUSHED.c.client_id == client_id,
                PUSHED.c.expires_at > now,
                PUSHED.c.used_at.is_(None),
            )
        )
        if row is None:
            return None
        values = json.loads(self.vault.open(PUSHED.c.parameters, row.parameters))
        return PushedRequest(digest=row.digest, client_id=row.client_id, values=values)

    def use_pushed(self, digest: bytes, now: datetime) -> bool:
        """Use a pushed request up; False when it was used before (RFC 9126 §4)."""
        used = self.db.execute(
            update(PUSHED)
            .where(PUSHED.c.digest == digest, PUSHED.c.used_at.is_(None))
            .values(used_at=now)
        )
        return used.rowcount == 1

    def wait(self, interaction: Interaction, browser: str) -> None:
        """Keep a request until the person has logged in."""
        sealed = self.vault.seal(INTERACTION.c.parameters, json.dumps(interaction.values))
        self.db.execute(
            insert(INTERACTION),
            {
                "id": interaction.id,
                "browser": browser,
                "client_id": interaction.client_id,
                "parameters": sealed,
                "pushed": interaction.pushed,
                "expires_at": interaction.expires_at,
            },
        )

    def waiting(self, interaction_id: str, browser: str | None) -> Interaction | None:
        """Return the interaction of this browser, whatever became of it."""
        row = self.db.one(
            select(INTERACTION).where(
                INTERACTION.c.id == interaction_id, INTERACTION.c.browser == (browser or "")
            )
        )
        if row is None:
            return None
        return Interaction(
            id=row.id,
            client_id=row.client_id,
            values=json.loads(self.vault.open(INTERACTION.c.parameters, row.parameters)),
            pushed=row.pushed,
            expires_at=row.expires_at,
            finished=row.finished_at is not None,
        )

    def finish(self, interaction_id: str, now: datetime) -> bool:
        """Answer an interaction, once; False when it was answered before."""
        done = self.db.execute(
            update(INTERACTION)
            .where(INTERACTION.c.id == interaction_id, INTERACTION.c.finished_at.is_(None))
            .values(finished_at=now)
        )
        return done.rowcount == 1

    def use_assertion(self, client_id: str, jti: str, expires_at: datetime) -> bool:
        """Use a client assertion up; False when its jti was used before (RFC 7523 §3)."""
        digest = fingerprint(f"{client_id}\x00{jti}")
        return self.db.insert_unless_present(
            ASSERTION, {"digest": digest, "expires_at": expires_at}
        )


@dataclass(frozen=True)
class Leftovers:
    """Deletes what nobody can use any more."""

    db: Database
    kept_for: timedelta = timedelta(days=1)
    """A replayed code is still recognised for that long."""

    def purge(self, now: datetime) -> int:
        """Delete the leftovers; return how many rows that were."""
        limit = now - self.kept_for
        self_expiring: tuple[Table, ...] = (INTERACTION, PUSHED, ASSERTION)
        with self.db.transaction():
            purged = self.db.execute(delete(GRANT).where(GRANT.c.created_at < limit)).rowcount
            for table in self_expiring:
                purged += self.db.execute(delete(table).where(table.c.expires_at < limit)).rowcount
        return purged


def family_id(code_digest: bytes) -> str:
    """Return the name of a grant in the trail: the first 16 bytes of its code's digest."""
    return code_digest[:16].hex()


def _grant(row: Row[Any]) -> Grant:
    return Grant(
        family_id=family_id(row.code_digest),
        client_id=row.client_id,
        account_id=row.account_id,
        sid=row.sid,
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
    )

"""Where access tokens are kept, and for a moment the answers of refresh tokens."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, delete, or_, select

from broker.base.crypto import Secret, fingerprint
from broker.base.db import Database
from broker.base.statements import Prepared
from broker.oidc.grants.model import AccessToken, Grant, GrantState, RefreshToken
from broker.oidc.grants.store import WITH_HOLDER, state_of
from broker.oidc.grants.tables import GRANT
from broker.oidc.tokens.tables import ACCESS, ROTATED

_MOST_ACCESS_TOKENS = 32  # of one grant: the oldest gives way, however fast a client refreshes
_MOST_ANSWERS = 5
_FOUND = Prepared(
    select(*WITH_HOLDER, *(column.label(f"access_{column.name}") for column in ACCESS.c))
    .join(ACCESS, ACCESS.c.code_digest == GRANT.c.code_digest)
    .where(ACCESS.c.digest == bindparam("digest"))
)
_GIVES_WAY = Prepared(
    delete(ACCESS).where(
        ACCESS.c.code_digest == bindparam("code"),
        or_(ACCESS.c.expires_at <= bindparam("now"), ACCESS.c.generation <= bindparam("oldest")),
    )
)


@dataclass(frozen=True)
class TokenStore:
    """Tokens by their digests; each is worth something only while its grant is."""

    db: Database

    def add_access(self, text: Secret, token: AccessToken, grant: Grant) -> None:
        """Keep an access token; at a refresh, those that are over, or too many, give way."""
        if grant.generation:
            self.db.count(
                _GIVES_WAY,
                code=grant.code_digest,
                now=token.issued_at,
                oldest=grant.generation - _MOST_ACCESS_TOKENS,
            )
        values = {
            "digest": fingerprint(text),
            "code_digest": grant.code_digest,
            "generation": token.generation,
            "jti": token.jti,
            "scopes": " ".join(token.scopes),
            "resource": token.resource,
            "confirmation": token.confirmation,
            "issued_at": token.issued_at,
            "expires_at": token.expires_at,
        }
        self.db.insert_rows(ACCESS, [values])

    def access(self, text: str) -> tuple[AccessToken, GrantState] | None:
        """Return an access token and its grant, whatever became of them."""
        row = self.db.one(_FOUND, digest=fingerprint(text))
        return (_access(row), state_of(row)) if row else None

    def drop_access(self, text: str) -> bool:
        """Forget one access token; False when it was forgotten before."""
        dropped = self.db.execute(delete(ACCESS).where(ACCESS.c.digest == fingerprint(text)))
        return dropped.rowcount == 1

    def keep_answer(
        self,
        rotated: RefreshToken,
        grant: Grant,
        answer: bytes,
        now: datetime,
        expires_at: datetime,
    ) -> None:
        """Keep the answer that a rotated token gets again; older ones give way."""
        self.db.execute(
            delete(ROTATED).where(
                ROTATED.c.code_digest == grant.code_digest,
                or_(
                    ROTATED.c.expires_at <= now,
                    ROTATED.c.generation <= grant.generation - _MOST_ANSWERS,
                ),
            )
        )
        values = {
            "digest": rotated.digest,
            "code_digest": grant.code_digest,
            "generation": grant.generation,
            "answer": answer,
            "expires_at": expires_at,
        }
        self.db.insert_rows(ROTATED, [values])

    def answer(self, rotated: RefreshToken, now: datetime) -> bytes | None:
        """Return the answer that a rotated token gets again, while it does."""
        found: bytes | None = self.db.scalar(
            select(ROTATED.c.answer).where(
                ROTATED.c.digest == rotated.digest, ROTATED.c.expires_at > now
            )
        )
        return found


def _access(row: Row[Any]) -> AccessToken:
    return AccessToken(
        scopes=tuple(row.access_scopes.split()),
        resource=row.access_resource,
        generation=row.access_generation,
        jti=row.access_jti,
        confirmation=row.access_confirmation,
        issued_at=row.access_issued_at,
        expires_at=row.access_expires_at,
    )

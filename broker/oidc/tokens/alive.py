"""What codes and tokens can still do: for a partner, or for all that a key signed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, func, select

from broker.audit.questions.signed_tokens import SignedTokens
from broker.base.clock import Clock
from broker.base.db import Database
from broker.keys.rotation import Keys
from broker.oidc.grants.tables import GRANT
from broker.oidc.tokens.tables import ACCESS

_MOST = 200  # services of an answer


@dataclass(frozen=True)
class AliveTokens:
    """Reads the living grants and access tokens; changes nothing."""

    keys: Keys
    signed: SignedTokens
    clock: Clock

    def of(self, db: Database, name: str) -> Iterable[tuple[str, int, int, int, int, datetime]]:
        """Return, by service, people, codes, refresh and access tokens, and when the last ends.

        *name* is a partner or the id of a key; of a key those count that it signed: access tokens,
        and the grants that they are of.
        """
        now = self.clock()
        is_key = any(key.kid == name for key in self.keys.every())
        alive = (GRANT.c.revoked_at.is_(None), GRANT.c.ends_at > now)
        by_key = (ACCESS.c.jti.in_(self.signed.ids(name)),) if is_key else ()
        access = (ACCESS.c.expires_at > now, *by_key)
        of_name = () if is_key else (GRANT.c.client_id == name,)
        joined = GRANT.outerjoin(
            ACCESS,
            (ACCESS.c.code_digest == GRANT.c.code_digest) & and_(*access),
        )
        statement = (
            select(
                GRANT.c.client_id,
                func.count(GRANT.c.account_id.distinct()),
                _count(GRANT.c.redeemed_at.is_(None)),
                _count(GRANT.c.refresh_digest.is_not(None)),
                func.count(ACCESS.c.digest),
                func.max(GRANT.c.ends_at),
            )
            .select_from(joined)
            .where(*alive, *of_name)
            .group_by(GRANT.c.client_id)
            .order_by(func.count().desc(), GRANT.c.client_id)
            .limit(_MOST)
        )
        if is_key:
            statement = statement.where(ACCESS.c.digest.is_not(None))
        return [tuple(row) for row in db.all(statement)]


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    """Count grants once, though the join has a row for each of their access tokens."""
    return func.count(case((condition, GRANT.c.code_digest), else_=None).distinct())

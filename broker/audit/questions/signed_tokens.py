"""Tokens by the key that signed them: the trail alone knows, since nothing else keeps them all."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, Select, func, select

from broker.audit.questions.body import number, value
from broker.audit.store import EVENT
from broker.base.clock import Clock, epoch
from broker.base.db import Database

_MADE = ("token.issued", "token.client.issued")


@dataclass(frozen=True)
class SignedTokens:
    """Finds what a key signed and has not run out: whoever has its public half believes it."""

    db: Database
    clock: Clock
    longest: timedelta
    """How long the longest-lived of these tokens lasts: no older event is read."""

    def alive(self, kid: str) -> dict[str, int]:
        """Return how many tokens of each kind that key signed which have not run out."""
        kind = value("token_kind").label("kind")
        rows = self.db.all(select(kind, func.count()).where(*self._signed_by(kid)).group_by(kind))
        return {str(row[0]): int(row[1]) for row in rows}

    def ids(self, kid: str) -> Select[tuple[str]]:
        """Select the ``jti`` of each access token among them."""
        return select(EVENT.c.made_jti).where(*self._signed_by(kid), EVENT.c.made_jti.is_not(None))

    def _signed_by(self, kid: str) -> tuple[ColumnElement[bool], ...]:
        now = self.clock()
        return (
            EVENT.c.type.in_(_MADE),
            EVENT.c.time > now - self.longest,
            # The canonical body has this text in no other place, and it is cheaper than a member.
            EVENT.c.body.contains(f'"kid":"{kid}"', autoescape=True),
            number("token.exp") > epoch(now),
        )

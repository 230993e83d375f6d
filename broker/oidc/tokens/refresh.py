"""Refresh tokens: made so that any of a family is recognised as ours, though one alone is kept."""

import base64
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from broker.base.crypto import KeyedHash, Secret, new_token, open_by, same, seal_for
from broker.base.limits import Limits
from broker.oidc.grants.model import Expiry, Grant, RefreshToken
from broker.oidc.tokens.store import TokenStore

_PLACE, _BODY, _MARK = 43, 86, 22  # characters: grant; grant and chance; our mark


@dataclass(frozen=True)
class RefreshTokens:
    """Makes and recognises refresh tokens.

    A token is the digest of its code, 256 random bits, and a mark that only we can make. So an old
    one still tells its grant and that we made it, and its reuse is noticed without keeping every
    token that ever was; what was only guessed or damaged on its way ends nothing.
    """

    marks: KeyedHash
    tokens: TokenStore
    limits: Limits

    def new(self, code_digest: bytes) -> RefreshToken:
        """Return a new token of that grant."""
        body = base64.urlsafe_b64encode(code_digest).rstrip(b"=").decode() + new_token().reveal()
        return RefreshToken(Secret(body + self._mark(body)), code_digest)

    def read(self, text: str) -> RefreshToken | None:
        """Return the token that we made, whatever became of it, or None."""
        body, mark = text[:_BODY], text[_BODY:]
        if not same(mark, self._mark(body)):
            return None
        return RefreshToken(Secret(text), base64.urlsafe_b64decode(body[:_PLACE] + "="))

    def expiry(self, now: datetime) -> Expiry:
        """Return when a grant that is used now expires unless it is used again.

        In a session, like the session; never before the access token of this use.
        """
        in_session = max(self.limits.session_idle_life, self.limits.access_token_life)
        offline = max(self.limits.offline_token_idle_life, self.limits.access_token_life)
        return Expiry(
            in_session=now + timedelta(seconds=in_session),
            offline=now + timedelta(seconds=offline),
        )

    def ends_at(self, auth_time: datetime, now: datetime, *, offline: bool) -> datetime:
        """Return when a new grant ends for good; never before its first access token does."""
        lives = self.limits
        first = now + timedelta(seconds=lives.authorization_code_life + lives.access_token_life)
        if offline:
            return max(first, now + timedelta(seconds=lives.offline_token_life))
        return max(first, auth_time + timedelta(seconds=lives.session_life))

    def keep_answer(
        self, rotated: RefreshToken, grant: Grant, answer: dict[str, Any], now: datetime
    ) -> None:
        """Keep the answer for a repeated request, so that only the rotated token opens it."""
        sealed = seal_for(rotated.secret, json.dumps(answer))
        ends = now + timedelta(seconds=self.limits.refresh_token_grace_life)
        self.tokens.keep_answer(rotated, grant, sealed, now, ends)

    def answer_again(self, rotated: RefreshToken, now: datetime) -> dict[str, Any] | None:
        """Return the answer that a rotated token got, while it may be repeated."""
        sealed = self.tokens.answer(rotated, now)
        return json.loads(open_by(rotated.secret, sealed)) if sealed else None

    def _mark(self, body: str) -> str:
        return self.marks.text("refresh token", body)[:_MARK]

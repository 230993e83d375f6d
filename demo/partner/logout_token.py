"""Logout tokens that a provider sends (OpenID Connect Back-Channel Logout 1.0, section 2.6)."""

import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from authlib.integrations.flask_client import FlaskOAuth2App
from joserfc import jwt
from joserfc.errors import JoseError

from demo.partner.settings import ProviderSettings
from demo.partner.signed import verified

_TYPE = "logout+jwt"
_EVENT = "http://schemas.openid.net/event/backchannel-logout"
_LEEWAY_SECONDS = 30
_REMEMBERED = 10_000  # tokens: more than arrive while one is valid


class LogoutTokenRefused(Exception):
    """The token ends nothing; the message is the name of the check that failed."""


@dataclass(frozen=True)
class EndedSession:
    """Whose sessions end: one where ``sid`` is named, otherwise all of that person."""

    provider: str
    sub: str | None
    sid: str | None

    def is_of(self, claims: dict[str, Any]) -> bool:
        """Tell whether a session that was opened with these ID Token claims has ended."""
        if self.sid is not None and claims.get("sid") != self.sid:
            return False
        return self.sub is None or claims.get("sub") == self.sub


class SeenTokens:
    """Remembers each ``jti``, so that a copied token ends nothing a second time."""

    def __init__(self) -> None:
        self._seen: OrderedDict[str, None] = OrderedDict()
        self._lock = threading.Lock()

    def require_new(self, jti: str) -> None:
        """Raise LogoutTokenRefused for a token that was used before."""
        with self._lock:
            if jti in self._seen:
                raise LogoutTokenRefused("jti")
            self._seen[jti] = None
            if len(self._seen) > _REMEMBERED:
                self._seen.popitem(last=False)


def read_logout_token(
    client: FlaskOAuth2App, compact: str, settings: ProviderSettings, seen: SeenTokens
) -> EndedSession:
    """Return whose sessions end, or raise LogoutTokenRefused."""
    try:
        token = verified(client, compact, settings.signing_algorithm)
        _registry(settings).validate(token.claims)
    except (JoseError, ValueError) as error:
        raise LogoutTokenRefused(getattr(error, "error", "token")) from error
    claims = token.claims
    # An ID Token, which passes every check so far, is no logout token.
    if str(token.header.get("typ", "")).lower() != _TYPE:
        raise LogoutTokenRefused("typ")
    events = claims.get("events")
    if not isinstance(events, dict) or not isinstance(events.get(_EVENT), dict):
        raise LogoutTokenRefused("events")
    if "nonce" in claims:
        raise LogoutTokenRefused("nonce")
    if "sub" not in claims and "sid" not in claims:
        raise LogoutTokenRefused("sub_and_sid")
    seen.require_new(str(claims["jti"]))
    return EndedSession(settings.name, claims.get("sub"), claims.get("sid"))


def _registry(settings: ProviderSettings) -> jwt.JWTClaimsRegistry:
    return jwt.JWTClaimsRegistry(
        leeway=_LEEWAY_SECONDS,
        iss={"essential": True, "value": settings.issuer},
        aud={"essential": True, "value": settings.client_id},
        iat={"essential": True},
        exp={"essential": True},
        jti={"essential": True},
        events={"essential": True},
    )

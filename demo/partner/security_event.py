"""Security events that a provider pushes (RFC 8935), as tokens of their own kind (RFC 8417)."""

import hmac
import threading
from collections import OrderedDict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from authlib.integrations.flask_client import FlaskOAuth2App
from joserfc.errors import JoseError
from joserfc.jwt import Token

from demo.partner.logout_token import EndedSession
from demo.partner.settings import ProviderSettings
from demo.partner.signed import verified

MEDIA_TYPE = "application/secevent+jwt"
_TYPE = "secevent+jwt"
_ALGORITHM = "RS256"
_LEEWAY_SECONDS = 30
_REMEMBERED = 10_000  # identifiers: more than a provider sends twice
_SHOWN = 20
# After which nobody goes on here under the name that the event is about.
_ENDING = frozenset(
    {
        "session-revoked",
        "sessions-revoked",
        "account-disabled",
        "account-purged",
        "account-credential-change-required",
    }
)


class EventRefused(Exception):
    """The event counts for nothing; ``err`` is the code of RFC 8935 §2.4."""

    def __init__(self, err: str, description: str, status: int = HTTPStatus.BAD_REQUEST) -> None:
        super().__init__(description)
        self.err = err
        self.description = description
        self.status = status


@dataclass(frozen=True)
class SecurityEvent:
    """What happened, and to whom: by the name that this site knows the person by."""

    provider: str
    jti: str
    issued_at: int
    uri: str
    details: dict[str, Any] = field(repr=False)
    sub: str | None
    sid: str | None

    @property
    def name(self) -> str:
        """The last part of the address that names the event."""
        return self.uri.rpartition("/")[2]

    @property
    def ended(self) -> EndedSession | None:
        """Whose sessions end here; None where nobody's do."""
        if self.sub is None or self.name not in _ENDING:
            return None
        return EndedSession(self.provider, self.sub, self.sid)


class ReceivedEvents:
    """Each event once, whatever the provider sends again; the newest are kept to be shown."""

    def __init__(self) -> None:
        self._seen: OrderedDict[str, None] = OrderedDict()
        self._newest: deque[SecurityEvent] = deque(maxlen=_SHOWN)
        self._lock = threading.Lock()

    def add(self, event: SecurityEvent) -> bool:
        """Keep an event; False where it came before."""
        with self._lock:
            if event.jti in self._seen:
                return False
            self._seen[event.jti] = None
            if len(self._seen) > _REMEMBERED:
                self._seen.popitem(last=False)
            self._newest.appendleft(event)
            return True

    def newest(self) -> list[SecurityEvent]:
        """Return what is shown, the newest first."""
        with self._lock:
            return list(self._newest)


def require_sender(settings: ProviderSettings, authorization: str) -> None:
    """Raise EventRefused unless the caller sends the header that was agreed."""
    if not hmac.compare_digest(authorization.encode(), settings.events_authorization.encode()):
        raise EventRefused(
            "authentication_failed", "the Authorization header is wrong", HTTPStatus.UNAUTHORIZED
        )


def read_event(
    client: FlaskOAuth2App, compact: str, settings: ProviderSettings, now: float
) -> SecurityEvent:
    """Return the event of a token, or raise EventRefused."""
    try:
        token = verified(client, compact, _ALGORITHM)
    except JoseError as error:
        raise EventRefused("invalid_key", "the signature cannot be verified") from error
    except ValueError as error:
        raise EventRefused("invalid_request", "it is not a JWT") from error
    _require_kind(token)
    claims = token.claims
    if claims.get("iss") != settings.issuer:
        raise EventRefused("invalid_issuer", "iss is another")
    if claims.get("aud") not in (settings.client_id, [settings.client_id]):
        raise EventRefused("invalid_audience", "aud is another")
    issued_at, jti = claims.get("iat"), claims.get("jti")
    if not isinstance(issued_at, int) or issued_at > now + _LEEWAY_SECONDS:
        raise EventRefused("invalid_request", "iat is missing, or in the future")
    if not isinstance(jti, str) or not jti:
        raise EventRefused("invalid_request", "jti is missing")
    uri, details = _event(claims)
    sub, sid = _subject(claims.get("sub_id"), settings.issuer)
    return SecurityEvent(settings.name, jti, issued_at, uri, details, sub, sid)


def _require_kind(token: Token) -> None:
    """Refuse an ID Token or logout token of the same provider (SSF 1.0 §4.1)."""
    if str(token.header.get("typ", "")).lower() != _TYPE:
        raise EventRefused("invalid_request", "typ is another")
    if {"sub", "exp"} & token.claims.keys():
        raise EventRefused("invalid_request", "sub and exp have no place here")


def _event(claims: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    events = claims.get("events")
    if not isinstance(events, dict) or len(events) != 1:
        raise EventRefused("invalid_request", "events does not hold one event")
    ((uri, details),) = events.items()
    if not isinstance(details, dict):
        raise EventRefused("invalid_request", "the event is no object")
    return uri, details


def _subject(named: object, issuer: str) -> tuple[str | None, str | None]:
    """Return sub and sid (RFC 9493); neither where it names no person as this site does."""
    if not isinstance(named, dict) or not isinstance(named.get("format"), str):
        raise EventRefused("invalid_request", "sub_id is missing")
    if named["format"] == "complex":
        session = named.get("session")
        sid = session.get("id") if isinstance(session, dict) else None
        return _subject(named.get("user"), issuer)[0], sid if isinstance(sid, str) else None
    if named["format"] != "iss_sub":
        return None, None
    if named.get("iss") != issuer or not isinstance(named.get("sub"), str):
        raise EventRefused("invalid_request", "sub_id names nobody of this provider")
    return named["sub"], None

"""Sessions kept in the partner's memory; the browser holds a random identifier only.

Flask's own session would put state, nonce, code_verifier and id_token into the cookie, readable
and soon larger than browsers keep.
"""

import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, cast

from flask import Flask, Request, Response
from flask.sessions import SessionInterface, SessionMixin

COOKIE = "partenaire_exemple"
_CAPACITY = 10_000  # the oldest session leaves when one more arrives


class PartnerSession(dict[str, Any], SessionMixin):
    """What the partner knows of one browser."""

    def __init__(self) -> None:
        super().__init__()
        self.identifier = secrets.token_urlsafe(32)
        self.retired: list[str] = []

    def renew(self) -> None:
        """Take a new identifier, so that one planted before the login is worth nothing."""
        self.retired.append(self.identifier)
        self.identifier = secrets.token_urlsafe(32)


class MemorySessions(SessionInterface):
    """Finds and keeps sessions by the identifier in their cookie."""

    def __init__(self, *, secure: bool) -> None:
        self._attributes: dict[str, Any] = {"httponly": True, "samesite": "Lax", "secure": secure}
        self._kept: OrderedDict[str, PartnerSession] = OrderedDict()
        self._lock = threading.Lock()

    def open_session(self, app: Flask, request: Request) -> PartnerSession:
        """Return the browser's session, or an empty one that is not kept yet."""
        del app
        with self._lock:
            return self._kept.get(request.cookies.get(COOKIE, "")) or PartnerSession()

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Keep the session under its present identifier alone; forget it once it is empty."""
        del app
        current = cast("PartnerSession", session)
        response.vary.add("Cookie")
        with self._lock:
            while current.retired:
                self._kept.pop(current.retired.pop(), None)
            self._keep(current)
        if current:
            response.set_cookie(COOKIE, current.identifier, **self._attributes)
        else:
            response.delete_cookie(COOKIE, **self._attributes)

    def end(self, is_over: Callable[[PartnerSession], bool]) -> int:
        """Forget every session of which that is true; return how many."""
        with self._lock:
            ended = [name for name, session in self._kept.items() if is_over(session)]
            for name in ended:
                self._kept.pop(name).clear()
        return len(ended)

    def _keep(self, session: PartnerSession) -> None:
        if not session:
            self._kept.pop(session.identifier, None)
            return
        self._kept[session.identifier] = session
        if len(self._kept) > _CAPACITY:
            self._kept.popitem(last=False)

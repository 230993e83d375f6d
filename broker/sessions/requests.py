"""Login requests of other services: several at once in one browser, each in its own tab."""

from dataclasses import dataclass
from datetime import timedelta

from broker.base.clock import Clock
from broker.base.crypto import new_token
from broker.base.db import Database
from broker.base.limits import Limits
from broker.sessions.model import LoginExpired, LoginRequest
from broker.sessions.store import SessionStore


@dataclass(frozen=True)
class LoginRequests:
    """Keeps why a login was asked, bound to the browser that was sent here."""

    store: SessionStore
    limits: Limits
    db: Database
    clock: Clock

    def open(self, request: LoginRequest) -> None:
        """Keep a request; then send the person to ``/connexion?demande=<id>``."""
        with self.db.transaction():
            self.store.add_request(request)

    def open_towards(self, page: str, browser: str) -> LoginRequest:
        """Keep that a login is to go on to a page of ours; nobody else waits for it."""
        request = LoginRequest(
            id=new_token().reveal()[:22],
            requester=None,
            client_id=None,
            return_to=page,
            cancel_to=None,
            restart_to=page,
            browser=browser,
            created_at=self.clock(),
        )
        self.open(request)
        return request

    def get(self, request_id: str, browser: str | None) -> LoginRequest:
        """Return the request of this browser; LoginExpired when it has none of that id now."""
        request = self.known(request_id, browser)
        if request is None or self.is_over(request):
            raise LoginExpired(request_id)
        return request

    def known(self, request_id: str | None, browser: str | None) -> LoginRequest | None:
        """Return the request of this browser, expired or not."""
        return self.store.request(request_id, browser) if request_id and browser else None

    def is_over(self, request: LoginRequest) -> bool:
        """Tell whether the request waits no longer."""
        life = timedelta(seconds=self.limits.login_request_life)
        return request.created_at + life <= self.clock()

    def give_up(self, request: LoginRequest) -> None:
        """Note that the person does not log in for that request."""
        with self.db.transaction():
            self.store.end_request(request.id, self.clock())

    def awaited_by_franceconnect(self, browser: str | None) -> bool:
        """Tell whether FranceConnect sent this browser here last, and waits for its answer.

        From there nobody is sent to FranceConnect again: it would wait for itself.
        """
        newest = self.store.newest_request(browser) if browser else None
        return (
            newest is not None
            and newest.from_franceconnect
            and newest.ended_at is None
            and not self.is_over(newest)
        )

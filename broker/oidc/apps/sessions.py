"""Auth sessions (first-party apps draft 04 §5.3.1): the thread through the steps of an app."""

from dataclasses import dataclass, replace
from datetime import timedelta

from broker.audit.log import AuditLog
from broker.base.clock import Clock
from broker.base.context import act_in
from broker.base.crypto import Secret, new_token
from broker.base.db import Database
from broker.clients.model import Client
from broker.oidc.apps.events import AuthSessionRefused
from broker.oidc.apps.model import AuthSession
from broker.oidc.apps.store import AuthSessionStore
from broker.oidc.authorization.needs import NO_SESSION
from broker.oidc.authorization.waiting import Waiting
from broker.oidc.errors import InvalidSession
from broker.oidc.parameters import Parameters
from broker.oidc.requests.intake import Asked
from broker.sessions.model import LoginAttempt

_PSEUDONYM = "app:"


@dataclass(frozen=True)
class AuthSessions:
    """Opens them, and hands each token's one step out once."""

    store: AuthSessionStore
    waiting: Waiting
    audit: AuditLog
    db: Database
    clock: Clock

    def open(self, asked: Asked, proved: str) -> Secret:
        """Keep a request until its person has taken every step; return the first step's token."""
        browser, token = _PSEUDONYM + new_token().reveal()[:22], new_token()
        act_in(browser, asked.client.client_name)
        with self.db.transaction():
            session = AuthSession(
                interaction_id=self.waiting.keep(asked, browser, NO_SESSION),
                browser=browser,
                client_id=asked.client.client_id,
                confirmation=proved,
                expires_at=self.clock() + timedelta(seconds=self.waiting.life),
            )
            self.store.add(session, token)
        return token

    def take(self, token: Secret, client: Client, proved: str) -> tuple[AuthSession, Secret]:
        """Use a token up for its step; return the login that it continues, and the next token.

        InvalidSession where it opens nothing: also to all but one of many who bring it at once.
        """
        successor = new_token()
        with self.db.transaction():
            session = self.store.take(
                token, successor, client_id=client.client_id, proved=proved, now=self.clock()
            )
            if session is None:
                self._record_refusal(token, client, proved)
        if session is None:
            raise InvalidSession(
                "the auth_session is unknown, used, over, or bound to another key"
            )
        act_in(session.browser, client.client_name)
        return session, successor

    def wait_for_code(self, session: AuthSession, attempt: LoginAttempt) -> None:
        """Note that the password was right: from now on the code of this attempt is awaited."""
        with self.db.transaction():
            self.store.wait_for_code(session.interaction_id, attempt.id)

    def naming_its_client(self, form: Parameters) -> Parameters:
        """Return the parameters with the client that their auth_session names (§5.1).

        Which proves nothing: the session is bound to that client, and to a key.
        """
        token = form.get("auth_session")
        if token is None or form.get("client_id") or form.get("client_assertion"):
            return form
        found = self.store.find(Secret(token))
        named = {"client_id": found.client_id} if found else {}
        return replace(form, values={**form.values, **named})

    def _record_refusal(self, token: Secret, client: Client, proved: str) -> None:
        found = self.store.find(token)
        if found is None:
            reason = "unknown_or_used"
        elif found.client_id != client.client_id:
            reason = "client"
        else:
            reason = "key" if found.confirmation != proved else "expired"
        self.audit.record(
            AuthSessionRefused(
                client_id=client.client_id,
                cnf=proved,
                interaction_id=found.interaction_id if found else None,
                reason_code=reason,
            )
        )

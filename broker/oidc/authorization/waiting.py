"""Keeps a request until the person has done what is needed first, in one browser."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from broker.audit.log import AuditLog
from broker.audit.model import Outcome
from broker.base.clock import Clock
from broker.base.crypto import new_token
from broker.base.db import Database
from broker.base.errors import InvalidField
from broker.insured.nir import Nir
from broker.oidc.authorization.needs import Need
from broker.oidc.requests.events import AuthorizationRequested
from broker.oidc.requests.intake import Asked
from broker.oidc.requests.model import Interaction
from broker.oidc.requests.store import RequestStore
from broker.sessions.model import LoginRequest
from broker.sessions.requests import LoginRequests

RESUME = "/authorize/suite"
CANCEL = "/authorize/annulation"
RESTART = "/authorize/reprise"


@dataclass(frozen=True)
class Waiting:
    """Opens the interaction of a request, and the login request of the same id."""

    requests: RequestStore
    login_requests: LoginRequests
    audit: AuditLog
    db: Database
    clock: Clock
    life: int
    """Seconds during which a request waits."""

    def keep(self, asked: Asked, browser: str, need: Need) -> str:
        """Keep the request; return the id under which it waits."""
        now, client, interaction_id = self.clock(), asked.client, new_token().reveal()[:22]
        interaction = Interaction(
            id=interaction_id,
            client_id=client.client_id,
            values=dict(asked.request.values),
            pushed=asked.pushed,
            expires_at=now + timedelta(seconds=self.life),
        )
        with self.db.transaction():
            self.requests.wait(interaction, browser)
            self.login_requests.open(_login_request(asked, interaction_id, browser, now))
            self.audit.record(
                AuthorizationRequested(
                    client_id=client.client_id,
                    scopes=asked.request.known_scopes,
                    txn=asked.txn,
                    interaction_id=interaction_id,
                    outcome=Outcome.ATTEMPT,
                    reason_code=f"{need.page}:{need.reason}",
                )
            )
        return interaction_id


def _login_request(asked: Asked, interaction_id: str, browser: str, now: datetime) -> LoginRequest:
    client = asked.client
    return LoginRequest(
        id=interaction_id,
        requester=client.client_name,
        client_id=client.client_id,
        return_to=f"{RESUME}?demande={interaction_id}",
        cancel_to=f"{CANCEL}?demande={interaction_id}",
        restart_to=f"{RESTART}?demande={interaction_id}",
        code=client.code,
        from_franceconnect=client.from_franceconnect,
        offers_franceconnect=not client.from_franceconnect,
        login_hint=_number(asked.request.values.get("login_hint")),
        browser=browser,
        created_at=now,
    )


def _number(hint: str | None) -> str | None:
    """Return a login_hint that can be typed into the login form; any other is dropped."""
    try:
        return Nir.parse(hint).value if hint else None
    except InvalidField:
        return None

"""What people agreed that a partner reads of them: remembered, asked again for more, withdrawn."""

from collections.abc import Iterable
from dataclasses import dataclass

from broker.audit.log import AuditLog
from broker.base.clock import Clock
from broker.base.crypto import fingerprint
from broker.base.db import Database
from broker.clients.directory import Clients
from broker.clients.model import Client
from broker.clients.scopes import OFFLINE
from broker.oidc.claims.readable import data_of, lines
from broker.oidc.consents.events import ConsentGiven, ConsentWithdrawn
from broker.oidc.consents.model import AuthorizedService, Consent
from broker.oidc.consents.store import ConsentStore
from broker.oidc.grants.families import Families
from broker.oidc.logout.notices import LogoutNotices
from broker.oidc.requests.intake import Asked
from broker.sessions.model import Session

VERSION = "2026-11"
"""Of the wording of the information page: everybody reads a new one once."""


@dataclass(frozen=True)
class Consents:
    """Keeps what each person has read and agreed to, partner by partner."""

    store: ConsentStore
    families: Families
    notices: LogoutNotices
    clients: Clients
    audit: AuditLog
    db: Database
    clock: Clock

    def covers(self, account_id: str, client: Client, data: Iterable[str]) -> bool:
        """Tell whether the person agreed to all of it, as it is worded now."""
        return _covers(self.store.of(account_id, client.client_id), data)

    def hold(self, asked: Asked, session: Session) -> bool:
        """Keep session and consent from ending before the transaction does; False: one has ended.

        What is given to them is thus given before their end, and ends with it.
        """
        known = self.store.hold_in_session(session.sid, asked.client.client_id)
        return _covers(known, data_of(asked.request, asked.client))

    def give(self, asked: Asked, session: Session) -> None:
        """Remember the person's yes to a request; belongs in the transaction of its code."""
        client_id, data = asked.client.client_id, data_of(asked.request, asked.client)
        known = self.store.hold(session.account_id, client_id)
        before = known.data if known and known.version == VERSION else frozenset()
        consent = Consent(
            client_id=client_id, data=before.union(data), version=VERSION, given_at=self.clock()
        )
        self.store.keep(session.account_id, consent)
        self.audit.record(
            ConsentGiven(
                client_id=client_id,
                data=data,
                subject=session.account_id,
                auth_event_id=session.auth_event_id,
                session_ref=session.sid,
                interaction_id=asked.interaction_id,
            )
        )

    def authorized(self, account_id: str) -> tuple[AuthorizedService, ...]:
        """Return the partners that the person agreed to, the newest first."""
        found = ((c, self.clients.registered(c.client_id)) for c in self.store.every(account_id))
        return tuple(
            AuthorizedService(client, _readable(client, consent.data), consent.given_at)
            for consent, client in found
            if client is not None
        )

    def withdraw(self, account_id: str, client_id: str) -> None:
        """End the sharing: what the partner holds of this person is worth nothing from now on."""
        with self.db.transaction():
            if not self.store.remove(account_id, client_id):
                return
            self.families.end_of_client(account_id, client_id, "consent_revoked")
            # Now nobody is just redeeming a code any more: every session of the partner is known.
            self.notices.of_partner(account_id, client_id, "consent_revoked")
            self.audit.record(ConsentWithdrawn(client_id=client_id, subject=account_id))


def _covers(known: Consent | None, data: Iterable[str]) -> bool:
    return known is not None and known.version == VERSION and known.data.issuperset(data)


def seen(asked: Asked, session: Session) -> str:
    """Name what the page shows, to whom: an answer to another page counts for nothing."""
    shown = (session.auth_event_id, VERSION, *data_of(asked.request, asked.client))
    return fingerprint(" ".join(shown)).hex()[:32]


def _readable(client: Client, data: frozenset[str]) -> tuple[str, ...]:
    """Return the lines in the steady order of the client's claims."""
    return lines(name for name in (*client.claims, OFFLINE) if name in data)

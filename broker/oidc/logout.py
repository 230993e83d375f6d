"""RP-initiated logout: is it our token, is it their address, is it this person."""

from dataclasses import dataclass, field

from broker.audit.log import AuditLog
from broker.base.db import Database
from broker.clients.directory import Clients
from broker.clients.model import Client, UnknownClient
from broker.oidc.errors import LogoutRequestRefused
from broker.oidc.events import LogoutRequested
from broker.oidc.id_token import Hint, IdTokens
from broker.oidc.parameters import Parameters
from broker.oidc.response import with_query
from broker.oidc.signed import Untrusted
from broker.oidc.subjects import Subjects
from broker.sessions.model import Session
from broker.sessions.sessions import Sessions

PARAMETERS = ("id_token_hint", "client_id", "post_logout_redirect_uri", "state")


@dataclass(frozen=True)
class LogoutConfirmation:
    """The person must say whether they want that: nobody proved who asks."""

    client: Client | None
    fields: dict[str, str] = field(repr=False)


@dataclass(frozen=True)
class LoggedOut:
    """The session is over; ``location`` is where the partner wants the person to go."""

    client: Client | None
    location: str | None


@dataclass(frozen=True)
class Logout:
    """Ends sessions at a partner's request (OpenID Connect RP-Initiated Logout 1.0)."""

    clients: Clients
    sessions: Sessions
    subjects: Subjects
    id_tokens: IdTokens
    audit: AuditLog
    db: Database

    def ask(
        self, parameters: Parameters, session: Session | None
    ) -> LoggedOut | LogoutConfirmation:
        """Log out at once where the hint is about this session, else ask the person.

        Raises LogoutRequestRefused for a hint that is not ours or an unregistered address.
        """
        hint, client = self._judged(parameters)
        if session is None or (hint and client and self._is_about(hint, client, session)):
            return self._ended(parameters, client, session)
        given = {name: parameters.get(name) for name in PARAMETERS}
        return LogoutConfirmation(client, {n: v for n, v in given.items() if v is not None})

    def confirm(self, parameters: Parameters, session: Session | None) -> LoggedOut:
        """Log out: the person said so."""
        _, client = self._judged(parameters)
        return self._ended(parameters, client, session)

    def _judged(self, parameters: Parameters) -> tuple[Hint | None, Client | None]:
        """Return the hint and the client that it, or client_id, names (§2 and §3)."""
        if parameters.repeated & set(PARAMETERS):
            raise LogoutRequestRefused
        client_id, text = parameters.get("client_id"), parameters.get("id_token_hint")
        hint = None
        try:
            hint = self.id_tokens.recognise(text) if text is not None else None
            if hint is not None and client_id not in {None, hint.client_id}:
                raise LogoutRequestRefused
            named = hint.client_id if hint else client_id
            client = self.clients.get(named) if named is not None else None
        except (Untrusted, UnknownClient):
            raise LogoutRequestRefused from None
        address = parameters.get("post_logout_redirect_uri")
        if client and address and address not in client.post_logout_redirect_uris:
            raise LogoutRequestRefused
        return hint, client

    def _is_about(self, hint: Hint, client: Client, session: Session) -> bool:
        return self.subjects.sub(client, session.account_id) == hint.sub

    def _ended(
        self, parameters: Parameters, client: Client | None, session: Session | None
    ) -> LoggedOut:
        if session is not None:
            with self.db.transaction():
                self.audit.record(
                    LogoutRequested(
                        client_id=client.client_id if client else None,
                        subject=session.account_id,
                        auth_event_id=session.auth_event_id,
                        session_ref=session.sid,
                    )
                )
                self.sessions.end(session, "logout")
        address, state = parameters.get("post_logout_redirect_uri"), parameters.get("state")
        if client is None or address is None:
            return LoggedOut(client, None)
        return LoggedOut(client, with_query(address, {"state": state} if state else {}))

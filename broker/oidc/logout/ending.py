"""Logout, here or asked by a partner: our session first, then whoever takes part in it."""

from dataclasses import dataclass, field

from broker.audit.log import AuditLog
from broker.base.db import Database
from broker.clients.directory import Clients
from broker.clients.model import Client, UnknownClient
from broker.franceconnect.relying_party import FranceConnect
from broker.oidc.addresses import END_SESSION, with_query
from broker.oidc.claims.subjects import Subjects
from broker.oidc.errors import LogoutRequestRefused
from broker.oidc.logout.events import LogoutRequested
from broker.oidc.logout.store import LogoutStore
from broker.oidc.parameters import Parameters
from broker.oidc.signed import Untrusted
from broker.oidc.tokens.identity import Hint, IdTokens
from broker.sessions.model import Session
from broker.sessions.sessions import Sessions

LOGGED_OUT = "/deconnecte"
PARAMETERS = ("id_token_hint", "client_id", "post_logout_redirect_uri", "state")


@dataclass(frozen=True)
class LogoutConfirmation:
    """The person must say whether they want that: nobody proved who asks."""

    client: Client | None
    fields: dict[str, str] = field(repr=False)


@dataclass(frozen=True)
class LoggedOut:
    """The session is over.

    ``location`` is where the partner wants the person to go; ``frames`` are pages of partners
    that end their own sessions when they are opened (front-channel logout §2); ``upstream`` is
    where FranceConnect's session ends, from where the person comes back to go to ``location``.
    """

    client: Client | None
    location: str | None
    frames: tuple[str, ...] = ()
    upstream: str | None = None


@dataclass(frozen=True)
class Logout:
    """Ends sessions (OpenID Connect RP-Initiated Logout 1.0)."""

    clients: Clients
    sessions: Sessions
    franceconnect: FranceConnect
    participants: LogoutStore
    subjects: Subjects
    id_tokens: IdTokens
    audit: AuditLog
    db: Database
    issuer: str

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
        require_single(parameters)
        client_id, hint = parameters.get("client_id"), self._hint(parameters)
        named = hint.client_id if hint else client_id
        client = self._named(named) if named is not None else None
        if hint is not None and client_id not in {None, hint.client_id}:
            raise LogoutRequestRefused(client)
        address = parameters.get("post_logout_redirect_uri")
        if client and address and address not in client.post_logout_redirect_uris:
            raise LogoutRequestRefused(client)
        return hint, client

    def _hint(self, parameters: Parameters) -> Hint | None:
        text = parameters.get("id_token_hint")
        try:
            return self.id_tokens.recognise(text) if text is not None else None
        except Untrusted:
            raise LogoutRequestRefused from None

    def _named(self, client_id: str) -> Client:
        try:
            return self.clients.get(client_id)
        except UnknownClient as refusal:
            raise LogoutRequestRefused(getattr(refusal, "client", None)) from None

    def _is_about(self, hint: Hint, client: Client, session: Session) -> bool:
        return self.subjects.sub(client, session.account_id) == hint.sub

    def leave(self, session: Session | None) -> LoggedOut:
        """Log out at the person's own wish."""
        if session is None:
            return LoggedOut(None, None)
        self.sessions.end(session, "logout")
        return LoggedOut(None, None, self._frames(session), self._upstream(session, LOGGED_OUT))

    def _ended(
        self, parameters: Parameters, client: Client | None, session: Session | None
    ) -> LoggedOut:
        location = _way_back(parameters, client)
        if session is None:
            return LoggedOut(client, location)
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
        back = _once_more(parameters, client) if client and location else LOGGED_OUT
        return LoggedOut(client, location, self._frames(session), self._upstream(session, back))

    def _frames(self, session: Session) -> tuple[str, ...]:
        """Return the addresses to open, with ``iss`` and ``sid`` (front-channel logout §3).

        Asked when the session is over: nobody takes part in it from then on.
        """
        found = self.participants.of(session.account_id, session.sid)
        partners = (self.clients.registered(client_id) for client_id in found)
        return tuple(
            with_query(partner.frontchannel_logout_uri, self._told(partner, session))
            for partner in partners
            if partner is not None and partner.frontchannel_logout_uri is not None
        )

    def _told(self, partner: Client, session: Session) -> dict[str, str]:
        return {"iss": self.issuer, "sid": self.subjects.sid(partner, session.sid)}

    def _upstream(self, session: Session, return_to: str) -> str | None:
        """Return where the session of a login by FranceConnect ends there.

        Ours is over, whatever happens there. After another login, the last page offers it.
        """
        if "fc" not in session.amr:
            return None
        return self.franceconnect.logout_url(browser=session.browser, return_to=return_to)


def require_single(parameters: Parameters) -> None:
    """Refuse a parameter of ours that came twice: readers could differ on which value counts."""
    if parameters.repeated & set(PARAMETERS):
        raise LogoutRequestRefused


def _way_back(parameters: Parameters, client: Client | None) -> str | None:
    address, state = parameters.get("post_logout_redirect_uri"), parameters.get("state")
    if client is None or address is None:
        return None
    return with_query(address, {"state": state} if state else {})


def _once_more(parameters: Parameters, client: Client) -> str:
    """Return the same request as a local path: with the session over, it leads to the partner."""
    names = ("post_logout_redirect_uri", "state")
    given = {name: parameters.get(name) for name in names}
    asked = {name: value for name, value in given.items() if value is not None}
    return with_query(END_SESSION, {"client_id": client.client_id, **asked})

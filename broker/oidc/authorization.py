"""The authorization endpoint: from a partner's request to a code, through a login where needed."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from broker.audit.log import AuditLog
from broker.audit.model import Outcome
from broker.base.clock import Clock
from broker.base.crypto import new_token
from broker.base.db import Database
from broker.clients.directory import Clients
from broker.clients.model import Client
from broker.oidc.assurance import required_rank
from broker.oidc.checks import check
from broker.oidc.errors import (
    AccessDenied,
    InvalidRequest,
    LoginRequired,
    OAuthError,
    RequestExpired,
    UnmetAuthenticationRequirements,
    UnregisteredRedirectURI,
)
from broker.oidc.events import AuthorizationRefusedByPerson, AuthorizationRequested
from broker.oidc.id_token import IdTokens
from broker.oidc.issuance import AuthorizationCodes
from broker.oidc.login_need import Situation, reason_to_log_in
from broker.oidc.model import Interaction
from broker.oidc.par import REQUEST_URI, PushedRequests
from broker.oidc.parameters import Parameters
from broker.oidc.request import AuthorizationRequest
from broker.oidc.response import AuthorizationResponse, LoginNeeded
from broker.oidc.signed import Untrusted
from broker.oidc.store import RequestStore
from broker.oidc.subjects import Subjects
from broker.sessions.model import LoginRequest, Session
from broker.sessions.requests import LoginRequests

RESUME = "/authorize/suite"
CANCEL = "/authorize/annulation"
_ENCRYPTED_HINT = "encrypted: send the signed ID Token that is inside"


@dataclass(frozen=True)
class _Asked:
    """A request of a known client for a registered address: it may be answered by a redirect."""

    request: AuthorizationRequest
    client: Client
    interaction_id: str | None = None
    pushed: bytes | None = None


@dataclass(frozen=True)
class Authorization:
    """Answers authorization requests (OpenID Connect Core §3.1.2)."""

    clients: Clients
    codes: AuthorizationCodes
    pushed_requests: PushedRequests
    requests: RequestStore
    login_requests: LoginRequests
    subjects: Subjects
    id_tokens: IdTokens
    audit: AuditLog
    db: Database
    clock: Clock
    issuer: str
    highest_acr: str
    """The strongest level that any login here can reach."""
    interaction_life: int
    """Seconds during which a request waits for the login."""

    def answer(
        self, parameters: Parameters, session: Session | None, browser: str
    ) -> AuthorizationResponse | LoginNeeded:
        """Answer a request, or keep it until the person has logged in.

        Raises a Refusal for a page where nobody may be redirected.
        """
        asked = self._asked(parameters)
        return self._answered(asked, lambda: self._judge(asked, session, browser))

    def accept_post(self, parameters: Parameters) -> AuthorizationResponse | str:
        """Keep a request that came by POST; return the query of the GET that goes on with it.

        A form on the partner's site brings none of our SameSite cookies: the GET does. What was
        pushed keeps its own request_uri: a copy would live anew and be used a second time.
        """
        asked = self._asked(parameters)
        if asked.pushed is not None:
            return parameters.need("request_uri")
        try:
            check(asked.request, asked.client)
        except OAuthError as error:
            return self._refused(asked, error)
        with self.db.transaction():
            return self.pushed_requests.keep(asked.client, asked.request)

    def resume(
        self, interaction_id: str, session: Session | None, browser: str | None
    ) -> AuthorizationResponse | LoginNeeded:
        """Answer a request that waited for a login; RequestExpired where it no longer does."""
        asked = self._waiting(interaction_id, browser)
        return self._answered(asked, lambda: self._judge_again(asked, session))

    def cancel(self, interaction_id: str, browser: str | None) -> AuthorizationResponse:
        """Tell the partner that the person gave up (RFC 6749 §4.1.2.1, access_denied)."""
        asked = self._waiting(interaction_id, browser)
        with self.db.transaction():
            if not self.requests.finish(interaction_id, self.clock()):
                raise RequestExpired(asked.client.client_id)
            self.audit.record(
                AuthorizationRefusedByPerson(
                    client_id=asked.client.client_id, interaction_id=interaction_id
                )
            )
        return self._error(asked, AccessDenied("the person gave up"))

    def _answered(
        self, asked: _Asked, judge: Callable[[], AuthorizationResponse | LoginNeeded]
    ) -> AuthorizationResponse | LoginNeeded:
        try:
            return judge()
        except OAuthError as error:
            return self._refused(asked, error)

    def _judge(
        self, asked: _Asked, session: Session | None, browser: str
    ) -> AuthorizationResponse | LoginNeeded:
        check(asked.request, asked.client)
        reason, sub = self._login_need(asked, session)
        if session is not None and reason is None:
            return self.codes.issue(asked.request, asked.client, session, sub, asked.pushed)
        if "none" in asked.request.prompts:
            raise LoginRequired("the person has to log in")
        return self._wait_for_login(asked, browser, str(reason))

    def _judge_again(
        self, asked: _Asked, session: Session | None
    ) -> AuthorizationResponse | LoginNeeded:
        interaction_id = str(asked.interaction_id)
        reason, sub = self._login_need(asked, session)
        if session is not None and reason is None:
            return self.codes.issue(
                asked.request, asked.client, session, sub, asked.pushed, interaction_id
            )
        if session is None or session.login_request_id != interaction_id:
            return LoginNeeded(interaction_id)
        with self.db.transaction():
            self.requests.finish(interaction_id, self.clock())
        if reason == "too_weak":
            raise UnmetAuthenticationRequirements("the login did not reach the acr asked")
        raise LoginRequired("the login does not answer the request")

    def _login_need(self, asked: _Asked, session: Session | None) -> tuple[str | None, str]:
        """Return why a login is needed (or None), and the person's sub for this client."""
        required = required_rank(asked.request, asked.client, self.highest_acr)
        expected = self._expected_sub(asked)
        if session is None:
            return "no_session", ""
        sub = self.subjects.sub(asked.client, session.account_id)
        situation = Situation(
            request=asked.request,
            client=asked.client,
            session=session,
            now=self.clock(),
            required_rank=required,
            expected_sub=expected,
            sub=sub,
            interaction_id=asked.interaction_id,
        )
        return reason_to_log_in(situation), sub

    def _expected_sub(self, asked: _Asked) -> str | None:
        """Return whom the request is about, when it says so."""
        hint = asked.request.values.get("id_token_hint")
        if hint is None:
            return asked.request.claims.sub
        try:
            recognised = self.id_tokens.recognise(hint)
        except Untrusted as untrusted:
            flaw = "not an ID Token of ours" if str(untrusted) != "encrypted" else _ENCRYPTED_HINT
            raise InvalidRequest(f"id_token_hint is {flaw}") from None
        if recognised.client_id != asked.client.client_id:
            raise InvalidRequest("id_token_hint is another client's")
        return recognised.sub

    def _wait_for_login(self, asked: _Asked, browser: str, reason: str) -> LoginNeeded:
        now, client, interaction_id = self.clock(), asked.client, new_token().reveal()[:22]
        interaction = Interaction(
            id=interaction_id,
            client_id=client.client_id,
            values=dict(asked.request.values),
            pushed=asked.pushed,
            expires_at=now + timedelta(seconds=self.interaction_life),
        )
        with self.db.transaction():
            self.requests.wait(interaction, browser)
            self.login_requests.open(_login_request(asked, interaction_id, browser, now))
            self.audit.record(
                AuthorizationRequested(
                    client_id=client.client_id,
                    scopes=asked.request.known_scopes,
                    interaction_id=interaction_id,
                    outcome=Outcome.ATTEMPT,
                    reason_code=f"login:{reason}",
                )
            )
        return LoginNeeded(interaction_id)

    def _asked(self, parameters: Parameters) -> _Asked:
        """Find the client and the request; everything refused here is said on a page.

        The registered address is checked before anything else (RFC 9700 §4.11.2).
        """
        client_id = parameters.get("client_id")
        if client_id is None or "client_id" in parameters.repeated:
            raise InvalidRequest("client_id is required, once")
        client = self.clients.get(client_id)
        asked = self._pushed(parameters, client)
        if asked is None:
            asked = _Asked(AuthorizationRequest.of(parameters, self.clock()), client)
        if "redirect_uri" in asked.request.repeated:
            raise UnregisteredRedirectURI
        if not client.may_return_to(asked.request.redirect_uri):
            raise UnregisteredRedirectURI
        return asked

    def _pushed(self, parameters: Parameters, client: Client) -> _Asked | None:
        """Return the pushed request; what stands beside it in the URL is ignored (RFC 9101 §5)."""
        request_uri = parameters.get("request_uri")
        if request_uri is None or not request_uri.startswith(REQUEST_URI):
            return None
        pushed = self.requests.pushed(request_uri, client.client_id, self.clock())
        if pushed is None:
            raise RequestExpired(client.client_id)
        request = AuthorizationRequest.of(Parameters(pushed.values), self.clock())
        return _Asked(replace(request, pushed=True), client, pushed=pushed.digest)

    def _waiting(self, interaction_id: str, browser: str | None) -> _Asked:
        waiting = self.requests.waiting(interaction_id, browser)
        if waiting is None:
            raise RequestExpired
        client = self.clients.get(waiting.client_id)
        if waiting.finished or waiting.expires_at <= self.clock():
            raise RequestExpired(client.client_id)
        request = AuthorizationRequest.of(Parameters(waiting.values), self.clock())
        return _Asked(request, client, interaction_id, waiting.pushed)

    def _refused(self, asked: _Asked, error: OAuthError) -> AuthorizationResponse:
        self.audit.record(
            AuthorizationRequested(
                client_id=asked.client.client_id,
                interaction_id=asked.interaction_id,
                outcome=Outcome.FAILURE,
                reason_code=error.error,
            )
        )
        return self._error(asked, error)

    def _error(self, asked: _Asked, error: OAuthError) -> AuthorizationResponse:
        request = asked.request
        fields = {"error": error.error, "error_description": error.description}
        if request.state is not None:
            fields["state"] = request.state
        fields["iss"] = self.issuer
        mode = "form_post" if request.response_mode == "form_post" else "query"
        return AuthorizationResponse(asked.client, request.redirect_uri, mode, fields)


def _login_request(
    asked: _Asked, interaction_id: str, browser: str, now: datetime
) -> LoginRequest:
    client = asked.client
    return LoginRequest(
        id=interaction_id,
        requester=client.client_name,
        client_id=client.client_id,
        return_to=f"{RESUME}?demande={interaction_id}",
        cancel_to=f"{CANCEL}?demande={interaction_id}",
        code=client.code,
        from_franceconnect=client.from_franceconnect,
        offers_franceconnect=not client.from_franceconnect,
        login_hint=asked.request.values.get("login_hint"),
        browser=browser,
        created_at=now,
    )

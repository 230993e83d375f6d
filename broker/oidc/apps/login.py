"""Logins on the screens of our own apps, without a browser: draft-ietf-oauth-first-party-apps-04.

Password, e-mailed code, session, consent and authorization code are those of the pages: only
where the questions are asked is another place.
"""

from dataclasses import dataclass, replace

from broker.accounts.accounts import Accounts
from broker.audit.log import AuditLog
from broker.audit.model import Outcome
from broker.base.clock import Clock
from broker.base.crypto import Secret, fingerprint
from broker.base.db import Database
from broker.base.errors import Throttled
from broker.base.forms import Form, FormRefused
from broker.base.limits import Limits
from broker.clients.model import Client
from broker.oidc.apps.sessions import AuthSessions
from broker.oidc.apps.steps import Act, Step, Turn, act_of, following
from broker.oidc.authorization.endpoint import Authorization
from broker.oidc.errors import (
    InsufficientAuthorization,
    InvalidRequest,
    InvalidSession,
    LoginRequired,
    OAuthError,
    RedirectToWeb,
    RequestExpired,
    UnauthorizedClient,
    UnregisteredRedirectURI,
)
from broker.oidc.parameters import Parameters
from broker.oidc.proofs.dpop_jwt import Shown
from broker.oidc.requests.as_sent import AuthorizationRequest
from broker.oidc.requests.checks import CHECKS_WITHOUT_BROWSER, check
from broker.oidc.requests.events import AuthorizationRequested
from broker.oidc.requests.intake import Asked
from broker.oidc.requests.model import request_ref
from broker.oidc.requests.par import PushedRequests
from broker.otp.model import ChallengeUnknown, CodeRefused
from broker.sessions.login import Login
from broker.sessions.model import LoginAttempt, LoginExpired, LoginRefused, Session
from broker.sessions.opening import LoggedIn
from broker.sessions.requests import LoginRequests
from broker.sessions.sessions import Sessions

_ONLY_ON_PAGES = frozenset({"create", "consent"})


@dataclass(frozen=True)
class FirstPartyLogin:
    """The authorization challenge endpoint: a request, password, code; an authorization code."""

    pages: Authorization
    """What answers requests in a browser: it judges them here too."""
    pushed_requests: PushedRequests
    auth_sessions: AuthSessions
    login: Login
    login_requests: LoginRequests
    accounts: Accounts
    sessions: Sessions
    limits: Limits
    audit: AuditLog
    db: Database
    clock: Clock

    def answer(self, form: Parameters, authorization: str | None, shown: Shown) -> str:
        """Return the authorization code, once nothing is missing; raise what is (§5.2.2)."""
        form.require_single()
        named = self.auth_sessions.naming_its_client(form)
        client = self.pushed_requests.authentication.authenticate(named, authorization)
        if not client.first_party:
            raise UnauthorizedClient("this client is no first-party app")
        proved = self.pushed_requests.dpop.require(shown, client)
        token = form.get("auth_session")
        if token is None:
            raise self._begun(client, form, proved)
        act = act_of(form)  # before the token is used up
        session, successor = self.auth_sessions.take(Secret(token), client, proved)
        try:
            return self._taken(act, Turn(session, successor, Form(form.values)))
        except (LoginExpired, ChallengeUnknown, RequestExpired):
            raise InvalidSession("the login is over: begin again") from None

    def _begun(self, client: Client, form: Parameters, proved: str) -> OAuthError:
        """Keep a request that an app can answer; return what its person does first."""
        request = AuthorizationRequest.of(form, self.clock()).bound_to(proved)
        asked = Asked(replace(request, pushed=True), client)  # from the client itself, as at /par
        try:
            check(asked.request, client, CHECKS_WITHOUT_BROWSER)
        except UnregisteredRedirectURI:
            raise InvalidRequest("redirect_uri is not registered") from None
        self.pages.resources.require_known(request.resources, client)
        self.pages.needs.of(asked, None)
        if "none" in request.prompts:
            raise LoginRequired("the person has to log in")
        if request.prompts & _ONLY_ON_PAGES or self.pages.needs.exceeds_password(asked):
            with self.db.transaction():
                to_web = self._to_web(asked)
                self._record(asked, to_web)
            return to_web
        token = self.auth_sessions.open(asked, proved)
        return InsufficientAuthorization(following(Step.PASSWORD, token))

    def _taken(self, act: Act, turn: Turn) -> str:
        if act is Act.PASSWORD:
            return self._password(turn)
        if turn.session.attempt_id is None:
            raise turn.needs(Step.PASSWORD)
        attempt, _ = self.login.attempt(turn.session.attempt_id, turn.session.browser)
        if act is Act.CODE:
            return self._code(turn, attempt)
        try:
            self.login.resend(attempt)
        except Throttled as throttled:
            raise turn.waits(Step.CODE, throttled) from None
        raise self._code_awaited(turn, attempt)

    def _password(self, turn: Turn) -> str:
        auth = turn.session
        request = self.login_requests.get(auth.interaction_id, auth.browser)
        try:
            nir, password = turn.credentials()
            step = self.login.password(nir, password, turn.presence, request)
        except FormRefused:
            raise turn.needs(Step.PASSWORD) from None
        except LoginRefused:
            turn.form.refuse("nir", "login.wrong")
            raise turn.needs(Step.PASSWORD) from None
        except Throttled as throttled:
            raise turn.waits(Step.PASSWORD, throttled) from None
        if isinstance(step, LoggedIn):
            return self._authorized(turn, step.session)
        self.auth_sessions.wait_for_code(auth, step.attempt)
        raise self._code_awaited(turn, step.attempt)

    def _code(self, turn: Turn, attempt: LoginAttempt) -> str:
        auth = turn.session
        request = self.login_requests.get(auth.interaction_id, auth.browser)
        try:
            opened = self.login.code(attempt, turn.code(), request, remember=False)
        except FormRefused:
            raise self._code_awaited(turn, attempt) from None
        except CodeRefused as refusal:
            turn.form.refuse("code", refusal.message)
            raise self._code_awaited(turn, attempt) from None
        except Throttled as throttled:
            raise turn.waits(Step.CODE, throttled) from None
        return self._authorized(turn, opened.session)

    def _code_awaited(self, turn: Turn, attempt: LoginAttempt) -> InsufficientAuthorization:
        _, challenge = self.login.attempt(attempt.id, attempt.browser)
        return turn.needs(
            Step.CODE,
            masked_email=self.accounts.get(attempt.account_id).masked_email,
            tries_left=challenge.tries_left(self.limits.code_tries),
        )

    def _authorized(self, turn: Turn, session: Session) -> str:
        """Return the code; or end the session, which nobody could use, and say what is missing."""
        try:
            asked = self.pages.intake.in_app(turn.session.interaction_id, turn.session.browser)
        except RequestExpired:  # the hour ended while this step was taken
            self.sessions.end(session, "unused")
            raise
        try:
            need = self.pages.needs.of(asked, session)
            if need is None:
                return self.pages.codes.issue(asked, session).fields["code"]
            raise need.dead_end() if need.is_login else self._to_web(asked)
        except OAuthError as error:
            with self.db.transaction():
                self.pages.requests.finish(turn.session.interaction_id, self.clock())
                self.sessions.end(session, "unused")
                self._record(asked, error)
            raise

    def _to_web(self, asked: Asked) -> RedirectToWeb:
        """Return the answer that leads to our pages, with the request for them where it can be.

        Its code_challenge is there: it was checked (§5.2.2.1.1).
        """
        pushed: dict[str, object] = {}
        if asked.request.redirect_uri:
            with self.db.transaction():
                request_uri = self.pushed_requests.keep(asked.client, asked.request)
            pushed = {"request_uri": request_uri, "expires_in": self.pushed_requests.life}
        return RedirectToWeb("the person goes on in a browser", **pushed)

    def _record(self, asked: Asked, error: OAuthError) -> None:
        on_pages = error.more.get("request_uri")  # by which the request goes on there
        self.audit.record(
            AuthorizationRequested(
                client_id=asked.client.client_id,
                scopes=asked.request.known_scopes,
                txn=request_ref(fingerprint(str(on_pages))) if on_pages else None,
                interaction_id=asked.interaction_id,
                outcome=Outcome.FAILURE,
                reason_code=error.error,
            )
        )

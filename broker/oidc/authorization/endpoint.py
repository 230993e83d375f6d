"""The authorization endpoint: from a partner's request to a code, through what is needed first."""

from collections.abc import Callable
from dataclasses import dataclass

from broker.audit.log import AuditLog
from broker.audit.model import Outcome
from broker.base.clock import Clock
from broker.base.db import Database
from broker.clients.model import Client
from broker.oidc.authorization.issuance import AuthorizationCodes
from broker.oidc.authorization.needs import NO_SESSION, Need, Needs
from broker.oidc.authorization.response import (
    AuthorizationResponse,
    CreationNeeded,
    Information,
    LoginNeeded,
    Pending,
)
from broker.oidc.authorization.waiting import Waiting
from broker.oidc.claims.person import Claims
from broker.oidc.claims.readable import data_of, lines
from broker.oidc.consents.agreements import seen
from broker.oidc.consents.events import AuthorizationRefusedByPerson
from broker.oidc.errors import AccessDenied, OAuthError, RequestExpired, UnregisteredRedirectURI
from broker.oidc.parameters import Parameters
from broker.oidc.requests.checks import check
from broker.oidc.requests.events import AuthorizationRequested
from broker.oidc.requests.indicators import Resources
from broker.oidc.requests.intake import Asked, Intake
from broker.oidc.requests.par import PushedRequests
from broker.oidc.requests.store import RequestStore
from broker.sessions.model import Session

Answer = AuthorizationResponse | LoginNeeded | CreationNeeded | Pending


@dataclass(frozen=True)
class Authorization:
    """Answers authorization requests (OpenID Connect Core §3.1.2)."""

    intake: Intake
    needs: Needs
    waiting: Waiting
    codes: AuthorizationCodes
    pushed_requests: PushedRequests
    requests: RequestStore
    resources: Resources
    claims: Claims
    audit: AuditLog
    db: Database
    clock: Clock
    issuer: str

    def answer(self, parameters: Parameters, session: Session | None, browser: str) -> Answer:
        """Answer a request, or keep it until the person has done what is needed first.

        Raises a Refusal for a page where nobody may be redirected.
        """
        asked = self._asked(parameters)
        return self._answered(asked, lambda: self._judge(asked, session, browser))

    def accept_post(self, parameters: Parameters) -> AuthorizationResponse | str:
        """Keep a request that came by POST; return the request_uri of the GET that goes on.

        A form on the partner's site brings none of our SameSite cookies: the GET does. What was
        pushed keeps its own request_uri: a copy would live anew and be used a second time.
        """
        asked = self._asked(parameters)
        if asked.pushed is not None:
            return parameters.need("request_uri")
        try:
            check(asked.request, asked.client)
            self.resources.require_known(asked.request.resources, asked.client)
        except OAuthError as error:
            return self._refused(asked, error)
        with self.db.transaction():
            return self.pushed_requests.keep(asked.client, asked.request)

    def resume(
        self,
        interaction_id: str,
        session: Session | None,
        browser: str | None,
        *,
        agreed_to: str | None = None,
    ) -> AuthorizationResponse | LoginNeeded | Information:
        """Go on with a request that waits; RequestExpired where it no longer does.

        *agreed_to* is the ``seen`` of the page that the person said yes to.
        """
        asked = self.intake.waiting(interaction_id, browser)
        try:
            return self._judge_again(asked, session, agreed_to)
        except OAuthError as error:
            return self._refused(asked, error)

    def restart(self, interaction_id: str, session: Session | None, browser: str) -> Answer:
        """Ask a request that was left behind once more, with the same parameters."""
        asked = self.intake.left_behind(interaction_id, browser)
        return self._answered(asked, lambda: self._judge(asked, session, browser))

    def cancel(self, interaction_id: str, browser: str | None) -> AuthorizationResponse:
        """Tell the partner that the person gave up (RFC 6749 §4.1.2.1, access_denied)."""
        asked = self.intake.waiting(interaction_id, browser)
        with self.db.transaction():
            if not self.requests.finish(interaction_id, self.clock()):
                raise RequestExpired(asked.client)
            self.audit.record(
                AuthorizationRefusedByPerson(
                    client_id=asked.client.client_id, interaction_id=interaction_id
                )
            )
        return self._error(asked, AccessDenied("the person gave up"))

    def _asked(self, parameters: Parameters) -> Asked:
        """Read a request; that somebody is to be sent to a strange address is recorded."""
        try:
            return self.intake.read(parameters)
        except UnregisteredRedirectURI as refusal:
            self._record_refused(refusal.client, refusal.code)
            raise

    def _answered(self, asked: Asked, judge: Callable[[], Answer]) -> Answer:
        try:
            return judge()
        except OAuthError as error:
            return self._refused(asked, error)

    def _judge(self, asked: Asked, session: Session | None, browser: str) -> Answer:
        check(asked.request, asked.client)
        self.resources.require_known(asked.request.resources, asked.client)
        need = self.needs.of(asked, session)
        if session is not None and need is None:
            return self.codes.issue(asked, session)
        return self._ask(asked, browser, need or NO_SESSION)

    def _ask(self, asked: Asked, browser: str, need: Need) -> Answer:
        if "none" in asked.request.prompts:
            raise need.silent_error()
        interaction_id = self.waiting.keep(asked, browser, need)
        if not need.is_login:
            return Pending(interaction_id)
        begin = CreationNeeded if "create" in asked.request.prompts else LoginNeeded
        return begin(interaction_id)

    def _judge_again(
        self, asked: Asked, session: Session | None, agreed_to: str | None
    ) -> AuthorizationResponse | LoginNeeded | Information:
        need, interaction_id = self.needs.of(asked, session), str(asked.interaction_id)
        if session is None:
            return LoginNeeded(interaction_id)
        if need is None:
            return self.codes.issue(asked, session)
        if not need.is_login:
            if agreed_to == seen(asked, session):
                return self.codes.issue(asked, session, agreed=True)
            return self._information(asked, session, need)
        if session.login_request_id != interaction_id:
            return LoginNeeded(interaction_id)
        with self.db.transaction():
            self.requests.finish(interaction_id, self.clock())
        raise need.dead_end()

    def _information(self, asked: Asked, session: Session, need: Need) -> Information:
        client = asked.client
        return Information(
            interaction_id=str(asked.interaction_id),
            client=client,
            data=lines(data_of(asked.request, client)),
            person=self.claims.of(session.account_id, ("name",)).get("name"),
            chooses_account=need.reason == "select_account",
            seen=seen(asked, session),
        )

    def _refused(self, asked: Asked, error: OAuthError) -> AuthorizationResponse:
        self._record_refused(asked.client, error.error, asked.interaction_id, asked.txn)
        return self._error(asked, error)

    def _record_refused(
        self,
        client: Client,
        reason: str,
        interaction_id: str | None = None,
        txn: str | None = None,
    ) -> None:
        self.audit.record(
            AuthorizationRequested(
                client_id=client.client_id,
                txn=txn,
                interaction_id=interaction_id,
                outcome=Outcome.FAILURE,
                reason_code=reason,
            )
        )

    def _error(self, asked: Asked, error: OAuthError) -> AuthorizationResponse:
        request = asked.request
        fields = {"error": error.error, "error_description": error.description}
        if request.state is not None:
            fields["state"] = request.state
        fields["iss"] = self.issuer
        mode = "form_post" if request.response_mode == "form_post" else "query"
        return AuthorizationResponse(asked.client, request.redirect_uri, mode, fields)

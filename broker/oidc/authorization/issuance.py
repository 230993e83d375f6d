"""Issues a code: the grant, its single use of the request, and what the trail says of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from broker.audit.log import AuditLog
from broker.audit.model import Outcome
from broker.base.clock import Clock, epoch
from broker.base.crypto import fingerprint, new_token
from broker.base.db import Database
from broker.base.errors import Refusal
from broker.clients.scopes import OFFLINE
from broker.oidc.authorization.events import CodeIssued
from broker.oidc.authorization.response import AuthorizationResponse
from broker.oidc.claims.assurance import told_acr
from broker.oidc.claims.person import Claims, obtainable_by_name
from broker.oidc.claims.subjects import Subjects
from broker.oidc.consents.agreements import Consents
from broker.oidc.errors import AccessDenied, IdentityWithheld, LoginRequired, RequestExpired
from broker.oidc.grants.model import Grant
from broker.oidc.grants.store import GrantStore
from broker.oidc.requests.events import AuthorizationRequested
from broker.oidc.requests.intake import Asked
from broker.oidc.requests.store import RequestStore
from broker.oidc.tokens.refresh import RefreshTokens
from broker.sessions.model import Session
from broker.sessions.sessions import Sessions


@dataclass(frozen=True)
class AuthorizationCodes:
    """Gives codes for requests that passed every check, to the person of a session."""

    grants: GrantStore
    refresh_tokens: RefreshTokens
    requests: RequestStore
    sessions: Sessions
    consents: Consents
    claims: Claims
    subjects: Subjects
    audit: AuditLog
    db: Database
    clock: Clock
    issuer: str
    life: int
    """Seconds during which a code can be redeemed."""

    def issue(
        self, asked: Asked, session: Session, *, agreed: bool = False
    ) -> AuthorizationResponse:
        """Return the answer with a code, using up the pushed request and the interaction.

        *agreed*: the person has just said yes, which is remembered in the same transaction.
        Raises RequestExpired where the request was answered before, AccessDenied where the person
        has just stopped the sharing.
        """
        request, client = asked.request, asked.client
        if client.from_franceconnect:
            self._require_identity(asked, session)
        now, code = self.clock(), new_token()
        grant = self._grant(asked, session, fingerprint(code), now)
        with self.db.transaction():
            self._hold(asked, session, agreed=agreed)
            if asked.pushed is not None and not self.requests.use_pushed(asked.pushed, now):
                raise RequestExpired(client)
            if asked.interaction_id and not self.requests.finish(asked.interaction_id, now):
                raise RequestExpired(client)
            if agreed:
                self.consents.give(asked, session)
            self.grants.add(grant, now + timedelta(seconds=client.code_life(self.life)))
            self._record(asked, grant)
        fields = {"code": code.reveal()}
        if request.state is not None:
            fields["state"] = request.state
        fields["iss"] = self.issuer
        return AuthorizationResponse(client, request.redirect_uri, request.response_mode, fields)

    def _hold(self, asked: Asked, session: Session, *, agreed: bool) -> None:
        """Hold what the code is given on the strength of; FranceConnect informs people itself."""
        needs_consent = not agreed and not asked.client.from_franceconnect
        if needs_consent and self.consents.hold(asked, session):
            return
        if not self.sessions.hold(session):
            raise LoginRequired("the session has just ended")
        if needs_consent:
            raise AccessDenied("the person has just stopped the sharing")

    def _grant(self, asked: Asked, session: Session, code_digest: bytes, now: datetime) -> Grant:
        request, client, claims = asked.request, asked.client, asked.request.claims
        scopes = tuple(scope for scope in request.known_scopes if client.may_ask(scope))
        offline = OFFLINE in scopes
        return Grant(
            code_digest=code_digest,
            client_id=client.client_id,
            account_id=session.account_id,
            sid=session.sid,
            browser=session.browser,
            auth_event_id=session.auth_event_id,
            auth_time=session.auth_time,
            acr=told_acr(request, client, session.acr),
            amr=session.amr,
            scopes=scopes,
            redirect_uri=request.redirect_uri,
            code_challenge=request.values.get("code_challenge"),
            nonce=request.values.get("nonce"),
            userinfo_claims=obtainable_by_name(claims.userinfo, client),
            id_token_claims=obtainable_by_name(claims.id_token, client),
            resources=request.resources,
            confirmation=request.values.get("dpop_jkt"),
            offline=offline,
            created_at=now,
            ends_at=self.refresh_tokens.ends_at(session.auth_time, now, offline=offline),
        )

    def _require_identity(self, asked: Asked, session: Session) -> None:
        """Refuse here, where the person can be told why, what FranceConnect would refuse later."""
        try:
            flaws = self.claims.person(session.account_id).identity_flaws
        except Refusal:
            raise AccessDenied("the account cannot be used") from None
        if not flaws:
            return
        self.audit.record(
            AuthorizationRequested(
                client_id=asked.client.client_id,
                subject=session.account_id,
                auth_event_id=session.auth_event_id,
                session_ref=session.sid,
                txn=asked.txn,
                interaction_id=asked.interaction_id,
                outcome=Outcome.FAILURE,
                reason_code=f"identity:{flaws[0]}",
            )
        )
        raise IdentityWithheld(flaws, asked.interaction_id)

    def _record(self, asked: Asked, grant: Grant) -> None:
        issued = CodeIssued(
            client_id=grant.client_id,
            scopes=grant.scopes,
            subject=grant.account_id,
            subject_pairwise=self.subjects.sub(asked.client, grant.account_id),
            auth_event_id=grant.auth_event_id,
            session_ref=grant.sid,
            txn=asked.txn,
            interaction_id=asked.interaction_id,
            code_ref=grant.family_id,
            cnf=grant.confirmation,
            acr=grant.acr,
            amr=grant.amr,
            auth_time=epoch(grant.auth_time),
        )
        if asked.interaction_id is not None:
            self.audit.record(issued)  # the request itself was recorded when it came
            return
        requested = AuthorizationRequested(
            client_id=grant.client_id,
            scopes=grant.scopes,
            subject=grant.account_id,
            auth_event_id=grant.auth_event_id,
            session_ref=grant.sid,
            txn=asked.txn,
        )
        self.audit.record(requested, issued)

"""Puts the provider's services together from those of the capabilities below."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from broker.accounts.accounts import Accounts
from broker.audit.log import AuditLog
from broker.audit.questions.history import History
from broker.base.clock import Clock
from broker.base.crypto import KeyedHash, Vault
from broker.base.db import Database
from broker.base.flood import FloodGate
from broker.base.limits import Limits
from broker.base.metrics import Metrics
from broker.base.outgoing import Outgoing
from broker.base.tasks import Task
from broker.clients.directory import Clients
from broker.clients.keys import PartnerKeys
from broker.franceconnect.relying_party import FranceConnect
from broker.insured.lookup import Insured
from broker.keys.rotation import Keys
from broker.oidc.authorization.endpoint import Authorization
from broker.oidc.authorization.issuance import AuthorizationCodes
from broker.oidc.authorization.needs import Needs
from broker.oidc.authorization.waiting import Waiting
from broker.oidc.claims.person import Claims
from broker.oidc.claims.subjects import Subjects
from broker.oidc.consents.agreements import Consents
from broker.oidc.consents.receipts import Receipts
from broker.oidc.consents.store import ConsentStore
from broker.oidc.envelopes import Envelopes
from broker.oidc.exchange.client_credentials import OwnTokens
from broker.oidc.exchange.endpoint import Tokens
from broker.oidc.exchange.redemption import Redemption
from broker.oidc.exchange.refresh import Refresh
from broker.oidc.exchange.response import TokenResponses
from broker.oidc.grants.families import Families
from broker.oidc.grants.store import GrantStore
from broker.oidc.leftovers import Leftovers
from broker.oidc.logout.ending import Logout
from broker.oidc.logout.notices import LogoutNotices
from broker.oidc.logout.session_end import SessionEnd
from broker.oidc.logout.store import LogoutStore
from broker.oidc.logout.token import LogoutTokens
from broker.oidc.proofs.client_auth import ClientAuthentication
from broker.oidc.proofs.dpop import DPoP
from broker.oidc.proofs.nonces import Nonces
from broker.oidc.proofs.store import ProofStore
from broker.oidc.requests.indicators import Resources
from broker.oidc.requests.intake import Intake
from broker.oidc.requests.par import PushedRequests
from broker.oidc.requests.store import RequestStore
from broker.oidc.resources.introspection import Introspection
from broker.oidc.resources.userinfo import Userinfo
from broker.oidc.signed import Signer
from broker.oidc.tokens.access import AccessTokens
from broker.oidc.tokens.identity import IdTokens
from broker.oidc.tokens.refresh import RefreshTokens
from broker.oidc.tokens.revocation import Revocation
from broker.oidc.tokens.store import TokenStore
from broker.sessions.model import Session
from broker.sessions.requests import LoginRequests
from broker.sessions.sessions import Sessions


@dataclass(frozen=True, kw_only=True)
class Provider:
    """The OpenID Provider; each method builds one endpoint's service."""

    issuer: str
    highest_acr: str
    """The strongest level that any login here can reach."""
    limits: Limits
    clients: Clients
    partner_keys: PartnerKeys
    keys: Keys
    accounts: Accounts
    insured: Insured
    sessions: Sessions
    franceconnect: FranceConnect
    login_requests: LoginRequests
    subject_hash: KeyedHash
    refresh_marks: KeyedHash
    nonce_marks: KeyedHash
    session_revoked: Callable[[Session, str], None]
    vault: Vault
    flood: FloodGate
    outgoing: Outgoing
    audit: AuditLog
    metrics: Metrics
    db: Database
    clock: Clock

    def services(self) -> Iterator[object]:
        """Yield the services that routes use."""
        pushed = self._pushed_requests()
        yield from (pushed, self._authorization(pushed), self._consents, self._authentication)
        yield from (self._tokens(), self._userinfo(), self._logout(), self._subjects)
        yield from (self._introspection(), self._revocation(), self._families, self._dpop)
        yield from (self._notices, self._session_end, self._receipts, self._own_tokens)

    def tasks(self) -> tuple[Task, ...]:
        """Return the background work of the provider."""
        # A grant tells which partners take part in a session, as long as that may live.
        leftovers = Leftovers(self.db, timedelta(days=1, seconds=self.limits.session_life))
        purge = Task("oidc purge", 300, lambda: leftovers.purge(self.clock()))
        return (purge, *self._notices.tasks())

    @property
    def _token_store(self) -> TokenStore:
        return TokenStore(self.db)

    @property
    def _refresh_tokens(self) -> RefreshTokens:
        return RefreshTokens(self.refresh_marks, self._token_store, self.limits)

    @property
    def _families(self) -> Families:
        return Families(GrantStore(self.db), self.audit, self.metrics, self.db, self.clock)

    @property
    def _receipts(self) -> Receipts:
        return Receipts(History(self.db, self.audit), self._consents, self.clients, self.clock)

    @property
    def _resources(self) -> Resources:
        return Resources(self.clients, self.issuer)

    @property
    def _access_tokens(self) -> AccessTokens:
        return AccessTokens(
            clients=self.clients,
            tokens=self._token_store,
            claims=self._claims,
            subjects=self._subjects,
            signer=Signer(self.keys),
            clock=self.clock,
            issuer=self.issuer,
            life=self.limits.access_token_life,
        )

    @property
    def _requests(self) -> RequestStore:
        return RequestStore(self.db, self.vault)

    @property
    def _claims(self) -> Claims:
        return Claims(self.accounts, self.insured)

    @property
    def _subjects(self) -> Subjects:
        return Subjects(self.subject_hash)

    @property
    def _consents(self) -> Consents:
        return Consents(
            store=ConsentStore(self.db),
            families=self._families,
            notices=self._notices,
            clients=self.clients,
            audit=self.audit,
            db=self.db,
            clock=self.clock,
        )

    @property
    def _notices(self) -> LogoutNotices:
        return LogoutNotices(
            clients=self.clients,
            store=LogoutStore(self.db),
            tokens=LogoutTokens(Signer(self.keys), self.clock, self.issuer),
            envelopes=self._envelopes,
            subjects=self._subjects,
            outgoing=self.outgoing,
            audit=self.audit,
            db=self.db,
            clock=self.clock,
            life=self.limits.logout_notice_life,
        )

    @property
    def _own_tokens(self) -> OwnTokens:
        signer, life = Signer(self.keys), self.limits.access_token_life
        return OwnTokens(
            self.clients, signer, self._dpop, self.audit, self.clock, self.issuer, life
        )

    @property
    def _session_end(self) -> SessionEnd:
        return SessionEnd(self._notices, self._families, self.session_revoked)

    @property
    def _id_tokens(self) -> IdTokens:
        return IdTokens(Signer(self.keys), self.clock, self.issuer, self.limits.id_token_life)

    @property
    def _authentication(self) -> ClientAuthentication:
        return ClientAuthentication(
            clients=self.clients,
            keys=self.partner_keys,
            used=ProofStore(self.db),
            audit=self.audit,
            db=self.db,
            clock=self.clock,
            issuer=self.issuer,
        )

    @property
    def _dpop(self) -> DPoP:
        nonces = Nonces(self.nonce_marks, self.clock)
        return DPoP(ProofStore(self.db), nonces, self.audit, self.db, self.clock)

    @property
    def _envelopes(self) -> Envelopes:
        return Envelopes(self.partner_keys, self.audit)

    def _pushed_requests(self) -> PushedRequests:
        return PushedRequests(
            authentication=self._authentication,
            dpop=self._dpop,
            requests=self._requests,
            resources=self._resources,
            flood=self.flood,
            audit=self.audit,
            db=self.db,
            clock=self.clock,
            life=self.limits.pushed_request_life,
        )

    def _authorization(self, pushed: PushedRequests) -> Authorization:
        return Authorization(
            intake=Intake(self.clients, self._requests, self.clock),
            needs=Needs(
                self._consents, self._subjects, self._id_tokens, self.clock, self.highest_acr
            ),
            waiting=Waiting(
                requests=self._requests,
                login_requests=self.login_requests,
                audit=self.audit,
                db=self.db,
                clock=self.clock,
                life=self.limits.login_request_life,
            ),
            codes=self._codes(),
            pushed_requests=pushed,
            requests=self._requests,
            resources=self._resources,
            claims=self._claims,
            audit=self.audit,
            db=self.db,
            clock=self.clock,
            issuer=self.issuer,
        )

    def _codes(self) -> AuthorizationCodes:
        return AuthorizationCodes(
            grants=GrantStore(self.db),
            refresh_tokens=self._refresh_tokens,
            requests=self._requests,
            sessions=self.sessions,
            consents=self._consents,
            claims=self._claims,
            subjects=self._subjects,
            audit=self.audit,
            db=self.db,
            clock=self.clock,
            issuer=self.issuer,
            life=self.limits.authorization_code_life,
        )

    def _tokens(self) -> Tokens:
        return Tokens(
            authentication=self._authentication,
            dpop=self._dpop,
            redemption=Redemption(
                grants=GrantStore(self.db),
                refresh_tokens=self._refresh_tokens,
                responses=self._token_responses,
                families=self._families,
                audit=self.audit,
                db=self.db,
                clock=self.clock,
            ),
            refresh=Refresh(
                clients=self.clients,
                grants=GrantStore(self.db),
                refresh_tokens=self._refresh_tokens,
                responses=self._token_responses,
                families=self._families,
                audit=self.audit,
                db=self.db,
                clock=self.clock,
            ),
            own=self._own_tokens,
            envelopes=self._envelopes,
        )

    @property
    def _token_responses(self) -> TokenResponses:
        return TokenResponses(
            clients=self.clients,
            access_tokens=self._access_tokens,
            id_tokens=self._id_tokens,
            resources=self._resources,
            claims=self._claims,
            subjects=self._subjects,
            audit=self.audit,
            clock=self.clock,
        )

    def _introspection(self) -> Introspection:
        return Introspection(self._authentication, self._access_tokens, self.audit)

    def _revocation(self) -> Revocation:
        return Revocation(
            authentication=self._authentication,
            refresh_tokens=self._refresh_tokens,
            grants=GrantStore(self.db),
            tokens=self._token_store,
            families=self._families,
            audit=self.audit,
            db=self.db,
        )

    def _userinfo(self) -> Userinfo:
        return Userinfo(
            access_tokens=self._access_tokens,
            dpop=self._dpop,
            subjects=self._subjects,
            signer=Signer(self.keys),
            envelopes=self._envelopes,
            audit=self.audit,
            clock=self.clock,
            issuer=self.issuer,
            life=self.limits.access_token_life,
        )

    def _logout(self) -> Logout:
        return Logout(
            clients=self.clients,
            sessions=self.sessions,
            franceconnect=self.franceconnect,
            participants=LogoutStore(self.db),
            subjects=self._subjects,
            id_tokens=self._id_tokens,
            audit=self.audit,
            db=self.db,
            issuer=self.issuer,
        )

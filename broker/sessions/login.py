"""The ways to log in: number and password, or FranceConnect; then a code where one is asked."""

from dataclasses import dataclass
from datetime import timedelta

from broker.accounts.accounts import Accounts
from broker.accounts.model import Account, TieRefused
from broker.accounts.passwords import Passwords
from broker.accounts.tying import Tying
from broker.audit.log import AuditLog
from broker.base.clock import Clock
from broker.base.crypto import Secret, new_reference
from broker.base.db import Database
from broker.base.errors import Throttled
from broker.base.limits import Limits
from broker.franceconnect.model import Purpose, RoundTripRefused, VerifiedIdentity
from broker.franceconnect.switches import Switches
from broker.insured.nir import Nir
from broker.otp.challenge import Codes
from broker.otp.model import Challenge, Circumstances, CodeWrong
from broker.sessions.events import (
    FederatedLoginAccepted,
    FederatedLoginRefused,
    LoginThrottled,
    PasswordAccepted,
    PasswordRefused,
)
from broker.sessions.memory import BrowserMemory
from broker.sessions.model import (
    FederatedIdentity,
    LoginAttempt,
    LoginExpired,
    LoginRefused,
    LoginRequest,
    NotTied,
    Proof,
    RememberedBrowser,
    TieIntent,
)
from broker.sessions.opening import CodeAsked, LoggedIn, Opening
from broker.sessions.store import SessionStore
from broker.sessions.throttle import LoginThrottle

_LOCAL_ACR = "eidas1"


@dataclass(frozen=True, kw_only=True)
class Presence:
    """The browser in which a login happens; ``memory`` is its cookie where it is remembered."""

    browser: str
    memory: Secret | None


@dataclass(frozen=True)
class Login:
    """The use cases of logging in."""

    accounts: Accounts
    passwords: Passwords
    tying: Tying
    switches: Switches
    codes: Codes
    opening: Opening
    memory: BrowserMemory
    throttle: LoginThrottle
    store: SessionStore
    limits: Limits
    audit: AuditLog
    db: Database
    clock: Clock

    def password(
        self,
        nir: Nir,
        password: Secret,
        presence: Presence,
        request: LoginRequest | None,
        tie: VerifiedIdentity | None = None,
    ) -> CodeAsked | LoggedIn:
        """Check the password: one refusal, LoginRefused, whatever is wrong, in the same time.

        With *tie*, the code that then is asked everywhere also ties that identity to the account.
        Raises Throttled, without comparing, after too many tries; or where too many codes were
        sent already; LoginExpired where a request of FranceConnect would be answered by a hop.
        """
        if tie is not None:
            _require_no_hop(request)
        account = self.accounts.by_nir(nir)
        known = self.memory.of(presence.memory, account.id) if account else None
        subject = account.id if account else self.accounts.nir_subject(nir)
        client_id, request_id = (request.client_id, request.id) if request else (None, None)
        try:
            self.throttle.take(nir, presence.browser, known)
            right = self.passwords.verify(account, password)  # slow, hence outside transactions
            if account is not None and right and _may_enter(account):
                return self._accepted(account, nir, presence, request, known, tie)
        except Throttled as throttled:
            self.audit.record(
                LoginThrottled(subject=subject, client_id=client_id, interaction_id=request_id)
            )
            raise throttled from None
        reason = _reason(account, right=right)
        self.audit.record(
            PasswordRefused(
                subject=subject,
                reason_code=reason,
                client_id=client_id,
                interaction_id=request_id,
            )
        )
        raise LoginRefused

    def by_franceconnect(
        self, identity: VerifiedIdentity, presence: Presence, request: LoginRequest | None
    ) -> CodeAsked | LoggedIn:
        """Log in to the account tied to that (iss, sub), or raise NotTied.

        Never for a request of FranceConnect: LoginExpired, since no hop may raise a level.
        """
        _require_no_hop(request)
        proof = self._proof("fc", by=identity)
        try:
            with self.db.transaction():
                account = self._tied(identity)
                known = self.memory.of(presence.memory, account.id) is not None
                self.audit.record(
                    FederatedLoginAccepted(
                        subject=account.id,
                        auth_event_id=proof.auth_event_id,
                        interaction_id=identity.id,
                        upstream=proof.in_trail,
                    )
                )
                return self.opening.go_on(account, proof, presence.browser, request, known=known)
        except Throttled:
            if found := self.accounts.by_upstream(identity.iss, identity.sub):
                self.codes.limited(found.id, proof.auth_event_id)
            raise
        except NotTied as refusal:
            self._record_refusal(proof, refusal.reason, request.id if request else None)
            raise

    def attempt(self, attempt_id: str, browser: str | None) -> tuple[LoginAttempt, Challenge]:
        """Return the login that waits for a code in this browser, or raise LoginExpired."""
        attempt = self.store.attempt(attempt_id, browser) if browser else None
        life = timedelta(seconds=self.limits.login_request_life)
        if attempt is None or attempt.created_at + life <= self.clock():
            raise LoginExpired(attempt.login_request_id if attempt else None)
        return attempt, self.codes.get(attempt.challenge_id, attempt.browser)

    def resend(self, attempt: LoginAttempt) -> None:
        """Send another code for the attempt; Throttled: too soon, or too many."""
        account = self.accounts.get(attempt.account_id)
        asked = Circumstances(browser=self.memory.label_here())
        self.codes.resend(attempt.challenge_id, attempt.browser, account.email, asked)

    def code(
        self, attempt: LoginAttempt, code: str, request: LoginRequest | None, *, remember: bool
    ) -> LoggedIn:
        """Check the code and open the session; the same right code again gives the same session.

        Raises CodeRefused or Throttled, LoginExpired where the session is over since, TieRefused
        where an identity was to be tied and is not, RoundTripRefused for what is switched off.
        """
        if self.codes.was_right(attempt.challenge_id, attempt.browser, code):
            return self.opening.again(attempt)
        self._require_open(attempt)
        try:
            challenge = self.codes.verify(attempt.challenge_id, attempt.browser, code)
            with self.db.transaction():
                outcome = self.opening.finish(attempt, challenge, request, remember=remember)
        except CodeWrong:
            # The same code was posted twice at once, and the other one won.
            if self.codes.was_right(attempt.challenge_id, attempt.browser, code):
                return self.opening.again(attempt)
            raise
        if isinstance(outcome, TieRefused):
            raise outcome
        return outcome

    def prove_again(self, account_id: str, password: Secret, presence: Presence) -> None:
        """Check the password of whoever is logged in; LoginRefused or Throttled, as at the login.

        For acts that a browser left open must not do.
        """
        account = self.accounts.get(account_id)
        known = self.memory.of(presence.memory, account.id)
        try:
            self.throttle.take(account.nir, presence.browser, known)
        except Throttled:
            self.audit.record(LoginThrottled(subject=account.id))
            raise
        if not self.passwords.verify(account, password):
            self.audit.record(PasswordRefused(subject=account.id, reason_code="password"))
            raise LoginRefused
        with self.db.transaction():
            self.throttle.succeeded(account.nir, presence.browser, known)

    def _accepted(
        self,
        found: Account,
        nir: Nir,
        presence: Presence,
        request: LoginRequest | None,
        known: RememberedBrowser | None,
        tie: VerifiedIdentity | None,
    ) -> CodeAsked | LoggedIn:
        proof = self._proof("pwd") if tie is None else self._proof("fc", "pwd", by=tie)
        with self.db.transaction():
            account = self.accounts.locked(found.id)
            if not account.may_log_in:  # suspended while the password was compared
                raise LoginRefused
            failed = self.throttle.succeeded(nir, presence.browser, known)
            self.audit.record(
                PasswordAccepted(
                    subject=account.id,
                    auth_event_id=proof.auth_event_id,
                    interaction_id=tie.id if tie else None,
                    client_id=request.client_id if request else None,
                )
            )
            return self.opening.go_on(
                account,
                proof,
                presence.browser,
                request,
                known=known is not None,
                after_failures=failed,
                tie=self._intent(account, tie) if tie else None,
            )

    def _proof(self, *amr: str, by: VerifiedIdentity | None = None) -> Proof:
        """Return what was proved: FranceConnect's level where it vouched, the local one else."""
        if by is None:
            return Proof(auth_event_id=new_reference(), acr=_LOCAL_ACR, amr=amr)
        sub_ref = self.audit.subject_ref(f"{by.iss} {by.sub}")
        upstream = FederatedIdentity(iss=by.iss, sub_ref=sub_ref, acr=by.acr, idp=by.idp_id)
        return Proof(auth_event_id=new_reference(), acr=by.acr, amr=amr, upstream=upstream)

    def _tied(self, identity: VerifiedIdentity) -> Account:
        found = self.accounts.by_upstream(identity.iss, identity.sub)
        account = self.accounts.locked(found.id) if found else None
        # Again under the lock: it may have been untied meanwhile.
        if account is None or not self.accounts.by_upstream(identity.iss, identity.sub):
            raise NotTied("not_tied")
        if not _may_enter(account):
            raise NotTied(_state(account))
        return account

    def _intent(self, account: Account, identity: VerifiedIdentity) -> TieIntent:
        return TieIntent(
            identity_id=identity.id, replaces=self.tying.present(account.id, identity.iss)
        )

    def _require_open(self, attempt: LoginAttempt) -> None:
        """Refuse a login of FranceConnect that was switched off while it waited for its code."""
        upstream = attempt.proof.upstream
        if upstream is None:
            return
        try:
            self.switches.require(Purpose.LOGIN)
            self.switches.require_provider(upstream.idp)
        except RoundTripRefused as refusal:
            self._record_refusal(attempt.proof, refusal.reason, attempt.login_request_id)
            raise

    def _record_refusal(self, proof: Proof, reason: str, interaction_id: str | None) -> None:
        self.audit.record(
            FederatedLoginRefused(
                reason_code=reason,
                auth_event_id=proof.auth_event_id,
                interaction_id=interaction_id,
                upstream=proof.in_trail,
            )
        )


def _require_no_hop(request: LoginRequest | None) -> None:
    if request is not None and not request.offers_franceconnect:
        raise LoginExpired(request.id)


def _may_enter(account: Account) -> bool:
    """Whether its holder may log in, and can be sent a code."""
    return account.may_log_in and account.reachable


def _reason(account: Account | None, *, right: bool) -> str:
    if account is None:
        return "unknown"
    if not right:
        return "password"
    return _state(account)


def _state(account: Account) -> str:
    return "unreachable" if account.may_log_in else str(account.status)

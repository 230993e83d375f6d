"""The ways to log in: number and password, or FranceConnect; then a code where one is asked."""

from dataclasses import dataclass
from datetime import timedelta

from broker.accounts.accounts import Accounts
from broker.accounts.model import Account
from broker.accounts.passwords import Passwords
from broker.audit.log import AuditLog
from broker.base.clock import Clock
from broker.base.crypto import Secret, new_reference
from broker.base.db import Database
from broker.base.errors import Throttled
from broker.base.limits import Limits
from broker.franceconnect.model import VerifiedIdentity
from broker.insured.nir import Nir
from broker.otp.challenge import Codes
from broker.otp.model import Challenge, CodeWrong
from broker.sessions.events import LoginThrottled, PasswordAccepted, PasswordRefused
from broker.sessions.memory import BrowserMemory
from broker.sessions.model import (
    FederatedIdentity,
    LoginAttempt,
    LoginExpired,
    LoginRefused,
    LoginRequest,
    NotLinked,
    Proof,
    RememberedBrowser,
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
        self, nir: Nir, password: Secret, presence: Presence, request: LoginRequest | None
    ) -> CodeAsked | LoggedIn:
        """Check the password: one refusal, LoginRefused, whatever is wrong, in the same time.

        Raises Throttled, without comparing, after too many tries; or where too many codes were
        sent already.
        """
        account = self.accounts.by_nir(nir)
        known = self.memory.of(presence.memory, account.id) if account else None
        subject = account.id if account else self.accounts.nir_subject(nir)
        client_id = request.client_id if request else None
        try:
            self.throttle.take(nir, presence.browser, known)
            right = self.passwords.verify(account, password)  # slow, hence outside transactions
            if account is not None and right and _may_enter(account):
                return self._accepted(account, nir, presence, request, known)
        except Throttled as throttled:
            self.audit.record(LoginThrottled(subject=subject, client_id=client_id))
            raise throttled from None
        reason = _reason(account, right=right)
        self.audit.record(
            PasswordRefused(subject=subject, reason_code=reason, client_id=client_id)
        )
        raise LoginRefused

    def by_franceconnect(
        self, identity: VerifiedIdentity, presence: Presence, request: LoginRequest | None
    ) -> CodeAsked | LoggedIn:
        """Log in to the account tied to that (iss, sub), or raise NotLinked.

        Never for a request of FranceConnect: LoginExpired, since no hop may raise a level.
        """
        if request is not None and not request.offers_franceconnect:
            raise LoginExpired
        found = self.accounts.by_upstream(identity.iss, identity.sub)
        if found is None:
            raise NotLinked
        upstream = FederatedIdentity(
            iss=identity.iss,
            sub_ref=self.audit.subject_ref(f"{identity.iss} {identity.sub}"),
            acr=identity.acr,
            idp=identity.idp_id,
        )
        proof = Proof(
            auth_event_id=new_reference(), acr=identity.acr, amr=("fc",), upstream=upstream
        )
        with self.db.transaction():
            account = self.accounts.locked(found.id)
            if not _may_enter(account):
                raise NotLinked
            known = self.memory.of(presence.memory, account.id) is not None
            return self.opening.go_on(account, proof, presence.browser, request, known=known)

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
        self.codes.resend(attempt.challenge_id, attempt.browser, account.email)

    def code(
        self, attempt: LoginAttempt, code: str, request: LoginRequest | None, *, remember: bool
    ) -> LoggedIn:
        """Check the code and open the session; the same right code again gives the same session.

        Raises CodeRefused or Throttled, and LoginExpired where the session is over since.
        """
        if self.codes.was_right(attempt.challenge_id, attempt.browser, code):
            return self.opening.again(attempt)
        try:
            challenge = self.codes.verify(attempt.challenge_id, attempt.browser, code)
            with self.db.transaction():
                return self.opening.finish(attempt, challenge, request, remember=remember)
        except CodeWrong:
            # The same code was posted twice at once, and the other one won.
            if self.codes.was_right(attempt.challenge_id, attempt.browser, code):
                return self.opening.again(attempt)
            raise

    def _accepted(
        self,
        found: Account,
        nir: Nir,
        presence: Presence,
        request: LoginRequest | None,
        known: RememberedBrowser | None,
    ) -> CodeAsked | LoggedIn:
        proof = Proof(auth_event_id=new_reference(), acr=_LOCAL_ACR, amr=("pwd",))
        with self.db.transaction():
            account = self.accounts.locked(found.id)
            if not account.may_log_in:  # suspended while the password was compared
                raise LoginRefused
            self.throttle.succeeded(nir, presence.browser, known)
            self.audit.record(
                PasswordAccepted(
                    subject=account.id,
                    auth_event_id=proof.auth_event_id,
                    client_id=request.client_id if request else None,
                )
            )
            return self.opening.go_on(
                account, proof, presence.browser, request, known=known is not None
            )


def _may_enter(account: Account) -> bool:
    """Whether its holder may log in, and can be sent a code."""
    return account.may_log_in and account.reachable


def _reason(account: Account | None, *, right: bool) -> str:
    if account is None:
        return "unknown"
    if not right:
        return "password"
    return "unreachable" if account.may_log_in else str(account.status)

"""Password, then a code where one is asked, then a session."""

from dataclasses import dataclass
from datetime import timedelta

from broker.accounts.accounts import Accounts
from broker.accounts.model import Account
from broker.accounts.passwords import Passwords
from broker.audit.log import AuditLog
from broker.audit.model import Upstream
from broker.base.clock import Clock
from broker.base.counters import Counters
from broker.base.crypto import Secret, new_reference, new_token
from broker.base.db import Database
from broker.base.errors import Throttled
from broker.base.limits import MINUTE, Limits
from broker.base.web import clock_time, french_date
from broker.franceconnect.model import VerifiedIdentity
from broker.insured.nir import Nir
from broker.mail.outbox import Outbox
from broker.otp.challenge import Codes
from broker.otp.model import Challenge, CodeWrong
from broker.sessions.events import LoginThrottled, PasswordAccepted, PasswordRefused
from broker.sessions.memory import BrowserMemory, label
from broker.sessions.model import (
    LoginAttempt,
    LoginExpired,
    LoginRefused,
    LoginRequest,
    NotLinked,
    Session,
)
from broker.sessions.sessions import Sessions
from broker.sessions.store import SessionStore
from broker.sessions.throttle import LoginThrottle

_LOCAL_ACR = "eidas1"
_NOTICE_EVERY = 5 * MINUTE
_NOTICE_LIFE = timedelta(days=2)


@dataclass(frozen=True, kw_only=True)
class Presence:
    """The browser in which a login happens, and the session it would replace."""

    browser: str
    memory: Secret | None
    session: Session | None


@dataclass(frozen=True, kw_only=True)
class CodeAsked:
    """The password was right; the code of this attempt is awaited."""

    attempt: LoginAttempt


@dataclass(frozen=True, kw_only=True)
class LoggedIn:
    """A session is open; ``memory`` is the cookie of a browser that is now remembered."""

    session: Session
    cookie: Secret
    memory: Secret | None = None


@dataclass(frozen=True)
class Login:
    """The use cases of logging in."""

    accounts: Accounts
    passwords: Passwords
    codes: Codes
    sessions: Sessions
    memory: BrowserMemory
    throttle: LoginThrottle
    store: SessionStore
    outbox: Outbox
    counters: Counters
    limits: Limits
    audit: AuditLog
    db: Database
    clock: Clock

    def password(
        self, nir: Nir, password: Secret, presence: Presence, request: LoginRequest | None
    ) -> CodeAsked | LoggedIn:
        """Check the password: one refusal, LoginRefused, whatever is wrong, in the same time."""
        account = self.accounts.by_nir(nir)
        known = self.memory.of(presence.memory, account.id) if account else None
        subject = account.id if account else self.accounts.nir_subject(nir)
        client_id = request.client_id if request else None
        try:
            self.throttle.take(nir, presence.browser, known)
        except Throttled:
            self.audit.record(LoginThrottled(subject=subject, client_id=client_id))
            raise
        right = self.passwords.verify(account, password)  # slow, hence outside transactions
        if account is None or not right or not account.may_log_in or not account.reachable:
            reason = _reason(account, right=right)
            self.audit.record(
                PasswordRefused(subject=subject, reason_code=reason, client_id=client_id)
            )
            raise LoginRefused
        with self.db.transaction():
            self.throttle.succeeded(nir, presence.browser, known)
            return self._after_password(account, presence, request, known=known is not None)

    def attempt(self, attempt_id: str, browser: str | None) -> tuple[LoginAttempt, Challenge]:
        """Return the login that waits for a code in this browser, or raise LoginExpired."""
        attempt = self.store.attempt(attempt_id, browser) if browser else None
        life = timedelta(seconds=self.limits.login_request_life)
        if attempt is None or attempt.created_at + life <= self.clock():
            raise LoginExpired
        return attempt, self.codes.get(attempt.challenge_id, attempt.browser)

    def resend(self, attempt: LoginAttempt) -> None:
        """Send another code for the attempt."""
        account = self.accounts.get(attempt.account_id)
        self.codes.resend(attempt.challenge_id, attempt.browser, account.email)

    def code(
        self,
        attempt: LoginAttempt,
        code: str,
        presence: Presence,
        request: LoginRequest | None,
        *,
        remember: bool,
    ) -> LoggedIn:
        """Check the code and open the session; the right code again gives the same one."""
        if self.codes.was_right(attempt.challenge_id, attempt.browser, code):
            return self._again(attempt)
        challenge = self.codes.verify(attempt.challenge_id, attempt.browser, code)
        try:
            with self.db.transaction():
                return self._finish(attempt, challenge, presence, request, remember=remember)
        except CodeWrong:  # the same code was posted twice at once, and the other one won
            return self._again(attempt)

    def by_franceconnect(
        self, identity: VerifiedIdentity, presence: Presence, request: LoginRequest | None
    ) -> LoggedIn:
        """Open a session for the account tied to that (iss, sub), or raise NotLinked."""
        account = self.accounts.by_upstream(identity.iss, identity.sub)
        if account is None or not account.may_log_in:
            raise NotLinked
        upstream = Upstream(
            iss=identity.iss,
            sub_ref=self.audit.subject_ref(f"{identity.iss} {identity.sub}"),
            acr=identity.acr,
            idp=identity.idp_id,
            flow="login",
        )
        with self.db.transaction():
            self._replace(presence.session)
            session, cookie = self.sessions.open(
                account_id=account.id,
                auth_event_id=new_reference(),
                acr=identity.acr,
                amr=("fc",),
                browser=presence.browser,
                request=request,
                upstream=upstream,
            )
        return LoggedIn(session=session, cookie=cookie)

    def _after_password(
        self, account: Account, presence: Presence, request: LoginRequest | None, *, known: bool
    ) -> CodeAsked | LoggedIn:
        auth_event_id = new_reference()
        self.audit.record(
            PasswordAccepted(
                subject=account.id,
                auth_event_id=auth_event_id,
                client_id=request.client_id if request else None,
            )
        )
        always = request is not None and request.always_asks_code
        if known and not account.code_required and not always:
            self._replace(presence.session)
            session, cookie = self._opened(account.id, auth_event_id, ("pwd",), presence, request)
            return LoggedIn(session=session, cookie=cookie)
        challenge = self.codes.start(
            account_id=account.id,
            email=account.email,
            purpose="login",
            browser=presence.browser,
            requester=request.requester if request else None,
            auth_event_id=auth_event_id,
            known_browser=known,
        )
        attempt = LoginAttempt(
            id=new_token().reveal(),
            account_id=account.id,
            browser=presence.browser,
            challenge_id=challenge.id,
            login_request_id=request.id if request else None,
            auth_event_id=auth_event_id,
            created_at=self.clock(),
        )
        self.store.add_attempt(attempt)
        return CodeAsked(attempt=attempt)

    def _finish(
        self,
        attempt: LoginAttempt,
        challenge: Challenge,
        presence: Presence,
        request: LoginRequest | None,
        *,
        remember: bool,
    ) -> LoggedIn:
        self.codes.accept(challenge)
        account = self.accounts.get(attempt.account_id)
        if not account.may_log_in:  # disabled between the password and the code
            raise LoginExpired
        self._replace(presence.session)
        session, cookie = self._opened(
            account.id, attempt.auth_event_id, ("pwd", "otp"), presence, request
        )
        if account.code_required:
            self.accounts.code_given(account.id)
        elif not challenge.known_browser:
            self._tell(account, attempt.auth_event_id)
        memory = self.memory.remember(account.id) if remember else None
        return LoggedIn(session=session, cookie=cookie, memory=memory)

    def _again(self, attempt: LoginAttempt) -> LoggedIn:
        session = self.store.of_attempt(attempt.auth_event_id)
        if session is None:
            raise LoginExpired
        cookie = new_token()  # the answer that held the first one may never have arrived
        with self.db.transaction():
            self.store.rebind(session.sid, cookie)
        return LoggedIn(session=session, cookie=cookie)

    def _opened(
        self,
        account_id: str,
        auth_event_id: str,
        amr: tuple[str, ...],
        presence: Presence,
        request: LoginRequest | None,
    ) -> tuple[Session, Secret]:
        return self.sessions.open(
            account_id=account_id,
            auth_event_id=auth_event_id,
            acr=_LOCAL_ACR,
            amr=amr,
            browser=presence.browser,
            request=request,
        )

    def _replace(self, session: Session | None) -> None:
        if session:
            self.sessions.end(session, "replaced")

    def _tell(self, account: Account, auth_event_id: str) -> None:
        """Tell the holder of a login from an unknown browser, at most once in five minutes."""
        try:
            self.counters.take("mail.new_browser", account.id, count=1, window=_NOTICE_EVERY)
        except Throttled:
            return
        now = self.clock()
        self.outbox.send(
            "new_browser",
            account.email,
            {
                "logged_in_at": f"{french_date(now)} à {clock_time(now)}",
                "browser": label(self.memory.here().user_agent or ""),
                "reference": auth_event_id,
            },
            expires_at=now + _NOTICE_LIFE,
            about=account.id,
        )


def _reason(account: Account | None, *, right: bool) -> str:
    if account is None:
        return "unknown"
    if not right:
        return "password"
    return str(account.status) if not account.may_log_in else "unreachable"

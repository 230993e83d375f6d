"""From a first proof of who somebody is, by a code where one is asked, to their session."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from broker.accounts.accounts import Accounts
from broker.accounts.doubts import Doubts
from broker.accounts.model import TIE_REFUSALS, Account, TieRefused
from broker.accounts.new_browsers import NewBrowsers
from broker.accounts.reset import Reset
from broker.base.clock import Clock
from broker.base.crypto import KeyedHash, Secret, new_token
from broker.otp.challenge import Codes
from broker.otp.model import Challenge, Circumstances
from broker.sessions.memory import BrowserMemory
from broker.sessions.model import (
    BrowserKnown,
    LoginAttempt,
    LoginExpired,
    LoginRequest,
    Proof,
    Session,
    TieIntent,
)
from broker.sessions.sessions import Sessions
from broker.sessions.store import SessionStore

CompleteTie = Callable[[Account, LoginAttempt, TieIntent], None]
"""Ties the identity of an attempt to its account, in the transaction of the login; TieRefused.

Ties stand above sessions. A refusal leaves an event, which must be committed.
"""


@dataclass(frozen=True, kw_only=True)
class CodeAsked:
    """The first proof was right; the code of this attempt is awaited."""

    attempt: LoginAttempt


@dataclass(frozen=True, kw_only=True)
class LoggedIn:
    """A session is open; ``memory`` is the cookie of a browser that is now remembered."""

    session: Session
    cookie: Secret
    memory: Secret | None = None


@dataclass(frozen=True)
class Opening:
    """The last steps of every login; each belongs in the caller's transaction.

    The caller holds the account's row, so that logins of one account happen one after another,
    and none slips past a suspension or a new password.
    """

    accounts: Accounts
    codes: Codes
    sessions: Sessions
    memory: BrowserMemory
    store: SessionStore
    new_browsers: NewBrowsers
    doubts: Doubts
    reset: Reset
    complete_tie: CompleteTie
    keys: KeyedHash
    clock: Clock

    def go_on(
        self,
        account: Account,
        proof: Proof,
        browser: str,
        request: LoginRequest | None,
        *,
        known: bool,
        after_failures: bool = False,
        tie: TieIntent | None = None,
    ) -> CodeAsked | LoggedIn:
        """Ask a code, or open the session where none is needed; Throttled: too many codes.

        Either way the holder is told by mail where passwords had failed before.
        """
        always = tie is not None or (request is not None and request.always_asks_code)
        if known and not account.code_required and not always:
            cookie = new_token()
            remembered = BrowserKnown.REMEMBERED
            session = self._open(account, proof, browser, request, cookie, remembered)
            if after_failures:
                self.doubts.passwords_failed(account, session.label, login=proof.auth_event_id)
            return LoggedIn(session=session, cookie=cookie)
        challenge = self.codes.start(
            account_id=account.id,
            email=account.email,
            purpose="tie" if tie else "login",
            browser=browser,
            requester=request.requester if request else None,
            auth_event_id=proof.auth_event_id,
            asked=Circumstances(browser=self.memory.label_here(), after_failures=after_failures),
            known_browser=known,
        )
        attempt = LoginAttempt(
            id=new_token().reveal(),
            account_id=account.id,
            browser=browser,
            challenge_id=challenge.id,
            login_request_id=request.id if request else None,
            proof=proof,
            tie=tie,
            created_at=self.clock(),
        )
        self.store.add_attempt(attempt)
        return CodeAsked(attempt=attempt)

    def finish(
        self,
        attempt: LoginAttempt,
        challenge: Challenge,
        request: LoginRequest | None,
        *,
        remember: bool,
    ) -> LoggedIn | TieRefused:
        """Use the code up and open the session; CodeWrong where it was used meanwhile.

        A tie that is refused opens none, and is returned: that the code was used must stay.
        """
        account = self.accounts.locked(attempt.account_id)
        # Suspended, or given a new password, between the two steps.
        if not account.may_log_in or not self.store.attempt(attempt.id, attempt.browser):
            raise LoginExpired
        self.codes.accept(challenge)
        if attempt.tie:
            try:
                self.complete_tie(account, attempt, attempt.tie)
            except TieRefused as refusal:
                self.store.refuse_tie(attempt.id, replace(attempt.tie, refused=refusal.code))
                return refusal
        proof = attempt.proof.with_code()
        cookie, memory = self._cookie(attempt), None
        known = _known(account, challenge)
        session = self._open(account, proof, attempt.browser, request, cookie, known)
        if account.code_required:
            self.accounts.code_given(account.id)
        elif known is BrowserKnown.NEW:
            self.new_browsers.note(account, session.label, login=proof.auth_event_id)
        if remember:
            memory = self._memory_cookie(attempt)
            self.memory.remember(account.id, memory)
        return LoggedIn(session=session, cookie=cookie, memory=memory)

    def again(self, attempt: LoginAttempt) -> LoggedIn:
        """Return what the attempt has opened: the same session, under the same cookies.

        Or raise again what it was refused with.
        """
        present = self.store.attempt(attempt.id, attempt.browser)
        if present and present.tie and present.tie.refused:
            raise TIE_REFUSALS[present.tie.refused]("again")
        cookie, memory = self._cookie(attempt), self._memory_cookie(attempt)
        session = self.sessions.of(cookie)
        if session is None:
            raise LoginExpired
        remembered = self.memory.of(memory, attempt.account_id)
        return LoggedIn(session=session, cookie=cookie, memory=memory if remembered else None)

    def _open(
        self,
        account: Account,
        proof: Proof,
        browser: str,
        request: LoginRequest | None,
        cookie: Secret,
        known: BrowserKnown,
    ) -> Session:
        if "pwd" in proof.amr:  # who came by FranceConnect may still be about to choose a password
            self.reset.needless(account)
        session = new_session(account.id, proof, browser, request, self.clock)
        labelled = replace(session, label=self.memory.label_here())
        return self.sessions.open(labelled, cookie, request, proof, known)

    def _cookie(self, attempt: LoginAttempt) -> Secret:
        # Derived, so that a form posted twice gets one cookie whichever answer arrives last.
        return Secret(self.keys.text("session", attempt.id))

    def _memory_cookie(self, attempt: LoginAttempt) -> Secret:
        return Secret(self.keys.text("remembered browser", attempt.id))


def _known(account: Account, challenge: Challenge) -> BrowserKnown:
    if account.code_required:
        return BrowserKnown.FIRST_LOGIN
    return BrowserKnown.REMEMBERED if challenge.known_browser else BrowserKnown.NEW


def new_session(
    account_id: str, proof: Proof, browser: str, request: LoginRequest | None, clock: Clock
) -> Session:
    """Return a session that begins now."""
    now = clock()
    return Session(
        sid=new_token().reveal(),
        account_id=account_id,
        auth_event_id=proof.auth_event_id,
        auth_time=now,
        acr=proof.acr,
        amr=proof.amr,
        browser=browser,
        created_at=now,
        login_request_id=request.id if request else None,
    )

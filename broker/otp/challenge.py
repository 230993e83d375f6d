"""Sends a security code by e-mail and checks what is typed."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pyotp

from broker.audit.log import AuditLog
from broker.base.clock import Clock
from broker.base.counters import Counters
from broker.base.crypto import Secret, new_token
from broker.base.db import Database
from broker.base.errors import Throttled
from broker.base.limits import Limits
from broker.base.paris import clock_time, french_date
from broker.base.tasks import Task
from broker.mail.outbox import Outbox
from broker.otp.events import (
    CodeAccepted,
    CodeFailed,
    CodeResent,
    CodeSent,
    CodesLimited,
    CodeTriesExhausted,
)
from broker.otp.model import (
    Challenge,
    ChallengeUnknown,
    Circumstances,
    CodeExhausted,
    CodeExpired,
    CodeWrong,
)
from broker.otp.store import ChallengeStore

_DIGITS = 6
_KEPT = timedelta(days=1)
_WRONG = "code.account"
_SENT = "code.sent"


WrongCode = Callable[[str, str], None]
"""Takes note, for its holder, of a wrong code of an account, in the login of that reference.

In the transaction that counts it. Accounts stand above codes.
"""


@dataclass(frozen=True)
class Codes:
    """Six digits, ten minutes, five tries: HOTP (RFC 4226) with a fresh secret for each code."""

    store: ChallengeStore
    outbox: Outbox
    counters: Counters
    wrong: WrongCode
    limits: Limits
    audit: AuditLog
    db: Database
    clock: Clock

    def start(
        self,
        *,
        account_id: str,
        email: Secret,
        purpose: str,
        browser: str,
        requester: str | None,
        auth_event_id: str,
        asked: Circumstances,
        known_browser: bool = False,
    ) -> Challenge:
        """Send a code for a login; joins the caller's transaction. Throttled: too many sent."""
        now, secret = self.clock(), _new_secret()
        challenge = Challenge(
            id=new_token().reveal(),
            account_id=account_id,
            purpose=purpose,
            browser=browser,
            requester=requester,
            auth_event_id=auth_event_id,
            known_browser=known_browser,
            tries=0,
            sent_at=now,
            expires_at=now + timedelta(seconds=self.limits.code_life),
        )
        with self.db.transaction():
            self._count_sent(account_id)
            for replaced in self.store.add(challenge, secret):
                self._cancel(account_id, replaced)
            self._send(challenge, email, secret, asked)
            self.audit.record(CodeSent(**_facts(challenge)))
        return challenge

    def get(self, challenge_id: str, browser: str) -> Challenge:
        """Return the challenge of this browser, or raise ChallengeUnknown."""
        challenge = self.store.get(challenge_id, browser)
        if challenge is None:
            raise ChallengeUnknown
        return challenge

    def resend(
        self, challenge_id: str, browser: str, email: Secret, asked: Circumstances
    ) -> Challenge:
        """Send another code, which kills the one before; never resets what the account failed."""
        now, secret = self.clock(), _new_secret()
        expires = now + timedelta(seconds=self.limits.code_life)
        with self.db.transaction():
            challenge = self.get(challenge_id, browser)
            wait = challenge.may_resend_at(self.limits.code_resend_wait) - now
            if wait > timedelta(0):
                raise Throttled(int(wait.total_seconds()) + 1)
            limited = self._limit_of_sent(challenge)
            if limited is None and not self.store.renew(challenge_id, secret, now, expires):
                raise ChallengeUnknown
            if limited is None:
                renewed = self.get(challenge_id, browser)
                self._cancel(renewed.account_id, renewed.auth_event_id)
                self._send(renewed, email, secret, asked)
                self.audit.record(CodeResent(**_facts(renewed)))
        if limited is not None:
            raise limited
        return renewed

    def limited(self, account_id: str, auth_event_id: str) -> None:
        """Record that no code was sent, since so many were; what asked for it is undone."""
        self.audit.record(CodesLimited(subject=account_id, auth_event_id=auth_event_id))

    def verify(self, challenge_id: str, browser: str, code: str) -> Challenge:
        """Consume the challenge with the right code; the try is counted before the comparison.

        Raises CodeWrong, CodeExpired, CodeExhausted or Throttled, after having committed the
        count; so it must not be called within a transaction that a refusal would roll back.
        """
        with self.db.transaction():
            outcome = self._verify(challenge_id, browser, code)
        if isinstance(outcome, Challenge):
            return outcome
        raise outcome

    def accept(self, challenge: Challenge) -> None:
        """Consume a challenge whose code was right; belongs in the transaction of its effect.

        Codes that were used don't count among those sent: whoever logs in often is not stopped.
        """
        self.counters.give_back(_SENT, challenge.account_id)
        if not self.store.use(challenge.id, self.clock()):
            raise CodeWrong
        self.audit.record(CodeAccepted(**_facts(challenge)))

    def was_right(self, challenge_id: str, browser: str, code: str) -> bool:
        """Tell whether this browser posts again the right code of a challenge it has consumed.

        Counted like the tries before: who finds a browser open must not search for the code.
        """
        with self.db.transaction():
            secret = self.store.take_try_of_used(challenge_id, browser, self.limits.code_tries)
            right = secret is not None and _is_right(secret, code)
            if right:
                self.store.give_back(challenge_id)
        return right

    def tasks(self) -> tuple[Task, ...]:
        """Return the background work of codes."""
        return (Task("codes purge", 3_600, lambda: self.store.purge(self.clock() - _KEPT)),)

    def _verify(
        self, challenge_id: str, browser: str, code: str
    ) -> Challenge | CodeWrong | CodeExpired | CodeExhausted | Throttled:
        taken = self.store.take_try(challenge_id, browser, self.clock(), self.limits.code_tries)
        if taken is None:
            return self._why_not(challenge_id, browser)
        challenge, secret = taken
        counted = not challenge.known_browser
        if counted:
            try:
                self._count_wrong(challenge.account_id)
            except Throttled as throttled:
                self.audit.record(CodeTriesExhausted(reason_code="account", **_facts(challenge)))
                return throttled
        if _is_right(secret, code):
            # A form posted many times at once must not exhaust the code that it holds.
            self.store.give_back(challenge.id)
            if counted:
                self.counters.give_back(_WRONG, challenge.account_id)
            return challenge
        self.audit.record(CodeFailed(**_facts(challenge)))
        self.wrong(challenge.account_id, challenge.auth_event_id)
        if challenge.tries_left(self.limits.code_tries) == 0:
            self.audit.record(CodeTriesExhausted(reason_code="code", **_facts(challenge)))
            return CodeExhausted()
        return CodeWrong()

    def _why_not(self, challenge_id: str, browser: str) -> CodeWrong | CodeExpired | CodeExhausted:
        challenge = self.store.get(challenge_id, browser)
        if challenge is None or challenge.used_at is not None:
            return CodeWrong()
        return CodeExpired() if challenge.expires_at <= self.clock() else CodeExhausted()

    def _count_wrong(self, account_id: str) -> None:
        limits = self.limits
        self.counters.take(
            _WRONG,
            account_id,
            count=limits.code_account_count,
            window=limits.code_account_window,
        )

    def _count_sent(self, account_id: str) -> None:
        limits = self.limits
        self.counters.take(
            _SENT, account_id, count=limits.code_sent_count, window=limits.code_sent_window
        )

    def _limit_of_sent(self, challenge: Challenge) -> Throttled | None:
        try:
            self._count_sent(challenge.account_id)
        except Throttled as throttled:
            self.limited(challenge.account_id, challenge.auth_event_id)
            return throttled
        return None

    def _send(
        self,
        challenge: Challenge,
        email: Secret,
        secret: Secret,
        asked: Circumstances,
    ) -> None:
        self.outbox.send(
            "code",
            email,
            {
                "code": _hotp(secret).at(0),
                "purpose": challenge.purpose,
                "requester": challenge.requester,
                "asked_on": french_date(challenge.sent_at),
                "asked_at": clock_time(challenge.sent_at),
                "asked_in": asked.browser,
                "after_failures": asked.after_failures,
                "valid_until": clock_time(challenge.expires_at),
                "reference": challenge.auth_event_id,
            },
            expires_at=challenge.expires_at,
            about=challenge.account_id,
        )

    def _cancel(self, account_id: str, auth_event_id: str) -> None:
        """Give up a code that still waits to be sent: it is dead."""
        self.outbox.cancel(account_id, "code", reference=auth_event_id)


def _new_secret() -> Secret:
    return Secret(pyotp.random_base32())


def _hotp(secret: Secret) -> pyotp.HOTP:
    return pyotp.HOTP(secret.reveal(), digits=_DIGITS)


def _is_right(secret: Secret, code: str) -> bool:
    return _hotp(secret).verify(code, 0)  # pyotp compares in constant time


def _facts(challenge: Challenge) -> dict[str, Any]:
    return {
        "code_ref": challenge.id[:8],
        "subject": challenge.account_id,
        "auth_event_id": challenge.auth_event_id,
    }

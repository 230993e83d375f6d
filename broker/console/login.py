"""How an analyst logs in: name, password and the code of their application, all at once."""

from dataclasses import dataclass

from broker.accounts.passwords import Passwords
from broker.audit.log import AuditLog
from broker.base.clock import Clock, epoch
from broker.base.context import Here
from broker.base.counters import Counters
from broker.base.crypto import Secret
from broker.base.db import Database
from broker.base.errors import Refusal, Throttled
from broker.base.limits import Limits
from broker.console.events import AnalystLoggedIn, AnalystLoginFailed, AnalystLoginThrottled
from broker.console.model import AnalystRefused, Credentials, Standing
from broker.console.sessions import AnalystSessions, actor, by
from broker.console.store import AnalystStore
from broker.console.totp import step_of

_PAIR, _PREFIX, _CODE = "analyst.pair", "analyst.prefix", "analyst.code"


@dataclass(frozen=True)
class AnalystLogin:
    """One refusal whatever is wrong, in the same time.

    Tries of a password count for (name, network), so that strangers elsewhere stop nobody. Codes
    count for the analyst wherever they come from, but only behind the right password.
    """

    store: AnalystStore
    sessions: AnalystSessions
    passwords: Passwords
    counters: Counters
    limits: Limits
    audit: AuditLog
    db: Database
    clock: Clock
    here: Here

    def enter(self, name: str, password: Secret, code: str, former: Secret | None) -> Secret:
        """Return the cookie of a new session, or raise AnalystRefused or Throttled.

        What was counted and recorded is committed first. *former* is the cookie that the browser
        brought.
        """
        self._count(name)
        known = self.store.credentials(name)
        entering = known if known and known.analyst.standing is Standing.ACTIVE else None
        # Slow, hence outside transactions; the same for a name that nobody has.
        right = self.passwords.matches(entering.password if entering else None, password)
        if entering is None or not right:
            self.audit.record(_failed(known, _reason(known)))
            raise AnalystRefused
        with self.db.transaction():
            outcome = self._second_factor(entering, code, former)
        if isinstance(outcome, Refusal):
            raise outcome
        return outcome

    def _count(self, name: str) -> None:
        """Take a try of the password before it is compared."""
        limits, prefix = self.limits, self.here().prefix
        refusal = None
        with self.db.transaction():
            try:
                self.counters.take_slowing(
                    _PAIR,
                    f"{name}|{prefix}",
                    free=limits.analyst_pair_count,
                    wait=limits.analyst_pair_wait,
                    ceiling=limits.analyst_pair_ceiling_window,
                )
                self.counters.take(
                    _PREFIX,
                    prefix,
                    count=limits.analyst_prefix_count,
                    window=limits.analyst_prefix_window,
                )
            except Throttled as throttled:
                self.audit.record(AnalystLoginThrottled(reason_code="password"))
                refusal = throttled
        if refusal:
            raise refusal

    def _second_factor(
        self, entering: Credentials, code: str, former: Secret | None
    ) -> Secret | Refusal:
        analyst, limits = entering.analyst, self.limits
        try:
            self.counters.take(
                _CODE,
                analyst.id,
                count=limits.analyst_code_count,
                window=limits.analyst_code_window,
            )
        except Throttled as throttled:
            who = actor(analyst)
            self.audit.record(AnalystLoginThrottled(reason_code="code", actor=who))
            return throttled
        step = step_of(entering.totp_secret, code, epoch(self.clock()))
        if step is None:
            self.audit.record(_failed(entering, "code"))
            return AnalystRefused()
        if not self.store.use_step(entering, step):
            self.audit.record(_failed(entering, "code_used"))
            return AnalystRefused()
        return self._opened(entering, former)

    def _opened(self, entering: Credentials, former: Secret | None) -> Secret:
        prefix, analyst = self.here().prefix, entering.analyst
        # Only this try: wrong codes before it stay counted, or each login would allow more.
        self.counters.give_back(_CODE, analyst.id)
        self.counters.forget(_PAIR, f"{analyst.name}|{prefix}")
        self.counters.give_back(_PREFIX, prefix)
        session, cookie = self.sessions.open(analyst, former)
        self.audit.record(AnalystLoggedIn(**by(session)))
        return cookie


def _reason(known: Credentials | None) -> str:
    if known is None:
        return "unknown"
    standing = known.analyst.standing
    return "password" if standing is Standing.ACTIVE else str(standing)


def _failed(known: Credentials | None, reason: str) -> AnalystLoginFailed:
    if known is None:
        return AnalystLoginFailed(reason_code=reason)  # what was typed may be a password
    return AnalystLoginFailed(reason_code=reason, actor=actor(known.analyst))

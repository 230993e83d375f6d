"""What proves an analyst: password and code of the application, both, each counted first."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from broker.accounts.passwords import Passwords
from broker.audit.log import AuditLog
from broker.audit.model import Event
from broker.base.clock import Clock, epoch
from broker.base.context import Here
from broker.base.counters import Counters
from broker.base.crypto import Secret
from broker.base.db import Database
from broker.base.errors import Refusal, Throttled
from broker.base.limits import Limits
from broker.console.events import (
    AnalystLoginFailed,
    AnalystLoginThrottled,
    AnalystProofFailed,
    AnalystProofThrottled,
)
from broker.console.model import AnalystRefused, AnalystSession, Credentials, Standing
from broker.console.sessions import actor, by
from broker.console.store import AnalystStore
from broker.console.totp import step_of

_PAIR, _SITE, _PREFIX, _CODE = "analyst.pair", "analyst.site", "analyst.prefix", "analyst.code"
_Done = TypeVar("_Done")


@dataclass(frozen=True, kw_only=True)
class Typed:
    """What somebody typed; *session* is theirs where they are logged in."""

    name: str
    password: Secret
    code: str
    session: AnalystSession | None = None


@dataclass(frozen=True)
class AnalystProof:
    """One refusal whatever is wrong, in the same time.

    Tries of a password count for (name, network), so that strangers elsewhere stop nobody; the
    networks of one site of IPv6, which one customer may have, count together. Codes count for the
    analyst wherever they come from, but only behind the right password.
    """

    store: AnalystStore
    passwords: Passwords
    counters: Counters
    limits: Limits
    audit: AuditLog
    db: Database
    clock: Clock
    here: Here

    def require(self, typed: Typed, act: Callable[[Credentials], _Done]) -> _Done:
        """Act in the transaction that uses the code up, or raise AnalystRefused or Throttled.

        What was counted and recorded is committed first.
        """
        self._count(typed)
        known = self.store.credentials(typed.name)
        proving = known if known and known.analyst.standing is Standing.ACTIVE else None
        # Slow, hence outside transactions; the same for a name that nobody has.
        right = self.passwords.matches(proving.password if proving else None, typed.password)
        if proving is None or not right:
            self.audit.record(_failed(typed, known, _reason(known)))
            raise AnalystRefused
        with self.db.transaction():
            refusal = self._second_factor(typed, proving)
            if refusal is None:
                done = act(proving)
        if refusal:
            raise refusal
        self._keep_up(proving, typed.password)
        return done

    def _keep_up(self, proved: Credentials, password: Secret) -> None:
        """Hash the password anew where key or costs have changed.

        Only now: before the code was right, its time would tell that the password was.
        """
        if proved.password and self.passwords.is_outdated(proved.password):
            renewed = self.passwords.hash(password)
            with self.db.transaction():
                self.store.rehash(proved, renewed)

    def _count(self, typed: Typed) -> None:
        """Take a try of the password before it is compared."""
        limits, prefix, site = self.limits, self.here().prefix, self.here().site
        refusal = None
        with self.db.transaction():
            try:
                self._slow(_PAIR, f"{typed.name}|{prefix}", limits.analyst_pair_count)
                if site:
                    self._slow(_SITE, f"{typed.name}|{site}", limits.analyst_site_count)
                self.counters.take(
                    _PREFIX,
                    site or prefix,
                    count=limits.analyst_prefix_count,
                    window=limits.analyst_prefix_window,
                )
            except Throttled as throttled:
                self.audit.record(_throttled(typed, "password"))
                refusal = throttled
        if refusal:
            raise refusal

    def _slow(self, name: str, key: str, free: int) -> None:
        self.counters.take_slowing(
            name,
            key,
            free=free,
            wait=self.limits.analyst_pair_wait,
            ceiling=self.limits.analyst_pair_ceiling_window,
        )

    def _second_factor(self, typed: Typed, proving: Credentials) -> Refusal | None:
        analyst, limits = proving.analyst, self.limits
        try:
            self.counters.take(
                _CODE,
                analyst.id,
                count=limits.analyst_code_count,
                window=limits.analyst_code_window,
            )
        except Throttled as throttled:
            self.audit.record(_throttled(typed, "code", actor=actor(analyst)))
            return throttled
        step = step_of(proving.totp_secret, typed.code, epoch(self.clock()))
        if step is None:
            self.audit.record(_failed(typed, proving, "code"))
            return AnalystRefused()
        if not self.store.use_step(proving, step):
            self.audit.record(_failed(typed, proving, "code_used"))
            return AnalystRefused()
        self._forget_tries(proving)
        return None

    def _forget_tries(self, proved: Credentials) -> None:
        analyst, prefix, site = proved.analyst, self.here().prefix, self.here().site
        # Only this try: wrong codes before it stay counted, or each proof would allow more.
        self.counters.give_back(_CODE, analyst.id)
        self.counters.forget(_PAIR, f"{analyst.name}|{prefix}")
        if site:
            self.counters.forget(_SITE, f"{analyst.name}|{site}")
        self.counters.give_back(_PREFIX, site or prefix)


def _reason(known: Credentials | None) -> str:
    if known is None:
        return "unknown"
    standing = known.analyst.standing
    return "password" if standing is Standing.ACTIVE else str(standing)


def _failed(typed: Typed, known: Credentials | None, reason: str) -> Event:
    if typed.session:
        return AnalystProofFailed(reason_code=reason, **by(typed.session))
    if known is None:
        return AnalystLoginFailed(reason_code=reason)  # what was typed may be a password
    return AnalystLoginFailed(reason_code=reason, actor=actor(known.analyst))


def _throttled(typed: Typed, reason: str, **who: Any) -> Event:  # noqa: ANN401 - members of an event
    if typed.session:
        return AnalystProofThrottled(reason_code=reason, **by(typed.session))
    return AnalystLoginThrottled(reason_code=reason, **who)

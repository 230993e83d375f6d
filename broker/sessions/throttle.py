"""How often a password may be tried: slowed per pair, never locked by strangers."""

from dataclasses import dataclass

from broker.base.context import Here
from broker.base.counters import Counters
from broker.base.db import Database
from broker.base.errors import Throttled
from broker.base.limits import Limits
from broker.insured.nir import Nir
from broker.sessions.model import RememberedBrowser

_PAIR, _SITE, _KNOWN, _NIR, _DELAY, _PREFIX = (
    "login.pair",
    "login.site",
    "login.remembered",
    "login.nir",
    "login.delay",
    "login.prefix",
)
_NO_LIMIT = 10**9
_GRACE = 900  # seconds within which a person who was asked to wait comes back


@dataclass(frozen=True)
class LoginThrottle:
    """Counts a try before the password is compared; the same for numbers without an account.

    A remembered browser has a counter of its own, which strangers' failures don't touch.
    """

    counters: Counters
    limits: Limits
    db: Database
    here: Here

    def take(self, nir: Nir, browser: str, remembered: RememberedBrowser | None) -> None:
        """Take one try, or raise Throttled; what was counted stays counted."""
        with self.db.transaction():
            refusal = self._taken(nir, browser, remembered)
        if refusal:
            raise refusal

    def succeeded(self, nir: Nir, browser: str, remembered: RememberedBrowser | None) -> bool:
        """Forget the tries of this pair; belongs in the transaction of the login.

        Returns whether several had failed: in this browser where it is remembered, for this
        number in any other one else, since guesses come from many places.
        """
        if remembered:
            window = self.limits.login_pair_ceiling_window
            tries = self.counters.used(_KNOWN, remembered.id, window=window)
            self.counters.forget(_KNOWN, remembered.id)
            return tries > self.limits.failed_passwords_told_count  # this one among them
        prefix = self.here().prefix
        # In the order of _take_unknown: two transactions must not wait for one another.
        self.counters.give_back(_NIR, nir.value)
        self.counters.forget(_DELAY, f"{nir.value}|{prefix}|{browser}")
        self.counters.forget(_PAIR, f"{nir.value}|{prefix}")
        if site := self.here().site:
            self.counters.forget(_SITE, f"{nir.value}|{site}")
        self.counters.give_back(_PREFIX, prefix)
        failed = self.counters.used(_NIR, nir.value, window=self.limits.login_nir_window)
        return failed >= self.limits.failed_passwords_told_count

    def _taken(
        self, nir: Nir, browser: str, remembered: RememberedBrowser | None
    ) -> Throttled | None:
        try:
            if remembered:
                self._slow(_KNOWN, remembered.id, self.limits.login_pair_count)
            else:
                self._take_unknown(nir, browser)
        except Throttled as throttled:
            if not remembered:
                self.counters.give_back(_NIR, nir.value)  # nothing was compared
            return throttled
        return None

    def _take_unknown(self, nir: Nir, browser: str) -> None:
        limits, prefix = self.limits, self.here().prefix
        left = self.counters.take(_NIR, nir.value, count=_NO_LIMIT, window=limits.login_nir_window)
        if _NO_LIMIT - left > limits.login_nir_count and limits.login_nir_wait:
            # Per browser, so that nobody else can make this person wait longer.
            key = f"{nir.value}|{prefix}|{browser}"
            self.counters.hold(_DELAY, key, wait=limits.login_nir_wait, grace=_GRACE)
        self._slow(_PAIR, f"{nir.value}|{prefix}", limits.login_pair_count)
        if site := self.here().site:
            self._slow(_SITE, f"{nir.value}|{site}", limits.login_site_count)
        self.counters.take(
            _PREFIX,
            prefix,
            count=limits.login_prefix_count,
            window=limits.login_prefix_window,
        )

    def _slow(self, name: str, key: str, free: int) -> None:
        self.counters.take_slowing(
            name,
            key,
            free=free,
            wait=self.limits.login_pair_wait,
            ceiling=self.limits.login_pair_ceiling_window,
        )

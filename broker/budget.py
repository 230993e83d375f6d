"""The security budget: how many guesses the limits leave to an attacker, at most.

Computed from the limits that the service really uses, whatever they are set to; the ceilings are
what we accept. NIST SP 800-63B clause 3.2.2 caps failed tries of an account; RFC 9700 and
RFC 6749 section 10.10 ask that a random value cannot be guessed.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from broker.base.limits import DAY, Limits

MONTH = 30 * DAY
PREFIXES = 1_000
"""Networks (/24 of IPv4, /64 of IPv6) that an attacker of one person is supposed to have."""
_FASTEST = 10_000  # guesses a second: more than all nodes can answer
_CODES = 10**6
_IBAN_ENDS = 10**5  # five of the seven characters: the key follows from the rest
_CARD_ENDS = 10**10  # ten of the eleven digits: the last is 9 on most cards
_TOKENS = 2**256 / 10**9  # of which a thousand million are valid at one time


@dataclass(frozen=True)
class Budget:
    """What one way of attack can reach; *space* is None where people choose the secret."""

    attack: str
    day: int
    """Guesses that are compared in 24 hours, at most."""
    month: int
    """The same in 30 days."""
    space: float | None
    """How many values are equally likely: one of them is right."""
    ceiling: float
    """Accepted in 30 days: the chance of one success or, where space is None, the guesses."""

    @property
    def chance(self) -> float | None:
        """Return the chance of a success within 30 days."""
        return None if self.space is None else min(1.0, self.month / self.space)

    @property
    def holds(self) -> bool:
        """Whether what can be reached is accepted."""
        return (self.month if self.chance is None else self.chance) <= self.ceiling


def budgets(limits: Limits) -> tuple[Budget, ...]:
    """Return what every way of attack reaches under these limits."""
    return (*_passwords(limits), *_codes(limits), *_creation(limits), *_random())


def table(found: Iterable[Budget]) -> str:
    """Return the budgets as a table for the documents."""
    head = (
        "| Attack | Guesses in 24 hours | in 30 days | Chance of success in 30 days | Accepted |",
        "|---|---:|---:|---:|---:|",
    )
    return "\n".join((*head, *map(_line, found)))


def _line(found: Budget) -> str:
    if found.chance is None:
        chance, accepted = "people choose it", f"{found.ceiling:,.0f} guesses"
    else:
        chance, accepted = f"{found.chance:.1e}", f"{found.ceiling:.1e}"
    return f"| {found.attack} | {found.day:,} | {found.month:,} | {chance} | {accepted} |"


def windowed(count: int, window: int, period: int) -> int:
    """Return the most tries in any *period* seconds, where *count* pass in each window.

    A window starts with its first try, so the end of one and the start of the next may touch.
    """
    return int(count * (period // window + 1 + (period % window > 0)))


def slowed(free: int, wait: int, ceiling: int, period: int) -> int:
    """Return a bound of the tries in *period* seconds of a counter that gets slower.

    It holds for every patience: whoever tries *n* times as early as possible, lets the counter
    forget and begins again has the best rate for one *n*; the last time, nobody waits any more.
    """
    if wait == 0:
        return _FASTEST * period
    begins, delay = [0] * free, wait  # the second of each try, without a pause
    while delay < ceiling:
        begins.append(begins[-1] + delay)
        delay *= 2
    begins.append(begins[-1] + ceiling)  # and so on: from here every try costs the same
    rate = max(number / (begins[number] + ceiling) for number in range(1, len(begins)))
    rate = max(rate, 1 / ceiling)
    return max(
        number + int(rate * (period - begin))
        for number, begin in enumerate(begins, start=1)
        if begin <= period
    )


def _passwords(limits: Limits) -> Iterator[Budget]:
    pair, prefix = _pair_of(limits), _prefix_of(limits)
    yield _of("password of one person, from one network", pair, None, 300)
    yield _of(
        f"password of one person, from {PREFIXES:,} networks at once",
        lambda period: PREFIXES * pair(period),
        None,
        300 * PREFIXES,
    )
    yield _of("a few passwords, of many people, from one network", prefix, None, 800_000)


def _pair_of(limits: Limits) -> Callable[[int], int]:
    free, wait = limits.login_pair_count, limits.login_pair_wait
    return lambda period: slowed(free, wait, limits.login_pair_ceiling_window, period)


def _prefix_of(limits: Limits) -> Callable[[int], int]:
    count, window = limits.login_prefix_count, limits.login_prefix_window
    return lambda period: windowed(count, window, period)


def _codes(limits: Limits) -> Iterator[Budget]:
    def strange(period: int) -> int:
        return windowed(limits.code_account_count, limits.code_account_window, period)

    def known(period: int) -> int:
        sent = windowed(limits.code_sent_count, limits.code_sent_window, period)
        return sent * limits.code_tries

    yield _of(
        "code of one person, password known, from any number of networks", strange, _CODES, 5e-4
    )
    yield _of("code of one person, password and remembered browser stolen", known, _CODES, 0.05)


def _creation(limits: Limits) -> Iterator[Budget]:
    def card(period: int) -> int:
        return windowed(limits.card_count, limits.card_window, period)

    yield _of("end of the IBAN of one person, card number known", card, _IBAN_ENDS, 2e-3)
    yield _of("card number of one person, IBAN known", card, _CARD_ENDS, 2e-8)
    yield _of("card number and IBAN of one person", card, _IBAN_ENDS * _CARD_ENDS, 2e-13)


def _random() -> Iterator[Budget]:
    def anything(period: int) -> int:
        return _FASTEST * period

    yield _of("any authorization code", anything, _TOKENS, 1e-40)
    yield _of("any access token, refresh token, session or mailed link", anything, _TOKENS, 1e-40)


def _of(attack: str, reached: Callable[[int], int], space: float | None, ceiling: float) -> Budget:
    return Budget(attack, reached(DAY), reached(MONTH), space, ceiling)

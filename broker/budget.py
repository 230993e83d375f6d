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
"""Networks (/24 of IPv4, /64 of IPv6) that an attacker is supposed to have."""
PEOPLE = 1_000
"""Of whom an attacker of many is supposed to know what an attack begins with."""
_FASTEST = 10_000  # guesses a second: more than all nodes can answer
_CODES = 10**6
_IBAN_ENDS = 10**5  # five of the seven characters: the key follows from the rest
_CARD_ENDS = 10**10  # ten of the eleven digits: the last is 9 on most cards
_CODES_OF_APPLICATION = _CODES / 3  # TOTP: the steps before and after are right too
_TOKENS = 2**256 / 10**9  # of which a thousand million are valid at one time

Reached = Callable[[int], int]
"""Returns how many guesses are compared in so many seconds, at most."""


@dataclass(frozen=True)
class Budget:
    """What one way of attack can reach; *space* is None where nobody can tell."""

    attack: str
    day: int
    """Guesses that are compared in 24 hours, at most."""
    month: int
    """The same in 30 days."""
    space: float | None
    """How many values are equally likely: one of them is right."""
    ceiling: float
    """Accepted in 30 days: the chance of one success or, where space is None, the guesses."""
    people: int = 1
    """Over how many people, each with a secret of their own, the guesses are spread."""

    @property
    def chance(self) -> float | None:
        """Return the chance that one of them is found within 30 days."""
        if self.space is None:
            return None
        of_one = min(1.0, self.month / self.people / self.space)
        return of_one if self.people == 1 else 1 - (1 - of_one) ** self.people

    @property
    def holds(self) -> bool:
        """Whether what can be reached is accepted."""
        return (self.month if self.chance is None else self.chance) <= self.ceiling


def budgets(limits: Limits) -> tuple[Budget, ...]:
    """Return what every way of attack reaches under these limits."""
    return (
        *_passwords(limits),
        *_codes(limits),
        *_creation(limits),
        *_without_account(limits),
        *_analysts(limits),
        *_random(limits),
    )


def table(found: Iterable[Budget]) -> str:
    """Return the budgets as a table for the documents."""
    head = (
        "| Attack | Guesses in 24 hours | in 30 days | Chance of success in 30 days | Accepted |",
        "|---|---:|---:|---:|---:|",
    )
    return "\n".join((*head, *map(_line, found)))


def _line(found: Budget) -> str:
    if found.chance is None:
        chance, accepted = "cannot be told", f"{found.ceiling:,.0f} guesses"
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
    pair, site, prefix = _pair_of(limits), _site_of(limits), _prefix_of(limits)
    yield _of("password of one person, from one network", pair, None, 300)
    yield _of(
        f"password of one person, from {PREFIXES:,} networks at once",
        lambda period: PREFIXES * pair(period),
        None,
        300 * PREFIXES,
    )
    yield _of("password of one person, from one /48 of IPv6", site, None, 350)
    yield _of("password of one person, remembered browser stolen", pair, None, 300)
    yield _of("a few passwords, of many people, from one network", prefix, None, 800_000)
    yield _of(
        f"a few passwords, of many people, from {PREFIXES:,} networks at once",
        lambda period: PREFIXES * prefix(period),
        None,
        800_000 * PREFIXES,
    )


def _pair_of(limits: Limits) -> Reached:
    return _slowing(
        limits.login_pair_count, limits.login_pair_wait, limits.login_pair_ceiling_window
    )


def _site_of(limits: Limits) -> Reached:
    return _slowing(
        limits.login_site_count, limits.login_pair_wait, limits.login_pair_ceiling_window
    )


def _prefix_of(limits: Limits) -> Reached:
    return _within(limits.login_prefix_count, limits.login_prefix_window)


def _codes(limits: Limits) -> Iterator[Budget]:
    strange = _within(limits.code_account_count, limits.code_account_window)
    sent = _within(limits.code_sent_count, limits.code_sent_window)
    yield _of(
        "code of one person, password known, from any number of networks", strange, _CODES, 5e-4
    )
    yield _of(
        f"code of any of {PEOPLE:,} people whose passwords are known", strange, _CODES, 0.4, PEOPLE
    )
    yield _of(
        "code of one person, password and remembered browser stolen",
        lambda period: sent(period) * limits.code_tries,
        _CODES,
        0.05,
    )


def _creation(limits: Limits) -> Iterator[Budget]:
    card = _within(limits.card_count, limits.card_window)
    yield _of("end of the IBAN of one person, card number known", card, _IBAN_ENDS, 2e-3)
    yield _of(
        f"end of the IBAN of any of {PEOPLE:,} people whose card numbers are known",
        card,
        _IBAN_ENDS,
        0.7,
        PEOPLE,
    )
    yield _of("card number of one person, IBAN known", card, _CARD_ENDS, 2e-8)
    yield _of("card number and IBAN of one person", card, _IBAN_ENDS * _CARD_ENDS, 2e-13)


def _without_account(limits: Limits) -> Iterator[Budget]:
    identity = _within(limits.identity_prefix_count, limits.identity_prefix_window)
    links = _within(limits.link_prefix_count, limits.link_prefix_window)
    email = _within(limits.email_used_count, limits.email_used_window)
    change = _within(limits.address_change_count, limits.address_change_window)
    yield _of(
        "names, birth date and post code behind numbers, from one network", identity, None, 250_000
    )
    yield _of("birth dates at the forgotten password, from one network", links, None, 80_000)
    yield _of("e-mail addresses of accounts, by one person who proves a card", email, None, 8_000)
    yield _of("e-mail addresses of accounts, from one account", change, None, 200)


def _analysts(limits: Limits) -> Iterator[Budget]:
    pair = _slowing(
        limits.analyst_pair_count, limits.analyst_pair_wait, limits.analyst_pair_ceiling_window
    )
    site = _slowing(
        limits.analyst_site_count, limits.analyst_pair_wait, limits.analyst_pair_ceiling_window
    )
    prefix = _within(limits.analyst_prefix_count, limits.analyst_prefix_window)
    code = _within(limits.analyst_code_count, limits.analyst_code_window)
    yield _of("password of one analyst, from one network", pair, None, 300)
    yield _of(
        f"password of one analyst, from {PREFIXES:,} networks at once",
        lambda period: PREFIXES * pair(period),
        None,
        300 * PREFIXES,
    )
    yield _of("password of one analyst, from one /48 of IPv6", site, None, 350)
    yield _of("a few passwords, of many analysts, from one network", prefix, None, 80_000)
    yield _of(
        "code of one analyst, password known, from any number of networks",
        code,
        _CODES_OF_APPLICATION,
        2e-3,
    )


def _random(limits: Limits) -> Iterator[Budget]:
    programs = _within(limits.endpoint_count, limits.endpoint_window)
    people = _within(limits.address_count, limits.address_window)
    yield _of(
        "any random value, from any number of networks",
        lambda period: _FASTEST * period,
        _TOKENS,
        1e-57,
    )
    yield _of(
        "any authorization code or token, from one address, on each process",
        programs,
        _TOKENS,
        2e-59,
    )
    yield _of(
        "any session, mailed link or step, from one address, on each process",
        people,
        _TOKENS,
        4e-61,
    )


def _within(count: int, window: int) -> Reached:
    return lambda period: windowed(count, window, period)


def _slowing(free: int, wait: int, ceiling: int) -> Reached:
    return lambda period: slowed(free, wait, ceiling, period)


def _of(
    attack: str, reached: Reached, space: float | None, ceiling: float, people: int = 1
) -> Budget:
    """Return the budget of so many people, each of whom *reached* bounds alone."""
    return Budget(attack, people * reached(DAY), people * reached(MONTH), space, ceiling, people)

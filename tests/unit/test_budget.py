"""The security budget: what it computes is what the counters let through, and is accepted."""

import re
from datetime import datetime, timedelta

import pytest

from bench.attack import WINDOW
from broker.app import create_app
from broker.base.counters import Counters
from broker.base.errors import Throttled
from broker.base.limits import DAY, HOUR, MINUTE, Limits
from broker.budget import MONTH, Budget, budgets, slowed, table, windowed
from broker.foundation import Foundation
from tests.conftest import ROOT, FrozenClock, test_settings
from tests.support.attacks import ATTACKS, NOT_ATTACKED
from tests.support.besieged import simulated

_BOUND_NO_GUESS = {
    "mask_count",  # how often a layout is shown
    "identity_pair_count",  # several addresses of one network: its own count is the bound
    "login_nir_count",  # slows, and lets everybody through
    "franceconnect_count",  # round trips: FranceConnect does the proving
    "activation_resend_count",  # mails to the holder
    "reset_request_count",
    "account_exists_mail_count",
    "failed_passwords_told_count",
    "login_told_count",
    "failed_codes_told_count",
    "signal_verification_count",  # events that a partner asks to be sent, to try its stream
    "token_evidence_count",  # a proof that a partner asks, of tokens issued to it alone
}
_LOOSER = {
    "login_pair_count": 50,
    "login_pair_wait": 1,
    "login_site_count": 30,
    "login_pair_ceiling_window": HOUR,
    "login_prefix_count": 2_000,
    "login_prefix_window": HOUR // 2,
    "code_account_count": 20,
    "code_account_window": HOUR,
    "code_tries": 20,
    "code_sent_count": 50,
    "code_sent_window": HOUR // 4,
    "card_count": 10,
    "card_window": HOUR,
    "identity_prefix_count": 400,
    "identity_prefix_window": HOUR // 2,
    "link_prefix_count": 200,
    "link_prefix_window": HOUR // 2,
    "email_used_count": 20,
    "email_used_window": HOUR // 2,
    "address_change_count": 10,
    "address_change_window": HOUR,
    "analyst_pair_count": 50,
    "analyst_pair_wait": 1,
    "analyst_site_count": 30,
    "analyst_pair_ceiling_window": HOUR,
    "analyst_prefix_count": 200,
    "analyst_prefix_window": HOUR // 2,
    "analyst_code_count": 30,
    "analyst_code_window": HOUR,
    "address_count": 1_200,
    "address_window": MINUTE // 2,
    "endpoint_count": 60_000,
    "endpoint_window": MINUTE // 2,
}
"""Each limit that the budget uses, as somebody might loosen it."""
_NUMBER = r" \| ([\d,]+)"
FREE, WAIT, CEILING = 5, 15 * MINUTE, DAY


@pytest.fixture
def counters(sqlite_url: str, clock: FrozenClock) -> Counters:
    application = create_app(test_settings(sqlite_url), clock=clock)
    return application.extensions["broker"][Foundation].counters


def passes(counters: Counters) -> int:
    """Take one try; return 0, or the seconds to wait."""
    try:
        with counters.db.transaction():
            counters.take_slowing("login", "who", free=FREE, wait=WAIT, ceiling=CEILING)
    except Throttled as refusal:
        return refusal.retry_after
    return 0


def patient(counters: Counters, clock: FrozenClock, burst: int, ends: datetime) -> int:
    """Try *burst* times as early as possible, let the counter forget, and so on; count."""
    through = 0
    while True:
        for _ in range(burst):
            wait = passes(counters)
            if wait:
                clock.now += timedelta(seconds=wait)
                assert passes(counters) == 0
            if clock.now > ends:
                return through
            through += 1
        if burst >= FREE:
            clock.now += timedelta(seconds=passes(counters))
        clock.now += timedelta(seconds=CEILING)


@pytest.mark.parametrize("burst", range(1, 13))
def test_no_patience_gets_more_tries_through_than_the_budget_says(burst, counters, clock):
    month = timedelta(seconds=MONTH)

    assert patient(counters, clock, burst, clock.now + month) <= slowed(FREE, WAIT, CEILING, MONTH)


def test_who_never_waits_longer_than_asked_stays_within_the_budget_of_a_day(counters, clock):
    through, ends = 0, clock.now + timedelta(days=1)
    while clock.now <= ends:
        wait = passes(counters)
        through += wait == 0
        clock.now += timedelta(seconds=wait)

    assert through == 11 <= slowed(FREE, WAIT, CEILING, DAY)


def test_windows_that_touch_let_twice_the_count_through(counters, clock):
    def take() -> bool:
        try:
            with counters.db.transaction():
                counters.take("card", "who", count=3, window=DAY)
        except Throttled:
            return False
        return True

    through = take()
    clock.now += timedelta(seconds=DAY - 1)
    through += sum(take() for _ in range(5))
    clock.now += timedelta(seconds=1)
    through += sum(take() for _ in range(5))

    assert through == windowed(3, DAY, DAY) == 6


def test_the_limits_of_the_specification_are_within_every_ceiling():
    assert [item.attack for item in budgets(Limits()) if not item.holds] == []


@pytest.mark.parametrize("name", _LOOSER)
def test_a_limit_that_is_loosened_breaks_a_ceiling(name):
    assert not all(item.holds for item in budgets(Limits(**{name: _LOOSER[name]})))


def test_every_limit_that_the_budget_uses_is_loosened_here():
    unchanged = budgets(Limits())

    used = {
        name
        for name, value in Limits()
        if any(budgets(Limits(**{name: other})) != unchanged for other in (1, 2 * value))
    }

    assert used == set(_LOOSER)


def test_every_count_either_bounds_guesses_or_is_named_here_as_bounding_none():
    counts = {name for name, _ in Limits() if name.endswith("_count")}

    assert counts - set(_LOOSER) == _BOUND_NO_GUESS


def test_every_line_is_attacked_for_real_or_says_why_not():
    lines = [item.attack for item in budgets(Limits())]

    assert sorted(lines) == sorted([*ATTACKS, *NOT_ATTACKED])


def test_guesses_spread_over_people_count_each_of_them():
    alone = Budget("", 20, 310, 10**6, 1.0)
    spread = Budget("", 20_000, 310_000, 10**6, 1.0, people=1_000)

    assert alone.chance == 310 / 10**6
    assert spread.chance == pytest.approx(1 - (1 - alone.chance) ** 1_000)


def test_what_a_month_of_attacks_reached_is_within_the_budget_of_its_limits():
    document = (ROOT / "docs/security-budget.md").read_text()
    budget_of = {item.attack: item.month for item in budgets(simulated(WINDOW))}

    rows = re.findall(rf"^\| (.+?)(?:, (\d+) times)?{3 * _NUMBER} \|$", document, re.MULTILINE)

    assert rows
    assert {line for line, *_ in rows} <= set(ATTACKS)
    for line, times, *figures in rows:
        tried, compared, budget = (int(figure.replace(",", "")) for figure in figures)
        assert budget == budget_of[line] * int(times or 1), line
        assert compared <= min(tried, budget), line


def test_the_document_holds_the_table_of_these_limits():
    document = (ROOT / "docs/security-budget.md").read_text()

    assert table(budgets(Limits())) in document, "run broker budget --markdown"

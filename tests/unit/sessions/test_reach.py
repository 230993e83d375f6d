"""What a cut counts as a waiting login: one that its code would still let in."""

import pytest

from broker.sessions.model import Reach
from broker.sessions.reach import SessionReach


@pytest.fixture
def waiting(app, account):
    """Return a function that counts the account's waiting logins."""
    reach = app.extensions["broker"][SessionReach]
    return lambda: reach.count(Reach(account_id=account.id)).waiting


def test_a_login_waits_until_its_code_is_given(browser, waiting):
    asked = browser.gives_password()
    before = waiting()

    browser.gives_code(asked)

    assert (before, waiting()) == (1, 0)


def test_the_code_of_one_login_leaves_the_other_waiting(browser, another_browser, waiting, clock):
    another_browser.gives_password()
    clock.advance(seconds=1)

    browser.logs_in()

    assert waiting() == 1


def test_a_login_whose_code_bears_no_more_tries_waits_for_another_code(browser, waiting):
    asked = browser.gives_password()

    for _ in range(5):
        browser.gives_code(asked, code="000000")

    assert waiting() == 1


@pytest.mark.parametrize(("seconds", "waits"), [(3599, 1), (3600, 0)])
def test_a_login_waits_an_hour(browser, waiting, clock, seconds, waits):
    browser.gives_password()

    clock.advance(seconds=seconds)

    assert waiting() == waits


def test_what_is_counted_falls_with_the_cut(app, browser, account, waiting):
    reach = app.extensions["broker"][SessionReach]
    asked = browser.gives_password()

    with reach.store.db.transaction():
        reach.end(Reach(account_id=account.id), "cut")

    assert waiting() == 0
    assert browser.gives_code(asked, code="000000").status_code == 410

"""What may be somebody else is told: failed passwords before a login, codes that failed."""

from collections import Counter

import pytest

from broker.accounts.administration import Administration
from broker.accounts.doubts import Doubts
from broker.base.db import Database
from broker.otp.model import CodeExhausted, CodeRefused, CodeWrong
from broker.sessions.login import Login
from tests.conftest import test_settings
from tests.unit.accounts.builders import NIR
from tests.unit.holder.test_new_browsers import text
from tests.unit.ties.test_parallel_ties import at_once

LOGIN, CODES = "login_after_failures", "codes_failed"
AFTER = "après plusieurs mots de passe incorrects"
WRONG = ("000000", "000001")  # one of them at least is not the code


@pytest.fixture
def settings(database_url):
    return test_settings(
        database_url,
        BROKER_LIMIT_FAILED_PASSWORDS_TOLD_COUNT="3",
        BROKER_LIMIT_LOGIN_TOLD_COUNT="2",
        BROKER_LIMIT_FAILED_CODES_TOLD_COUNT="5",
    )


def fails(browser, times: int) -> None:
    for _ in range(times):
        browser.gives_password("Tulipes&Violon8", nir=NIR.value)


def mistypes(browser, times: int):
    """Give the right password, then that many wrong codes; return the page of the code."""
    waiting = browser.waits_for_code()
    wrong = WRONG[browser.mailed_code() == WRONG[0]]
    for _ in range(times):
        assert browser.gives_code(waiting, wrong).status_code == 422
    return waiting


def said(mail: str) -> str:
    """Return the plain part as it is read, decoded where French letters stand."""
    return text(mail).replace("=C3=A8", "è").replace("=C3=A9", "é")


@pytest.mark.parametrize(("failures", "told"), [(2, 0), (3, 1)])
def test_a_login_without_code_is_told_after_the_third_failure(bench, browser, failures, told):
    browser.logs_in_here(se_souvenir="oui")
    fails(browser, failures)

    assert browser.logs_in_without_code()

    mails = bench.mails(LOGIN)
    assert [AFTER in said(mail) for mail in mails] == [True] * told
    assert [browser.session().auth_event_id in mail for mail in mails] == [True] * told


def test_a_success_forgets_the_failures_that_were_told(bench, browser):
    browser.logs_in_here(se_souvenir="oui")
    fails(browser, 3)
    browser.logs_in_without_code()
    fails(browser, 2)

    assert browser.logs_in_without_code()

    assert len(bench.mails(LOGIN)) == 1


def test_two_of_a_day_are_told_and_no_third(bench, browser, clock):
    browser.logs_in_here(se_souvenir="oui")

    told = []
    for hours in (0, 1, 22, 1):
        clock.advance(hours=hours)
        fails(browser, 3)
        assert browser.logs_in_without_code()
        told.append(len(bench.mails(LOGIN)))

    assert told == [1, 2, 2, 3]


def test_failures_of_strangers_are_told_to_nobody(bench, browser, another_browser):
    browser.logs_in_here(se_souvenir="oui")
    fails(another_browser, 9)

    assert browser.logs_in_without_code()

    assert bench.mails(LOGIN) == []


@pytest.mark.parametrize(("failures", "told"), [(2, False), (3, True)])
def test_the_mail_of_a_code_says_that_passwords_had_failed(
    bench, browser, another_browser, failures, told
):
    fails(browser, failures - 1)
    fails(another_browser, 1)  # guesses come from many places

    another_browser.waits_for_code()

    (mail,) = bench.mails("code")
    assert (AFTER in said(mail)) == told


@pytest.mark.parametrize(("wrong", "told"), [(4, 0), (5, 1)])
def test_the_fifth_wrong_code_is_told(bench, browser, wrong, told):
    mistypes(browser, wrong)

    mails, login = bench.mails(CODES), bench.events("otp.failed")[0]["auth_event_id"]
    assert ["To: claire@exemple.fr" in mail and login in mail for mail in mails] == [True] * told


def test_wrong_codes_count_over_browsers_and_logins(bench, browser, another_browser):
    mistypes(browser, 2)
    mistypes(browser, 2)
    assert bench.mails(CODES) == []

    mistypes(another_browser, 1)

    assert len(bench.mails(CODES)) == 1


def test_however_often_codes_fail_one_mail_a_day_tells(bench, browser, clock):
    for _ in range(3):
        mistypes(browser, 5)
    assert len(bench.mails(CODES)) == 1

    clock.advance(days=1)
    mistypes(browser, 5)

    assert len(bench.mails(CODES)) == 2


def test_a_right_code_after_wrong_ones_is_told_too_and_enters(bench, browser):
    waiting = mistypes(browser, 4)
    assert browser.gives_code(waiting).status_code == 303

    mistypes(browser, 1)

    assert len(bench.mails(CODES)) == 1


def test_a_suspended_account_is_told_nothing(bench, account):
    bench.of(Administration).disable(account.id, operator="rita", reason="ticket 1")

    with bench.of(Database).transaction():
        for _ in range(5):
            bench.of(Doubts).code_failed(account.id, "login")

    assert bench.mails(CODES) == []


def test_twenty_wrong_codes_at_once_are_told_once(bench, browser):
    waiting = browser.waits_for_code()
    login, wrong = bench.of(Login), WRONG[browser.mailed_code() == WRONG[0]]
    attempt, _ = login.attempt(waiting.location.split("tentative=")[1], browser.ref())

    def types(_: int) -> type:
        try:
            login.code(attempt, wrong, None, remember=False)
        except CodeRefused as refusal:
            return type(refusal)

    refusals = Counter(at_once(types))

    assert refusals == {CodeWrong: 4, CodeExhausted: 16}
    assert len(bench.mails(CODES)) == 1

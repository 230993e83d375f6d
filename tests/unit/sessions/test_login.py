"""Logging in: one answer to all that is wrong, slowed and never locked, then a code."""

import re
import threading
from dataclasses import replace

import pytest

from broker.accounts.accounts import Accounts
from broker.audit.store import AuditStore
from broker.foundation import Foundation
from broker.sessions.login import Login
from broker.sessions.sessions import Sessions
from tests.conftest import test_settings
from tests.unit.sessions.conftest import NIR, PASSWORD

WRONG = "Votre numéro de sécurité sociale ou votre mot de passe est incorrect."


@pytest.fixture
def settings(database_url):
    return test_settings(
        database_url,
        BROKER_LIMIT_LOGIN_PAIR_COUNT="5",
        BROKER_LIMIT_LOGIN_PAIR_WAIT="900",
        BROKER_LIMIT_LOGIN_SITE_COUNT="9",
    )


def text(answer) -> str:
    """The page without what differs from one request to the next."""
    page = answer.get_data(as_text=True)
    return re.sub(r'value="[^"]*"', "", page)


def events(app, kind: str) -> list[str]:
    return list(app.extensions["broker"][AuditStore].search(type_prefix=kind))


def test_the_first_login_asks_a_code_then_opens_the_account(browser):
    asked = browser.gives_password()
    entered = browser.gives_code(asked)

    assert asked.status_code == 303
    assert entered.headers["Location"] == "/mon-compte"
    assert browser.is_logged_in()


@pytest.mark.parametrize("flaw", ["password", "unknown", "suspended"])
def test_whatever_is_wrong_the_answer_is_the_same(app, browser, account, flaw):
    accounts = app.extensions["broker"][Accounts]
    if flaw == "suspended":
        with accounts.db.transaction():
            accounts.store.move(account, type(account.status).SUSPENDED)
    reference = text(browser.gives_password("Autre&Violon7"))

    answer = {
        "password": lambda: browser.gives_password("Autre&Violon8"),
        "unknown": lambda: browser.gives_password(nir="1650359426225"),
        "suspended": browser.gives_password,
    }[flaw]()

    assert answer.status_code == 422
    assert WRONG in text(answer).replace("&#39;", "'")
    assert text(answer) == reference


def test_a_password_is_good_for_years(browser, clock):
    browser.logs_in()
    clock.advance(days=3_650)

    assert browser.gives_password().status_code == 303


def test_five_failures_of_a_pair_slow_it_for_fifteen_minutes(browser, clock):
    for _ in range(5):
        assert browser.gives_password("Autre&Violon7").status_code == 422

    slowed = browser.gives_password()
    clock.advance(minutes=15)
    answered = browser.gives_password()

    assert slowed.status_code == 429
    assert int(slowed.headers["Retry-After"]) in range(890, 902)
    assert "12:15" in text(slowed)
    assert answered.status_code == 303


def test_nine_failures_from_one_site_of_ipv6_slow_it_whatever_its_networks(browser, clock):
    tried = []
    for number in range(9):
        browser.address = f"2001:db8:7:{number:x}::1"
        tried.append(browser.gives_password("Autre&Violon7").status_code)
    browser.address = "2001:db8:7:ffff::1"
    slowed = browser.gives_password()
    browser.address = "2001:db8:8::1"
    elsewhere = browser.gives_password()
    browser.address = "2001:db8:7:ffff::1"
    clock.advance(minutes=15)

    assert tried == [422] * 9
    assert (slowed.status_code, elsewhere.status_code) == (429, 303)
    assert browser.gives_password().status_code == 303


def test_a_login_from_one_site_of_ipv6_starts_its_count_anew(browser):
    browser.address = "2001:db8:7::1"
    for _ in range(2):
        for number in range(8):
            browser.address = f"2001:db8:7:{number:x}::1"
            assert browser.gives_password("Autre&Violon7").status_code == 422
        assert browser.gives_password().status_code == 303


def test_one_network_cannot_try_many_numbers_without_end(app, browser, another_browser, clock):
    login = app.extensions["broker"][Login]
    limits = login.limits.model_copy(update={"login_prefix_count": 3})
    throttle = replace(login.throttle, limits=limits)
    app.extensions["broker"][Login] = replace(login, throttle=throttle)
    numbers = ("1650359426225", "1650359426322", "1650359426419")

    tried = [browser.gives_password(nir=nir).status_code for nir in numbers]
    slowed = browser.gives_password()
    elsewhere = another_browser.gives_password()
    clock.advance(hours=1)

    assert tried == [422] * 3
    assert (slowed.status_code, elsewhere.status_code) == (429, 303)
    assert browser.gives_password().status_code == 303


def test_failures_of_strangers_do_not_slow_the_person(browser, another_browser):
    for _ in range(5):
        another_browser.gives_password("Autre&Violon7")

    assert another_browser.gives_password().status_code == 429
    assert browser.gives_password().status_code == 303


def test_a_number_without_account_is_slowed_just_the_same(browser):
    for _ in range(5):
        browser.gives_password(nir="1650359426225")

    assert browser.gives_password(nir="1650359426225").status_code == 429


def test_a_remembered_browser_has_a_counter_of_its_own(browser, another_browser):
    another_browser.address = browser.address
    browser.logs_in(se_souvenir="oui")
    for _ in range(5):
        another_browser.gives_password("Autre&Violon7")

    answer = browser.gives_password()

    assert another_browser.gives_password().status_code == 429
    assert answer.headers["Location"] == "/mon-compte"


def test_a_remembered_browser_is_forgotten_after_thirty_days(browser, clock):
    browser.logs_in(se_souvenir="oui")
    clock.advance(days=30, seconds=-1)
    assert browser.gives_password().headers["Location"] == "/mon-compte"

    clock.advance(seconds=1)
    assert "code" in browser.gives_password().headers["Location"]


def test_another_account_is_not_remembered_in_that_browser(app, browser, account):
    browser.logs_in(se_souvenir="oui")

    with app.extensions["broker"][Foundation].db.transaction():
        app.extensions["broker"][Sessions].store.forget(account.id)

    assert "code" in browser.gives_password().headers["Location"]


def test_the_right_code_posted_twice_gives_the_same_page_and_one_session(app, browser):
    asked = browser.gives_password()
    code = browser.mailed_code()

    first = browser.gives_code(asked, code)
    second = browser.gives_code(asked, code)

    assert first.headers["Location"] == second.headers["Location"] == "/mon-compte"
    assert len(events(app, "session.created")) == 1
    assert browser.is_logged_in()


def test_a_wrong_code_opens_nothing(browser):
    asked = browser.gives_password()
    wrong = f"{(int(browser.mailed_code()) + 1) % 1_000_000:06}"

    answer = browser.gives_code(asked, wrong)

    assert answer.status_code == 422
    assert not browser.is_logged_in()


@pytest.mark.parametrize("typed", ["", "abc", "1" * 300, "\x01", "12\u202e3456"])
def test_rubbish_in_the_code_field_is_an_error_of_the_field(browser, typed):
    assert browser.gives_code(browser.gives_password(), typed).status_code == 422


def test_the_code_is_useless_in_another_browser(browser, another_browser):
    asked = browser.gives_password()

    answer = another_browser.gives_code(asked, browser.mailed_code())

    assert answer.status_code == 410
    assert not another_browser.is_logged_in()


def test_twenty_parallel_right_codes_open_one_session(app, browser):
    asked = browser.gives_password()
    code = browser.mailed_code()
    attempt = asked.headers["Location"].split("tentative=")[1]
    token = browser._token()
    cookies = [f"{c.key}={c.value}" for c in browser.client._cookies.values()]

    def post() -> None:
        app.test_client(use_cookies=False).post(
            "/connexion/code",
            data={"jeton_formulaire": token, "tentative": attempt, "code": code},
            headers={"Cookie": "; ".join(cookies)},
        )

    threads = [threading.Thread(target=post) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(events(app, "session.created")) == 1


def test_the_session_ends_when_idle_for_half_an_hour(browser, clock):
    browser.logs_in()
    clock.advance(minutes=30, seconds=-1)
    assert browser.is_logged_in()

    clock.advance(minutes=30)
    assert not browser.is_logged_in()


def test_the_session_ends_after_twelve_hours_however_busy(browser, clock):
    browser.logs_in()
    for _ in range(29):
        clock.advance(minutes=24)
        assert browser.is_logged_in()

    clock.advance(minutes=24)
    assert not browser.is_logged_in()


def test_logout_kills_the_cookie(browser):
    browser.logs_in()
    kept = browser.client.get_cookie("ameli_session").value

    browser.posts("/deconnexion")
    browser.client.set_cookie("ameli_session", kept)

    assert not browser.is_logged_in()


def test_whoever_logs_in_replaces_the_session(app, browser, clock):
    browser.logs_in()
    first = browser.client.get_cookie("ameli_session").value
    clock.advance(seconds=1)

    browser.logs_in()

    assert browser.client.get_cookie("ameli_session").value != first
    assert '"reason_code":"replaced"' in events(app, "session.ended")[0]


def test_a_suspended_account_loses_its_session_at_once(app, browser, account):
    browser.logs_in()
    accounts = app.extensions["broker"][Accounts]

    with accounts.db.transaction():
        accounts.store.move(account, type(account.status).SUSPENDED)

    assert not browser.is_logged_in()


def test_a_post_without_the_form_token_changes_nothing(browser, app):
    answer = browser.client.post("/connexion", data={"nir": NIR, "mot_de_passe": PASSWORD})

    assert answer.status_code == 400
    assert events(app, "login") == []


def test_no_event_holds_what_was_typed(app, browser):
    browser.logs_in()

    everything = "".join(app.extensions["broker"][AuditStore].search())

    assert NIR not in everything
    assert "personne@exemple.fr" not in everything
    assert PASSWORD not in everything

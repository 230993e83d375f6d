"""A login on an app's own screens, on both databases: the whole way, once, by the same limits."""

from collections import Counter

import pytest
from sqlalchemy import select

from broker.accounts.new_browsers import LOGIN
from broker.foundation import Foundation
from broker.oidc.provider import Provider
from broker.sessions.sessions import Sessions
from tests.conftest import test_settings
from tests.support.insured_account import NIR, insured_account
from tests.support.own_app import FIRST_PARTY, PASSWORD, OwnApp
from tests.support.partner import Holder, events, register
from tests.unit.oidc.test_parallel_redemption import at_once
from tests.unit.sessions.conftest import LoginPage

WRONG = "Tulipes&Violon8"


@pytest.fixture
def settings(database_url):
    return test_settings(
        database_url,
        BROKER_LIMIT_LOGIN_PAIR_COUNT="5",
        BROKER_LIMIT_LOGIN_PAIR_WAIT="900",
    )


@pytest.fixture
def own_app(app) -> OwnApp:
    holder = Holder(app, insured_account(app, password=PASSWORD))
    return OwnApp(app, holder, register(app, **FIRST_PARTY))


@pytest.fixture
def browser(app, own_app) -> LoginPage:  # noqa: ARG001 - the account must exist
    return LoginPage(app.test_client(), app)


def test_password_then_code_give_tokens_that_read_who_the_person_is(own_app):
    begun = own_app.begins(scope="openid profile email")
    asked = own_app.gives_password(begun.get_json()["auth_session"])
    done = own_app.gives_code(asked.get_json()["auth_session"])
    redeemed = own_app.redeems(done.get_json()["authorization_code"])
    tokens = redeemed.get_json()
    read = own_app.reads(tokens["access_token"])

    assert (begun.status_code, begun.get_json()["next"]) == (403, "password")
    assert (asked.status_code, asked.get_json()["next"]) == (403, "code")
    assert asked.get_json()["tries_left"] == 5
    assert done.get_json().keys() == {"authorization_code"}
    assert (redeemed.status_code, tokens["token_type"]) == (200, "DPoP")
    claims = own_app.id_token(tokens)
    assert (claims["acr"], claims["amr"]) == ("eidas1", ["pwd", "otp"])
    assert claims["nonce"] == "n-0S6_WzA2Mj"
    assert (read.status_code, read.get_json()["sub"]) == (200, claims["sub"])
    assert read.get_json()["email"] == "annie.autre@exemple.fr"


def test_the_trail_tells_of_it_as_of_a_login_on_the_pages(own_app, app):
    own_app.redeems(own_app.logs_in())

    told = {e["type"]: e for e in events(app, "") if e.get("auth_event_id")}
    login = [told[t] for t in ("login.password.ok", "otp.sent", "otp.ok", "session.created")]
    assert told.keys() >= {"code.issued", "code.redeemed", "token.issued"}
    assert len({e["auth_event_id"] for e in told.values()}) == 1
    (device,) = {e["browsing_session_id"] for e in login}
    assert device.startswith("app:")
    assert told["login.password.ok"]["client_id"] == "application"


def test_wrong_passwords_of_app_and_pages_share_their_count(own_app, browser):
    for _ in range(3):
        own_app.gives_password(own_app.thread(), WRONG)
    for _ in range(2):
        browser.gives_password(WRONG, nir=NIR)

    on_the_page = browser.gives_password(nir=NIR)
    in_the_app = own_app.gives_password(own_app.thread())

    assert on_the_page.status_code == 429
    assert in_the_app.status_code == 429
    assert in_the_app.get_json()["error"] == "temporarily_unavailable"
    assert (
        0 < int(in_the_app.headers["Retry-After"]) <= 901
    )  # one second over, so that nobody comes too early


def test_after_the_wait_the_same_thread_goes_on(own_app, clock):
    for _ in range(5):
        own_app.gives_password(own_app.thread(), WRONG)
    delayed = own_app.gives_password(own_app.thread()).get_json()

    clock.advance(minutes=15)
    answer = own_app.gives_password(delayed["auth_session"])

    assert delayed["next"] == "password"
    assert answer.get_json()["next"] == "code"


def test_a_right_password_in_the_app_clears_the_count_of_the_pages(own_app, browser):
    for _ in range(4):
        browser.gives_password(WRONG, nir=NIR)
    own_app.gives_password(own_app.thread())

    answers = [browser.gives_password(WRONG, nir=NIR).status_code for _ in range(5)]

    assert answers == [422] * 5


def test_twenty_passwords_at_once_in_one_thread_take_one_step(own_app, app):
    thread = own_app.thread()

    answers = at_once(lambda: own_app.gives_password(thread))

    assert Counter(answer.get_json()["error"] for answer in answers) == {
        "insufficient_authorization": 1, "invalid_session": 19,
    }  # fmt: skip
    assert len(own_app.mailed_codes()) == 1
    assert len(events(app, "login.password.ok")) == 1
    refused = events(app, "authz.session.refused")
    assert [e["reason_code"] for e in refused] == ["unknown_or_used"] * 19


def test_twenty_right_codes_at_once_give_one_authorization_code(own_app, app):
    thread, code = own_app.awaits_code(), own_app.mailed_code()

    answers = at_once(lambda: own_app.gives_code(thread, code))

    assert Counter(answer.status_code for answer in answers) == {200: 1, 400: 19}
    assert len(events(app, "code.issued")) == 1
    assert len(events(app, "session.created")) == 1


def test_what_is_over_is_deleted(own_app, app, clock):
    own_app.logs_in()
    own_app.thread()

    clock.advance(days=3)
    purged = sum(task.run() for task in app.extensions["broker"][Provider].tasks())

    assert purged >= 2
    assert own_app.gives_password("x" * 43).get_json()["error"] == "invalid_session"


def test_the_mail_of_a_login_elsewhere_names_the_app(own_app, app, clock):
    own_app.logs_in()  # the first one, after which no mail is needed
    clock.advance(minutes=1)
    own_app.logs_in()

    rows = app.extensions["broker"][Foundation].db.all(select(LOGIN.c.browser))

    assert [row.browser for row in rows] == ["Application ameli"]


def test_its_holder_sees_the_login_and_ends_it_from_a_browser(own_app, browser, app, clock):
    tokens = own_app.redeems(own_app.logs_in()).get_json()
    clock.advance(minutes=1)
    browser.gives_code(browser.gives_password(nir=NIR))
    sessions = app.extensions["broker"][Sessions]
    mine = sessions.of(browser.session_cookie())
    page = browser.client.get("/mon-compte/connexions").get_data(as_text=True)

    sessions.end_others_by_holder(mine)

    assert page.count("Fermer cette connexion") == 1
    assert "<strong>Application ameli</strong>" in page
    assert own_app.reads(tokens["access_token"]).status_code == 401

"""The page of the code: sent again, sent too often, and the news of a login from elsewhere."""

import pytest
from sqlalchemy import func, select

from broker.accounts.accounts import Accounts
from broker.accounts.new_browsers import NewBrowsers
from broker.audit.store import AuditStore
from broker.foundation import Foundation
from broker.insured.nir import Nir
from broker.mail.store import MAIL
from broker.sessions.sessions import Sessions
from tests.conftest import test_settings
from tests.unit.sessions.conftest import NIR


@pytest.fixture
def settings(database_url):
    return test_settings(
        database_url, BROKER_LIMIT_CODE_RESEND_WAIT="60", BROKER_LIMIT_CODE_SENT_COUNT="3"
    )


def attempt_of(answer) -> str:
    return answer.headers["Location"].split("tentative=")[1]


def mails(app, kind: str) -> int:
    db = app.extensions["broker"][Foundation].db
    return db.scalar(select(func.count()).select_from(MAIL).where(MAIL.c.kind == kind))


def test_the_page_shows_neither_code_nor_whole_address(browser):
    asked = browser.gives_password()

    page = browser.client.get(asked.headers["Location"]).get_data(as_text=True)

    assert browser.mailed_code() not in page
    assert "personne@exemple.fr" not in page
    assert "12:10" in page


def test_another_code_too_soon_says_when_and_loses_nothing(browser):
    asked = browser.gives_password()
    code = browser.mailed_code()

    answer = browser.posts("/connexion/code/renvoyer", tentative=attempt_of(asked))

    assert answer.status_code == 429
    assert "12:01" in answer.get_data(as_text=True).partition("<details open>")[2]
    assert int(answer.headers["Retry-After"]) in {60, 61}
    assert browser.gives_code(asked, code).status_code == 303


def test_another_code_replaces_the_one_before(browser, clock):
    asked = browser.gives_password()
    former = browser.mailed_code()
    clock.advance(seconds=60)

    sent = browser.posts("/connexion/code/renvoyer", tentative=attempt_of(asked))

    assert sent.status_code == 303
    if browser.mailed_code() != former:
        assert browser.gives_code(asked, former).status_code == 422
    assert browser.gives_code(asked).status_code == 303


def test_the_fourth_code_of_the_hour_is_not_sent_and_the_trail_says_so(app, browser):
    for _ in range(3):
        assert browser.gives_password().status_code == 303

    answer = browser.gives_password()

    assert answer.status_code == 429
    assert mails(app, "code") == 3
    trail = app.extensions["broker"][AuditStore]
    assert len(list(trail.search(type_prefix="login.password.throttled"))) == 1


def test_a_login_from_an_unknown_browser_is_told_by_mail_but_for_the_first(
    app, browser, another_browser, clock
):
    tell = app.extensions["broker"][NewBrowsers].tell
    browser.logs_in(se_souvenir="oui")
    assert tell() == 0
    clock.advance(seconds=1)

    another_browser.logs_in()

    assert tell() == 1
    assert mails(app, "new_browser") == 1


def test_after_a_reset_a_remembered_browser_is_signed_out_and_gives_a_code(
    app, browser, account, clock
):
    browser.logs_in(se_souvenir="oui")
    accounts = app.extensions["broker"][Accounts]
    with accounts.db.transaction():
        accounts.store.require_code(account.id, required=True)
        app.extensions["broker"][Sessions].end_all(account.id, "password_reset")
    clock.advance(seconds=1)

    assert not browser.is_logged_in()
    assert "/connexion/code" in browser.gives_password().headers["Location"]


def test_a_code_given_again_after_logout_opens_nothing(browser):
    asked = browser.gives_password()
    code = browser.mailed_code()
    browser.gives_code(asked, code)
    browser.posts("/deconnexion")

    assert browser.gives_code(asked, code).status_code == 410
    assert not browser.is_logged_in()


def test_the_account_page_forgets_a_browser(app, browser, clock):
    browser.logs_in(se_souvenir="oui")
    (found,) = app.extensions["broker"][Sessions].store.remembered_of(
        app.extensions["broker"][Accounts].by_nir(Nir.parse(NIR)).id, clock()
    )

    forgotten = browser.posts("/mon-compte/navigateurs", navigateur=found.id)
    clock.advance(seconds=1)

    assert forgotten.status_code == 303
    assert "/connexion/code" in browser.gives_password().headers["Location"]

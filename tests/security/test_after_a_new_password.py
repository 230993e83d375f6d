"""What an attacker holds when the password changes or the account is suspended dies at once."""

import pytest

from broker.accounts.accounts import Accounts
from broker.accounts.administration import Administration
from broker.accounts.password_change import PasswordChange
from broker.accounts.passwords import Passwords
from broker.accounts.reset import Reset
from broker.base.crypto import Secret
from broker.base.db import Database
from broker.sessions.login import Login
from broker.sessions.model import LoginExpired
from tests.support.partner import REFRESHING
from tests.unit.sessions.conftest import PASSWORD


@pytest.fixture
def ends(app):
    """What a reset and a suspension do to all that an account has open."""

    def end(account_id: str) -> None:
        with app.extensions["broker"][Database].transaction():
            app.extensions["broker"][Reset].end_sessions(account_id, "password_reset")

    return end


def test_a_reset_revokes_tokens_and_codes(partner, holder, ends):
    holder.logs_in()
    code, token = partner.code(), partner.tokens()["access_token"]

    ends(holder.account_id)

    assert partner.userinfo(token).status_code == 401
    assert partner.redeems(code).get_json()["error"] == "invalid_grant"


def test_a_change_revokes_tokens_and_codes_offline_access_included(app, a_partner, holder):
    holder.logs_in()
    partner = a_partner(**REFRESHING)
    tokens = partner.tokens(scope="openid offline_access")
    code = partner.code()

    app.extensions["broker"][PasswordChange].change(
        holder.account_id, Secret("Cerises&Piano8"), but="", auth_event_id="login"
    )

    assert partner.userinfo(tokens["access_token"]).status_code == 401
    assert partner.refreshes(tokens["refresh_token"]).get_json()["error"] == "invalid_grant"
    assert partner.redeems(code).get_json()["error"] == "invalid_grant"


def test_a_token_of_a_suspended_account_stays_dead_when_it_is_reopened(app, partner, holder):
    holder.logs_in()
    token = partner.tokens()["access_token"]
    administration = app.extensions["broker"][Administration]

    administration.disable(holder.account_id, operator="test", reason="fraud")
    administration.enable(holder.account_id, operator="test", reason="clear")

    assert partner.userinfo(token).status_code == 401


def test_a_login_begun_with_the_old_password_ends_with_it(browser, account, ends):
    asked = browser.gives_password()
    code = browser.mailed_code()

    ends(account.id)

    assert browser.gives_code(asked, code).status_code == 410
    assert not browser.is_logged_in()


def test_a_reset_between_reading_and_using_the_login_wins(app, browser, account, ends):
    asked = browser.gives_password()
    login = app.extensions["broker"][Login]
    attempt, _ = login.attempt(asked.headers["Location"].split("tentative=")[1], browser.ref())
    code = browser.mailed_code()

    ends(account.id)

    with pytest.raises(LoginExpired):
        login.code(attempt, code, None, remember=True)


def test_a_rehash_never_brings_an_old_password_back(app, account):
    services = app.extensions["broker"]
    old = services[Passwords]
    new = old.hash(Secret("Violons&Tulipes8"))
    costlier = Passwords.of(old.policy, old.store, old.db, old.keys, time_cost=2, memory_cost=2048)

    read_before = old.store.password_hash(account.id)
    with old.db.transaction():
        services[Accounts].store.set_password(account.id, new)
    costlier._rehash(account, Secret(PASSWORD), read_before)

    assert old.store.password_hash(account.id) == new

"""Logging in with FranceConnect: by the identity tied to the account, and a code where due."""

import pytest

from broker.accounts.accounts import Accounts
from broker.franceconnect.model import Purpose, VerifiedIdentity
from broker.sessions.login import Login, Presence
from broker.sessions.model import NotLinked
from broker.sessions.opening import CodeAsked, LoggedIn

ISS = "https://franceconnect.example"


@pytest.fixture
def login(app) -> Login:
    return app.extensions["broker"][Login]


@pytest.fixture
def tied(app, account):
    app.extensions["broker"][Accounts].link_upstream(account.id, ISS, "sub-1")
    return account


def identity(clock, sub: str = "sub-1") -> VerifiedIdentity:
    return VerifiedIdentity(
        id="trip",
        purpose=Purpose.LOGIN,
        iss=ISS,
        sub=sub,
        acr="eidas1",
        auth_time=None,
        idp_id="impots",
        claims={},
        email=None,
        verified_at=clock(),
    )


def presence(memory=None) -> Presence:
    return Presence(browser="browser", memory=memory)


@pytest.mark.usefixtures("account")
def test_an_identity_tied_to_no_account_opens_nothing(login, clock):
    with pytest.raises(NotLinked):
        login.by_franceconnect(identity(clock), presence(), None)


def test_a_suspended_account_is_not_opened(login, clock, tied):
    with login.db.transaction():
        login.accounts.store.move(tied, type(tied.status).SUSPENDED)

    with pytest.raises(NotLinked):
        login.by_franceconnect(identity(clock), presence(), None)


@pytest.mark.usefixtures("tied")
def test_an_unknown_browser_gives_a_code_then_is_known(login, clock, browser):
    asked = login.by_franceconnect(identity(clock), presence(), None)
    assert isinstance(asked, CodeAsked)

    step = login.code(asked.attempt, browser.mailed_code(), None, remember=True)
    again = login.by_franceconnect(identity(clock), presence(step.memory), None)

    assert step.session.amr == ("fc", "otp")
    assert isinstance(again, LoggedIn)
    assert again.session.amr == ("fc",)
    assert again.session.acr == "eidas1"


@pytest.mark.usefixtures("tied")
def test_the_trail_tells_which_identity_opened_the_session(login, clock, browser):
    asked = login.by_franceconnect(identity(clock), presence(), None)
    login.code(asked.attempt, browser.mailed_code(), None, remember=False)

    (created,) = login.audit.store.search(type_prefix="session.created")

    assert f'"iss":"{ISS}"' in created
    assert "sub-1" not in created

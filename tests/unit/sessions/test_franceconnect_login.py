"""Logging in with FranceConnect: by the identity tied to the account, and a code where due."""

import json
from dataclasses import replace

import pytest

from broker.accounts.model import Status
from broker.base.errors import Throttled
from broker.franceconnect.model import Purpose, RoundTripRefused, VerifiedIdentity
from broker.franceconnect.switches import Switches
from broker.sessions.login import Login, Presence
from broker.sessions.model import LoginExpired, NotTied
from broker.sessions.opening import CodeAsked, LoggedIn
from tests.support.ties import tie

ISS = "https://franceconnect.example"


@pytest.fixture
def login(app) -> Login:
    return app.extensions["broker"][Login]


@pytest.fixture
def tied(app, account):
    tie(app, account.id, ISS, "sub-1")
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


def refusals(login) -> list[str]:
    found = login.audit.store.search(type_prefix="fc.login.refused")
    return [json.loads(event)["reason_code"] for event in found]


@pytest.mark.usefixtures("account")
def test_an_identity_tied_to_no_account_opens_nothing(login, clock):
    with pytest.raises(NotTied):
        login.by_franceconnect(identity(clock), presence(), None)

    assert refusals(login) == ["not_tied"]


@pytest.mark.usefixtures("tied")
@pytest.mark.parametrize(("iss", "sub"), [(ISS, "SUB-1"), (ISS, "sub-1 "), (f"{ISS}/", "sub-1")])
def test_an_identity_is_compared_byte_for_byte(login, clock, iss, sub):
    with pytest.raises(NotTied):
        login.by_franceconnect(replace(identity(clock, sub), iss=iss), presence(), None)


@pytest.mark.parametrize("status", [Status.PENDING, Status.SUSPENDED, Status.CLOSED])
def test_an_account_that_may_not_log_in_is_not_opened(login, clock, tied, status):
    with login.db.transaction():
        login.accounts.store.move(tied, status)

    with pytest.raises(NotTied):
        login.by_franceconnect(identity(clock), presence(), None)

    assert refusals(login) == [str(status)]
    assert not list(login.audit.store.search(type_prefix="otp."))


def test_an_account_suspended_before_the_code_is_not_opened(login, clock, tied, browser):
    asked = login.by_franceconnect(identity(clock), presence(), None)
    code = browser.mailed_code()
    with login.db.transaction():
        login.accounts.store.move(tied, Status.SUSPENDED)

    with pytest.raises(LoginExpired):
        login.code(asked.attempt, code, None, remember=False)


def test_a_login_without_a_code_for_want_of_more_is_in_the_trail(login, clock, tied):
    few = replace(login.codes, limits=login.codes.limits.model_copy(update={"code_sent_count": 0}))
    opening = replace(login.opening, codes=few)

    with pytest.raises(Throttled):
        replace(login, codes=few, opening=opening).by_franceconnect(
            identity(clock), presence(), None
        )

    (limited,) = map(json.loads, login.audit.store.search(type_prefix="otp."))
    assert limited["type"] == "otp.limited"
    assert limited["subject_ref"] == login.audit.subject_ref(tied.id)


@pytest.mark.usefixtures("tied")
@pytest.mark.parametrize("name", ["franceconnect", "impots"])
def test_a_switch_stops_a_login_that_waits_for_its_code(app, login, clock, browser, name):
    asked = login.by_franceconnect(identity(clock), presence(), None)
    code = browser.mailed_code()
    app.extensions["broker"][Switches].disable(name, operator="alice")

    with pytest.raises(RoundTripRefused):
        login.code(asked.attempt, code, None, remember=False)

    assert len(refusals(login)) == 1
    app.extensions["broker"][Switches].enable(name, operator="alice")
    assert login.code(asked.attempt, code, None, remember=False)


@pytest.mark.usefixtures("tied")
@pytest.mark.parametrize("acr", ["eidas1", "eidas2", "eidas3"])
def test_the_level_is_the_one_that_franceconnect_answered(login, clock, browser, acr):
    asked = login.by_franceconnect(replace(identity(clock), acr=acr), presence(), None)

    step = login.code(asked.attempt, browser.mailed_code(), None, remember=False)

    assert step.session.acr == acr


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

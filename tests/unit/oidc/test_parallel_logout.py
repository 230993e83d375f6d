"""Ends of sessions while codes are redeemed: whoever takes part is told, on both databases."""

import threading
from dataclasses import replace

import pytest
from sqlalchemy import select

from broker.base.clock import pause
from broker.base.crypto import fingerprint
from broker.base.db import Database
from broker.oidc.consents.agreements import Consents
from broker.oidc.logout.ending import Logout
from broker.oidc.logout.session_end import SessionEnd
from broker.oidc.logout.tables import NOTICE
from broker.sessions.sessions import Sessions
from tests.support.partner import (
    REFRESHING,
    Holder,
    Partner,
    error_of,
    register,
    sample_account,
)


@pytest.fixture
def partner(app) -> Partner:
    holder = Holder(app, sample_account(app))
    holder.logs_in()
    told = {"backchannel_logout_uri": "https://partenaire.test/fin",
            "backchannel_logout_session_required": True,
            "frontchannel_logout_uri": "https://partenaire.test/cadre"}  # fmt: skip
    return Partner(app, holder, register(app, **told))


@pytest.fixture
def while_redeeming(app, partner):
    """Return a function that does something while a code is redeemed, which takes its time."""

    def does(act):
        code, redeemed = partner.code(), threading.Event()

        def redeems_slowly():
            with app.extensions["broker"][Database].transaction():
                assert partner.redeems(code).status_code == 200
                redeemed.set()
                pause(0.5)  # long enough for the other act to look who takes part

        redeeming = threading.Thread(target=redeems_slowly)
        redeeming.start()
        redeemed.wait()
        done = act()
        redeeming.join()
        return done

    return does


def test_a_partner_that_comes_in_while_the_person_leaves_is_told(app, partner, while_redeeming):
    services = app.extensions["broker"]
    (session,) = (o.session for o in services[Sessions].every(partner.holder.account_id))

    left = while_redeeming(lambda: services[Logout].leave(session))

    assert noticed(app) == 1
    assert [frame.partition("?")[0] for frame in left.frames] == ["https://partenaire.test/cadre"]


def test_a_partner_that_comes_in_while_the_sharing_ends_is_told(app, partner, while_redeeming):
    consents = app.extensions["broker"][Consents]

    while_redeeming(lambda: consents.withdraw(partner.holder.account_id, "partenaire"))

    assert noticed(app) == 1


@pytest.mark.parametrize("reason", ["logout", "expired"])
def test_a_code_ends_with_its_session_offline_access_too(app, partner, reason):
    partner.registered |= register(app, **REFRESHING)
    services = app.extensions["broker"]
    code = partner.code(scope="openid offline_access")
    (session,) = (o.session for o in services[Sessions].every(partner.holder.account_id))

    services[Sessions].end(session, reason)

    assert error_of(partner.redeems(code)) == (400, "invalid_grant")


def test_the_end_of_a_session_and_of_a_sharing_wait_for_each_other_in_no_circle(app, partner):
    services = app.extensions["broker"]
    account_id = partner.holder.account_id
    (session,) = (o.session for o in services[Sessions].every(account_id))
    codes = sorted((partner.code() for _ in range(4)), key=fingerprint)
    assert partner.redeems(codes[0]).status_code == 200  # the others end first with the session
    withdrawal = threading.Thread(
        target=services[Consents].withdraw, args=(account_id, "partenaire")
    )

    def withdraws_meanwhile(*_):
        withdrawal.start()
        pause(0.3)  # long enough to have locked what is free

    ending = replace(services[SessionEnd], revoked=withdraws_meanwhile)
    with services[Database].transaction():
        ending.of(session, "logout")
    withdrawal.join()

    assert noticed(app) == 2
    assert {partner.redeems(code).status_code for code in codes[1:]} == {400}


def noticed(app) -> int:
    return len(app.extensions["broker"][Database].all(select(NOTICE)))

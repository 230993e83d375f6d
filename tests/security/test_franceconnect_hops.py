"""No hop through FranceConnect raises a level, and no purpose stands for another."""

import pytest

from broker.franceconnect.model import IdentityExpired, Purpose, VerifiedIdentity
from broker.franceconnect.switches import CREATION
from broker.sessions.login import Login, Presence
from broker.sessions.model import LoginExpired, LoginRequest
from tests.franceconnect.world import transaction_of
from tests.support.ties import tie

ISS = "https://franceconnect.example"


def test_a_request_of_franceconnect_is_never_answered_by_a_login_through_it(app, account, clock):
    login = app.extensions["broker"][Login]
    tie(app, account.id, ISS, "sub-1")
    identity = VerifiedIdentity(
        id="trip",
        purpose=Purpose.LOGIN,
        iss=ISS,
        sub="sub-1",
        acr="eidas3",
        auth_time=None,
        idp_id="impots",
        claims={},
        email=None,
        verified_at=clock(),
    )
    asked = LoginRequest(
        id="demande",
        requester="FranceConnect",
        client_id="franceconnect",
        return_to="/authorize/suite?demande=demande",
        cancel_to=None,
        from_franceconnect=True,
        offers_franceconnect=False,
        browser="browser",
        created_at=clock(),
    )

    with pytest.raises(LoginExpired):
        login.by_franceconnect(identity, Presence(browser="browser", memory=None), asked)

    assert not list(login.audit.store.search(type_prefix="otp.sent"))


@pytest.mark.parametrize(
    ("asked_for", "used_for"),
    [(Purpose.LOGIN, Purpose.CREATION), (Purpose.CREATION, Purpose.LOGIN)],
)
def test_an_identity_serves_only_the_purpose_it_was_asked_for(world, asked_for, used_for):
    transaction = transaction_of(world.come_back(world.identify(world.depart(asked_for))))

    with pytest.raises(IdentityExpired):
        world.claim(transaction, used_for)


def test_a_login_gets_nobody_past_the_switch_of_creation(world):
    world.switches.disable(CREATION, operator="test")
    transaction = transaction_of(world.come_back(world.identify(world.depart(Purpose.LOGIN))))

    page = world.client.get(f"/creation-compte/franceconnect/retour?transaction={transaction}")

    assert page.status_code == 410
    assert not world.events("account.create")

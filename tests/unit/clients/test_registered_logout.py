"""What a client file says about logouts: who is called, who is opened in a frame."""

import pytest

from broker.clients.effects import effects
from broker.clients.model import RegistrationRefused
from tests.support.partner import a_registration
from tests.unit.clients.test_registration import STRICT, client


@pytest.mark.parametrize(
    "change",
    [
        {"backchannel_logout_uri": "http://partenaire.test/fin"},
        {"backchannel_logout_uri": "https://partenaire.test/fin#f"},
        {"backchannel_logout_session_required": "yes"},
        {"frontchannel_logout_uri": "http://partenaire.test/fin"},
        {"frontchannel_logout_uri": "https://autre.test/fin"},
        {"frontchannel_logout_uri": "https://partenaire.test:8443/fin"},
        {"backchannel_logout_uri": "http://localhost/fin", "application_type": "native"},
    ],
    ids=str,
)
def test_an_address_that_is_not_the_partner_s_own_is_refused(change):
    with pytest.raises(RegistrationRefused):
        client(**change)


def test_who_is_told_of_logouts_is_an_effect():
    told = {
        "backchannel_logout_uri": "https://partenaire.test/fin",
        "backchannel_logout_session_required": True,
        "frontchannel_logout_uri": "https://partenaire.test/cadre",
        "frontchannel_logout_session_required": True,
    }
    before, after = client(), client(**told)

    assert effects(before, after) == (
        "told of logouts: https://partenaire.test/fin",
        "opened in a frame at logout: https://partenaire.test/cadre",
    )
    assert effects(after, before)[0] == "told of logouts: no longer"
    assert STRICT.judge(a_registration(**told)).warnings == ()

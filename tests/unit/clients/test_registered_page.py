"""What a client file says of a partner that is a page without a server."""

import pytest

from broker.clients.effects import effects
from broker.clients.model import RegistrationRefused
from tests.support.partner import PUBLIC
from tests.unit.clients.test_registration import client


def test_a_web_client_without_a_secret_is_a_page_and_keeps_pkce():
    page = {"client_secret": None, "token_endpoint_auth_method": "none"}
    lifted = {"compatibility": [{"name": "no_pkce", "until": "2027-06-30"}]}

    before, after = client(), client(**page)

    line = "its pages hold tokens in the browser: https://partenaire.test"
    assert after.page_origins == {"https://partenaire.test"}
    assert line in effects(before, after)
    assert f"no longer: {line}" in effects(after, before)
    assert client(**PUBLIC).page_origins == set()
    with pytest.raises(RegistrationRefused):
        client(**page, ameli=lifted)

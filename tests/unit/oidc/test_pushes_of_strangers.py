"""What anybody may push in the name of a client that proves nothing: as much as pages."""

import pytest

from broker.base.settings import Settings
from tests.conftest import test_settings
from tests.support.partner import PUBLIC, Holder, Partner, register, sample_account


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


@pytest.fixture
def settings(database_url: str) -> Settings:
    return test_settings(database_url, BROKER_LIMIT_ADDRESS_COUNT="2")


@pytest.mark.parametrize(("registered", "last"), [(PUBLIC, 429), ({}, 201)])
def test_an_address_pushes_for_a_public_client_no_more_than_it_opens_pages(app, registered, last):
    holder = Holder(app, sample_account(app))
    partner = Partner(app, holder, register(app, **registered))
    pushed = partner.request()

    answers = [partner.calls("/par", pushed) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [201, 201, last]
    if last == 429:
        assert answers[2].headers["Retry-After"]
        assert answers[2].get_json()["error"] == "temporarily_unavailable"

"""A deployment without FranceConnect offers creation by card alone."""

import pytest

from tests.conftest import test_settings


@pytest.fixture
def settings(database_url):
    names = ("ISSUER", "CLIENT_ID", "CLIENT_SECRET")
    return test_settings(database_url, **{f"BROKER_FRANCECONNECT_{name}": "" for name in names})


def test_without_franceconnect_the_button_is_hidden(visitor):
    page = visitor.opens("/creation-compte")

    assert "S'identifier avec FranceConnect" not in page.text
    assert visitor.posts("/creation-compte/franceconnect").status_code == 404

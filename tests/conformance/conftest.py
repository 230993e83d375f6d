"""A partner, and an account holder's browser, against the application in this process."""

from collections.abc import Callable

import pytest
from flask import Flask

from tests.support.partner import Holder, Partner, register, sample_account


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """The protocol's rules do not depend on the database; parallel use is tested elsewhere."""
    return sqlite_url


@pytest.fixture
def holder(app: Flask) -> Holder:
    return Holder(app, sample_account(app))


@pytest.fixture
def a_partner(app: Flask, holder: Holder) -> Callable[..., Partner]:
    """Return a function that registers a partner, with changes, ``new`` to the holder or not."""

    def make(*, new: bool = False, **changes: object) -> Partner:
        return Partner(app, holder, register(app, **changes), new=new)

    return make


@pytest.fixture
def partner(a_partner: Callable[..., Partner]) -> Partner:
    return a_partner()

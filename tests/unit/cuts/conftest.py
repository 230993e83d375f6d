"""People who are logged in, partners who hold tokens of theirs, and responders who cut."""

import pytest

from broker.audit.model import Actor
from broker.cuts.cuts import Cuts
from broker.sessions.sessions import Sessions
from tests.support.partner import REFRESHING, Holder, Partner, register, sample_account

RITA = Actor(kind="analyst", ref="rita")
ROSE = Actor(kind="analyst", ref="rose")


@pytest.fixture
def cuts(app) -> Cuts:
    return app.extensions["broker"][Cuts]


@pytest.fixture
def holder(app) -> Holder:
    """Somebody who is logged in."""
    somebody = Holder(app, sample_account(app))
    somebody.logs_in()
    return somebody


@pytest.fixture
def partner(app, holder) -> Partner:
    """A partner that keeps access."""
    return Partner(app, holder, register(app, **REFRESHING))


@pytest.fixture
def login(app, holder) -> str:
    """The login of that session, as the trail calls it."""
    (there,) = app.extensions["broker"][Sessions].every(holder.account_id)
    return there.session.auth_event_id

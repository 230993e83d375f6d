"""Somebody who is logged in, and partners that listen to security events."""

from collections.abc import Callable

import pytest

from broker.clients.shared_signals import EventKind
from tests.support.insured_account import insured_account
from tests.support.own_app import PASSWORD
from tests.support.partner import REFRESHING, Holder, Partner, register
from tests.support.set_receiver import a_set_receiver, a_stream

ALL = [str(kind) for kind in EventKind]


@pytest.fixture
def holder(app) -> Holder:
    somebody = Holder(app, insured_account(app, password=PASSWORD))
    somebody.logs_in()
    return somebody


@pytest.fixture
def receiver():
    with a_set_receiver() as running:
        yield running


@pytest.fixture
def a_listener(app, holder) -> Callable[..., Partner]:
    """Return a function that registers a partner with a stream."""

    def make(receiver, client_id: str = "partenaire", **stream: object) -> Partner:
        changes = {**REFRESHING, "client_id": client_id, "ameli": a_stream(receiver, **stream)}
        return Partner(app, holder, register(app, **changes))

    return make


@pytest.fixture
def listener(a_listener, receiver) -> Partner:
    """A partner that holds tokens of the person, and asked for every event."""
    partner = a_listener(receiver, events=ALL)
    partner.tokens(scope="openid email")
    return partner

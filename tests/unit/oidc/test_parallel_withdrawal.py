"""Stopping the sharing while codes are given: the partner keeps nothing, on both databases."""

import itertools
import threading
from collections import Counter

import pytest

from broker.base.clock import pause
from broker.base.db import Database
from broker.oidc.consents.agreements import Consents
from tests.support.partner import (
    REFRESHING,
    Holder,
    Partner,
    agrees_to_all,
    callback,
    register,
    sample_account,
)
from tests.unit.oidc.test_parallel_redemption import at_once

ROUNDS = 5


@pytest.fixture
def partner(app) -> Partner:
    holder = Holder(app, sample_account(app))
    holder.logs_in()
    return Partner(app, holder, register(app, **REFRESHING))


@pytest.fixture
def asks(partner):
    """Send the person's browser for a code, as often as wanted, at once too; return the answer.

    The person has agreed, for as long as nothing ends it.
    """
    query = partner.request()
    session = partner.holder.client.get_cookie("ameli_session").value

    def ask():
        browser = partner.app.test_client()
        browser.set_cookie("ameli_session", session)
        return browser.get("/authorize", query_string=query)

    return ask


@pytest.fixture
def stops(partner, app):
    consents = app.extensions["broker"][Consents]
    return lambda: consents.withdraw(partner.holder.account_id, "partenaire")


def test_no_code_slips_past_the_end_of_the_sharing(app, asks, stops):
    """The sharing ends between the look at what was agreed and the code: none is given."""
    ending = threading.Event()

    def stops_slowly():
        with app.extensions["broker"][Database].transaction():
            stops()
            ending.set()
            pause(0.5)  # long enough for the request to see what was agreed

    stopping = threading.Thread(target=stops_slowly)
    stopping.start()
    ending.wait()
    answer = callback(asks())
    stopping.join()

    assert "code" not in answer
    # Or, where the request had to wait before it looked: the page that informs, not an error.
    assert answer.get("error", "access_denied") == "access_denied"


def test_codes_and_the_end_of_the_sharing_at_once_leave_the_partner_nothing(
    app, partner, asks, stops
):
    for _ in range(ROUNDS):
        agrees_to_all(app, partner.holder.account_id, "partenaire")
        turns = itertools.count()

        answers = at_once(lambda: asks() if next(turns) != 10 else stops())  # noqa: B023

        codes = [found["code"] for answer in answers if answer and (found := _read(answer))]
        refused = Counter(partner.redeems(code).get_json()["error"] for code in codes)
        assert set(refused) <= {"invalid_grant"}
        assert "code" not in callback(asks())


def _read(answer):
    """Return the answer's parameters where it gives a code."""
    assert answer.status_code == 303
    found = callback(answer)
    return found if "code" in found else None


def test_who_agrees_anew_at_once_with_the_end_agrees_to_no_more_than_is_shown(partner, app):
    """A consent that was ended does not come back with the yes to another request."""
    services = app.extensions["broker"]
    consents, account = services[Consents], partner.holder.account_id
    agrees_to_all(app, account, "partenaire")
    page = partner.holder.client.get(_asked(partner).location)
    ending = threading.Event()

    def stops_slowly():
        with services[Database].transaction():
            consents.withdraw(account, "partenaire")
            ending.set()
            pause(0.5)

    stopping = threading.Thread(target=stops_slowly)
    stopping.start()
    ending.wait()
    answer = callback(partner.holder.client.post("/authorize/suite", data=callback(page)))
    stopping.join()

    assert "code" in answer
    (service,) = consents.authorized(account)
    assert service.data == ("email",)


def _asked(partner):
    query = partner.request(scope="openid email", prompt="consent")
    return partner.holder.client.get("/authorize", query_string=query)

"""Refreshes, revocations and logouts at once: one effect, on both databases."""

import threading
from collections import Counter

import pytest

from broker.accounts.reset import Reset
from broker.base.clock import pause
from broker.base.crypto import Secret
from broker.base.db import Database
from broker.oidc.logout.session_end import SessionEnd
from broker.sessions.sessions import Sessions
from tests.support.partner import (
    PUBLIC,
    REFRESHING,
    Holder,
    Partner,
    callback,
    events,
    register,
    sample_account,
)
from tests.unit.oidc.test_parallel_redemption import at_once


@pytest.fixture
def holder(app) -> Holder:
    return Holder(app, sample_account(app))


@pytest.fixture
def public(app, holder) -> Partner:
    holder.logs_in()
    return Partner(app, holder, register(app, **PUBLIC))


@pytest.fixture
def confidential(app, holder) -> Partner:
    holder.logs_in()
    return Partner(app, holder, register(app, **REFRESHING))


def test_twenty_refreshes_of_a_public_client_rotate_once(public, app):
    token = public.tokens()["refresh_token"]

    answers = at_once(lambda: public.refreshes(token))

    assert Counter(answer.status_code for answer in answers) == {200: 20}
    (answer,) = {answer.get_data() for answer in answers}
    assert len(events(app, "refresh.rotated")) == 1
    assert len(events(app, "refresh.repeated")) == 19
    assert b"refresh_token" in answer
    assert public.refreshes(answers[0].get_json()["refresh_token"]).status_code == 200


def test_twenty_reuses_end_the_family_once(public, clock, app):
    first = public.tokens()["refresh_token"]
    second = public.refreshes(first).get_json()["refresh_token"]
    clock.advance(seconds=11)

    answers = at_once(lambda: public.refreshes(first))

    assert {answer.get_json()["error"] for answer in answers} == {"invalid_grant"}
    assert len(events(app, "token.revoked")) == 1
    assert public.refreshes(second).get_json()["error"] == "invalid_grant"


def test_twenty_refreshes_of_a_confidential_client_all_work(confidential):
    token = confidential.tokens()["refresh_token"]

    answers = at_once(lambda: confidential.refreshes(token))

    assert Counter(answer.status_code for answer in answers) == {200: 20}
    tokens = {answer.get_json()["access_token"] for answer in answers}
    assert len(tokens) == 20
    assert {confidential.userinfo(token).status_code for token in tokens} == {200}


@pytest.mark.parametrize("registered", ["public", "confidential"])
def test_nothing_that_is_refreshed_outlives_a_revocation(request, registered, app):
    partner = request.getfixturevalue(registered)
    token = partner.tokens()["refresh_token"]
    acts = iter([lambda: partner.revokes(token)] + [lambda: partner.refreshes(token)] * 19)
    lock = threading.Lock()

    def act():
        with lock:
            mine = next(acts)
        return mine()

    answers = at_once(act)

    assert max(answer.status_code for answer in answers) < 500
    refreshed = [answer.get_json() for answer in answers if answer.is_json]
    access = [answer["access_token"] for answer in refreshed if "access_token" in answer]
    assert {partner.userinfo(token).status_code for token in access} <= {401}
    assert partner.refreshes(token).get_json()["error"] == "invalid_grant"
    assert len(events(app, "token.revoked")) == 1


def test_a_logout_and_a_reset_at_once_wait_for_each_other_in_no_circle(confidential, app):
    families = [confidential.tokens() for _ in range(12)]
    services = app.extensions["broker"]
    sessions = services[Sessions]
    session = sessions.of(_cookie(confidential.holder))
    acts = iter([lambda: _ends_session(app, session)] * 10
                + [lambda: _ends_everything(app, session.account_id)] * 10)  # fmt: skip
    lock = threading.Lock()
    faults = []

    def act():
        with lock:
            mine = next(acts)
        try:
            mine()
        except Exception as fault:  # noqa: BLE001 - any is one too many
            faults.append(fault)

    at_once(act)

    assert faults == []
    assert len(events(app, "token.revoked")) == len(families)
    for tokens in families:
        assert confidential.userinfo(tokens["access_token"]).status_code == 401


def test_no_code_slips_past_the_end_of_its_session(confidential, app):
    """Somebody logs out between the look at the session and the code: none is given."""
    services, ending = app.extensions["broker"], threading.Event()
    sessions = services[Sessions]
    session = sessions.of(_cookie(confidential.holder))

    def logs_out():
        with services[Database].transaction():
            sessions.end(session, "logout")
            ending.set()
            pause(0.5)  # long enough for the request to see the session still open

    leaving = threading.Thread(target=logs_out)
    leaving.start()
    ending.wait()
    answer = callback(confidential.sends())
    leaving.join()

    assert "code" not in answer
    # Or, where the request had to wait before it looked: the login page, which has no error.
    assert answer.get("error", "login_required") == "login_required"


def _cookie(holder: Holder) -> Secret:
    return Secret(holder.client.get_cookie("ameli_session").value)


def _ends_everything(app, account_id: str) -> None:
    with app.extensions["broker"][Database].transaction():
        app.extensions["broker"][Reset].end_sessions(account_id, "password_reset")


def _ends_session(app, session) -> None:
    with app.extensions["broker"][Database].transaction():
        app.extensions["broker"][SessionEnd].of(session, "logout")

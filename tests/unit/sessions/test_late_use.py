"""A session's cookie that comes back after its end: told once for its browser, once for a copy."""

import pytest

from broker.base.crypto import Secret, new_token
from broker.sessions.sessions import Sessions
from tests.support.partner import Holder, events, sample_account
from tests.unit.ties.test_parallel_ties import at_once

PAGE = "/mon-compte/connexions"


@pytest.fixture
def sessions(app) -> Sessions:
    return app.extensions["broker"][Sessions]


@pytest.fixture
def holder(app) -> Holder:
    somebody = Holder(app, sample_account(app))
    somebody.logs_in()
    return somebody


@pytest.fixture
def end(sessions, holder):
    """Return a function that ends the person's session for a reason."""

    def ended(reason: str) -> None:
        (there,) = sessions.every(holder.account_id)
        sessions.end(there.session, reason)

    return ended


def copied(holder: Holder, value: str | None = None):
    """Another browser with the cookie of the person's session."""
    thief = holder.app.test_client()
    thief.get("/connexion")
    stolen = value or holder.client.get_cookie("ameli_session").value
    thief.set_cookie("ameli_session", stolen)
    return thief


@pytest.mark.parametrize("reason", ["cut", "ended_by_holder", "expired", "logout", "replaced"])
def test_its_own_browser_is_told_once_with_the_reason_of_the_end(app, holder, end, reason):
    end(reason)

    for _ in range(3):
        assert holder.client.get(PAGE).status_code == 303

    (told,) = events(app, "session.late")
    (ended,) = events(app, "session.ended")
    assert told["reason_code"] == reason
    assert told["outcome"] == "failure"
    for name in ("session_ref", "auth_event_id", "subject_ref"):
        assert told[name] == ended[name]
    assert events(app, "session.copied") == []


def test_a_browser_that_was_left_alone_says_nothing_when_its_owner_comes_back(app, holder, end):
    end("idle")

    holder.client.get(PAGE)

    assert events(app, "session.late") == []


@pytest.mark.parametrize("reason", ["cut", "idle"])
def test_a_copy_in_another_browser_is_told_once_whatever_the_end_was(app, holder, end, reason):
    thief = copied(holder)
    end(reason)

    for _ in range(3):
        assert thief.get(PAGE).status_code == 303
    copied(holder).get(PAGE)

    (told,) = events(app, "session.copied")
    assert told["reason_code"] == reason
    assert told["browsing_session_id"] != events(app, "session.ended")[0].get(
        "browsing_session_id"
    )


def test_a_copy_does_not_hide_the_persons_own_browser_nor_the_other_way_round(app, holder, end):
    end("cut")

    copied(holder).get(PAGE)
    holder.client.get(PAGE)

    assert [len(events(app, kind)) for kind in ("session.copied", "session.late")] == [1, 1]


def test_a_program_that_brings_the_cookie_alone_brings_a_copy(app, holder, end):
    end("cut")
    program = app.test_client()
    program.set_cookie("ameli_session", holder.client.get_cookie("ameli_session").value)

    program.get(PAGE)

    assert len(events(app, "session.copied")) == 1


def test_a_made_up_cookie_leaves_nothing(app, holder, end):
    end("cut")

    for _ in range(3):
        copied(holder, new_token().reveal()).get(PAGE)

    assert events(app, "session.late") + events(app, "session.copied") == []


def test_a_cookie_of_a_session_that_goes_on_leaves_nothing(app, holder):
    assert holder.client.get(PAGE).status_code == 200

    assert events(app, "session.late") + events(app, "session.copied") == []


def test_to_ask_how_long_is_left_is_no_use(app, holder, end):
    end("cut")

    assert holder.client.get("/connexion/reste").json == {"idle": 0, "whole": 0}

    assert events(app, "session.late") == []


def test_ten_requests_at_once_leave_one_event(app, holder, sessions, end):
    cookie = Secret(holder.client.get_cookie("ameli_session").value)
    end("cut")

    at_once(lambda _: sessions.of(cookie), 10)

    assert len(events(app, "session.copied")) == 1

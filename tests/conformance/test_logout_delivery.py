"""Notices of logout on their way: told again, given up, once each, nobody waiting for them."""

import threading
import time

import pytest

from broker.oidc.logout.model import LogoutNotice
from broker.sessions.sessions import Sessions
from tests.conformance.test_logout_notices import ends
from tests.support.logout_receiver import a_logout_receiver, delivers
from tests.support.partner import events


@pytest.mark.parametrize("status", ["500 Oops", "503 Busy", "429 Slow down", "302 Found"])
def test_a_partner_that_fails_is_told_again_later(told, receiver, holder, app, clock, status):
    holder.logs_in()
    receiver.status = status

    ends(holder, told.tokens())
    delivers(app)
    too_early = delivers(app)
    clock.advance(seconds=5)
    receiver.status = "204 No Content"
    delivers(app)
    after = delivers(app)

    jtis = [told.verified(token)["jti"] for token in receiver.tokens]
    assert (too_early, after) == (0, 0)
    assert len(set(jtis)) == 2  # each call has a token of its own
    assert len(events(app, "logout.notice.postponed")) == 1
    assert len(events(app, "logout.notice.sent")) == 1


def test_a_partner_that_says_no_is_not_asked_again(told, receiver, holder, app, clock):
    holder.logs_in()
    receiver.status = "400 Bad Request"

    ends(holder, told.tokens())
    delivers(app)
    clock.advance(hours=1)

    assert delivers(app) == 0
    assert [e["reason_code"] for e in events(app, "logout.notice.refused")] == ["400"]


@pytest.mark.parametrize(
    ("attempts", "seconds"),
    [(1, 5), (2, 15), (3, 60), (4, 300), (5, 900), (6, 1_800), (60, 1_800)],
)
def test_the_wait_between_two_calls_grows(clock, attempts, seconds):
    notice = LogoutNotice(
        id="1", client_id="partenaire", account_id="1", sid=None, auth_event_id=None,
        reason="logout", created_at=clock(), expires_at=clock(), attempts=attempts,
    )  # fmt: skip

    assert (notice.next_try(clock()) - clock()).total_seconds() == seconds


@pytest.mark.parametrize(("elapsed", "calls"), [(86_399, 2), (86_400, 1)])
def test_after_a_day_nobody_is_told_any_more(told, receiver, holder, app, clock, elapsed, calls):
    holder.logs_in()
    receiver.status = "503 Busy"
    ends(holder, told.tokens())
    delivers(app)

    clock.advance(seconds=elapsed)
    delivers(app)

    refused = [event["reason_code"] for event in events(app, "logout.notice.refused")]
    assert len(receiver.tokens) == calls
    assert refused == (["expired"] if calls == 1 else [])


def test_a_silent_partner_keeps_neither_people_nor_other_partners_waiting(
    told, receiver, holder, app, a_partner
):
    receiver.hold = threading.Event()
    with a_logout_receiver() as prompt:
        other = a_partner(client_id="autre", backchannel_logout_uri=prompt.address)
        holder.logs_in()
        other.tokens()
        tokens = told.tokens()

        started = time.monotonic()
        ends(holder, tokens)
        left = time.monotonic() - started
        worker = threading.Thread(target=delivers, args=(app,))
        worker.start()
        while not prompt.tokens and time.monotonic() - started < 30:
            time.sleep(0.05)
        told_while_the_other_waits = worker.is_alive()
        receiver.hold.set()
        worker.join()

    assert left < 2
    assert prompt.tokens
    assert told_while_the_other_waits


def test_a_partner_that_is_gone_is_called_once_in_a_turn(a_partner, holder, app):
    gone = a_partner(backchannel_logout_uri="http://localhost:9/deconnexion")
    for _ in range(3):
        holder.client = app.test_client()
        holder.logs_in()
        gone.tokens()
    app.extensions["broker"][Sessions].end_all(holder.account_id, "account_disabled")

    delivers(app)

    postponed = events(app, "logout.notice.postponed")
    assert len(postponed) == 3
    assert len({event["reason_code"] for event in postponed}) == 1


def test_twenty_workers_make_each_call_once(told, receiver, holder, app):
    for _ in range(5):
        holder.client = app.test_client()
        holder.logs_in()
        told.tokens()
    app.extensions["broker"][Sessions].end_all(holder.account_id, "account_disabled")

    threads = [threading.Thread(target=delivers, args=(app,)) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(receiver.tokens) == 5
    assert len(events(app, "logout.notice.sent")) == 5

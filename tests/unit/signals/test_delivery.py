"""Events on their way: in order, told again, given up, once each over all senders."""

import json
import threading

import pytest
from sqlalchemy import select

from broker.accounts.administration import Administration
from broker.accounts.model import Change
from broker.base.crypto import Secret
from broker.base.metrics import Metrics
from broker.clients.administration import ClientAdministration
from broker.clients.delivery_secrets import DeliverySecrets
from broker.signals.model import Status, StreamState
from broker.signals.signals import Signals
from broker.signals.tables import SIGNAL
from tests.support.partner import OPERATOR, events, register
from tests.support.set_receiver import HEADER, a_set_receiver, delivers, kinds, told

pytestmark = pytest.mark.usefixtures("listener")
DAY = 86_400


@pytest.fixture
def suspends(app, holder):
    administration = app.extensions["broker"][Administration]

    def act():
        administration.disable(holder.account_id, operator="test", reason="fraude")

    return act


def _is_set_to(app, status):
    signals = app.extensions["broker"][Signals]
    with signals.db.transaction():
        signals.streams.change("partenaire", StreamState(Status(status)), signals.clock())


def test_the_call_is_as_the_standard_wants_it(app, suspends, receiver):
    suspends()
    delivers(app)

    head = receiver.heads[0].lower()
    assert head.startswith("post /evenements http/1.1")
    assert "content-type: application/secevent+jwt" in head
    assert "accept: application/json" in head
    assert f"authorization: {HEADER}".lower() in head
    assert len(events(app, "set.sent")) == 3


def test_the_header_is_kept_sealed_and_nowhere_else(app):
    secrets = app.extensions["broker"][DeliverySecrets]
    now = app.extensions["broker"][Signals].clock()
    document = app.extensions["broker"][ClientAdministration].store.every(now)

    assert secrets.of("partenaire").reveal() == HEADER
    assert HEADER not in json.dumps([kept.document for kept in document])
    assert HEADER not in repr(document)


def test_a_partner_without_a_header_is_called_without(app, suspends, a_listener):
    with a_set_receiver() as plain:
        a_listener(plain, client_id="simple", authorization_header=None).tokens()
        suspends()
        delivers(app)

        assert "authorization:" not in plain.heads[0].lower()


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        ("500 Oops", "", "http_500"),
        ("401 No", "", "401"),
        ("302 Found", "", "redirect"),
        ("400 Bad", "not json", "400"),
        ("400 Bad", '{"err": "invalid_key"}', "invalid_key"),
        ("400 Bad", '{"err": "something of theirs"}', "400"),
    ],
)
def test_what_may_get_better_is_told_again_in_order(
    app, suspends, receiver, clock, status, body, reason
):
    receiver.status, receiver.body = status, body
    suspends()
    delivers(app)
    too_early = delivers(app)
    clock.advance(seconds=5)
    receiver.status, receiver.body = "202 Accepted", ""

    claims = told(app, receiver)

    assert too_early == 0
    assert [event["reason_code"] for event in events(app, "set.postponed")] == [reason]
    assert kinds(claims) == [
        "account-disabled",
        "account-disabled",
        "session-revoked",
        "sessions-revoked",
    ]
    assert claims[0]["jti"] == claims[1]["jti"]  # the same event


def test_a_token_that_is_refused_for_good_lets_the_next_one_pass(app, suspends, receiver):
    receiver.status, receiver.body = "400 Bad", '{"err": "invalid_audience", "description": "x"}'
    suspends()

    delivers(app)

    failed = events(app, "set.failed")
    assert [event["reason_code"] for event in failed] == ["invalid_audience"] * 3
    assert app.extensions["broker"][Signals].store.waiting() == []


@pytest.mark.parametrize(("elapsed", "calls"), [(3 * DAY - 1, 4), (3 * DAY, 1)])
def test_after_three_days_an_event_is_given_up(app, suspends, receiver, clock, elapsed, calls):
    receiver.status = "503 Busy"
    suspends()
    delivers(app)
    receiver.status = "202 Accepted"

    clock.advance(seconds=elapsed)
    delivers(app)

    assert len(receiver.tokens) == calls
    assert len(events(app, "set.failed")) == (3 if calls == 1 else 0)


def test_a_paused_stream_keeps_what_happens(app, suspends, receiver):
    _is_set_to(app, "paused")
    suspends()
    while_paused = delivers(app)
    _is_set_to(app, "enabled")

    assert while_paused == 0
    assert len(told(app, receiver)) == 3


def test_what_a_paused_stream_keeps_too_long_is_given_up(app, suspends, receiver, clock):
    _is_set_to(app, "paused")
    suspends()
    clock.advance(days=3)

    delivers(app)

    assert receiver.tokens == []
    assert {event["reason_code"] for event in events(app, "set.failed")} == {"expired"}


def test_a_disabled_stream_is_told_nothing_of_that_time(app, suspends, receiver):
    _is_set_to(app, "disabled")
    suspends()
    _is_set_to(app, "enabled")

    assert told(app, receiver) == []


def test_what_was_queued_is_not_sent_once_the_stream_is_disabled(app, suspends, receiver):
    suspends()
    _is_set_to(app, "disabled")

    delivers(app)

    assert receiver.tokens == []
    assert {event["reason_code"] for event in events(app, "set.failed")} == {"disabled"}


def test_a_partner_that_is_switched_off_is_told_nothing(app, suspends, receiver):
    suspends()
    app.extensions["broker"][ClientAdministration].disable("partenaire", OPERATOR)

    delivers(app)

    assert receiver.tokens == []
    assert {event["reason_code"] for event in events(app, "set.failed")} == {"client"}


def test_a_file_without_a_stream_ends_it(app, suspends, receiver):
    suspends()
    register(app)

    delivers(app)

    assert receiver.tokens == []
    assert app.extensions["broker"][DeliverySecrets].of("partenaire") is None


def test_a_silent_partner_keeps_no_other_waiting(app, suspends, receiver, a_listener):
    receiver.status = "503 Busy"
    with a_set_receiver() as prompt:
        a_listener(prompt, client_id="autre").tokens()
        suspends()

        assert len(told(app, prompt)) == 2
        assert len(receiver.tokens) == 1  # what waits behind the first is not tried


def test_parallel_senders_send_each_event_once(app, suspends, receiver):
    suspends()

    threads = [threading.Thread(target=delivers, args=(app,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    delivers(app)

    assert len(receiver.tokens) == 3
    assert len(events(app, "set.sent")) == 3


def test_the_metrics_tell_how_long_the_oldest_waits(app, suspends, clock):
    _is_set_to(app, "paused")
    suspends()
    clock.advance(seconds=90)

    text = app.extensions["broker"][Metrics].exposition()[0].decode()

    labels = '{client_id="partenaire",status="paused"}'
    assert f"broker_signals_oldest_seconds{labels} 90.0" in text
    assert f"broker_signals_waiting{labels} 3.0" in text


def test_the_address_waits_sealed(app, holder):
    signals = app.extensions["broker"][Signals]

    signals.account_changed(
        holder.account_id, Change.ADDRESS_CHANGED, former=Secret("ancienne@exemple.test")
    )

    rows = str(signals.db.all(select(SIGNAL)))
    assert "identifier-changed" in rows
    assert "ancienne" not in rows

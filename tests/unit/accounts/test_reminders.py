"""Who has not activated an account is reminded on day 7 and on day 18, never afterwards."""

import pytest

from broker.accounts.activation import Activation
from broker.accounts.creation import Creation
from broker.accounts.links import LINK
from broker.accounts.model import DeadLink
from broker.base.db import Database
from tests.unit.accounts.builders import BORN, NIR, a_new_account
from tests.unit.ties.test_parallel_ties import at_once

KIND = "activation_reminder"


@pytest.fixture
def first(bench, insured_id):
    """The link of the mail that follows the creation."""
    bench.of(Creation).open_pending(a_new_account(insured_id))
    return bench.link("activation")


@pytest.fixture
def remind(bench):
    return bench.of(Activation).remind


@pytest.mark.usefixtures("first")
@pytest.mark.parametrize(
    ("days", "late", "sent"), [(7, -1, 0), (7, 0, 1), (18, -1, 1), (18, 0, 1)]
)
def test_a_reminder_goes_when_its_day_comes(remind, clock, days, late, sent):
    clock.advance(days=days, seconds=late)

    assert (remind(), remind()) == (sent, 0)


@pytest.mark.usefixtures("first")
def test_there_are_two_at_most(bench, remind, clock):
    sent = []
    for _ in range(23):
        clock.advance(days=1)
        sent.append(remind())

    assert [day for day, number in enumerate(sent, start=1) if number] == [7, 18]
    reasons = [event.get("reason_code") for event in bench.events("account.activation.sent")]
    assert reasons == [None, "reminder", "reminder"]


@pytest.mark.usefixtures("first")
@pytest.mark.parametrize(("hours", "late", "sent"), [(24, -1, 0), (24, 0, 1)])
def test_a_link_asked_a_short_while_ago_is_left_alone(bench, remind, clock, hours, late, sent):
    clock.advance(days=6, hours=23)
    bench.of(Activation).resend(NIR, BORN)
    asked = bench.link("activation")
    clock.advance(hours=hours, seconds=late)

    assert remind() == sent

    if sent:
        with pytest.raises(DeadLink):
            bench.of(Activation).confirm(asked)
    else:
        assert bench.of(Activation).confirm(asked).may_log_in


@pytest.mark.usefixtures("first")
def test_the_reminder_put_off_goes_once_and_the_next_one_keeps_its_day(bench, remind, clock):
    clock.advance(days=6, hours=20)
    bench.of(Activation).resend(NIR, BORN)
    clock.advance(hours=4)
    sent = [remind()]
    for _ in range(16):
        clock.advance(days=1)
        sent.append(remind())

    assert [day for day, number in enumerate(sent, start=7) if number] == [8, 18]


@pytest.mark.usefixtures("first")
def test_a_link_asked_on_the_last_day_is_not_taken_away_any_more(bench, remind, clock):
    clock.advance(days=7)
    remind()
    clock.advance(days=13, hours=12)
    bench.of(Activation).resend(NIR, BORN)
    asked = bench.link("activation")
    clock.advance(hours=10)

    assert remind() == 0
    assert bench.of(Activation).confirm(asked).may_log_in


def test_its_link_activates_and_the_older_one_is_dead(bench, first, remind, clock):
    clock.advance(days=7)
    remind()

    with pytest.raises(DeadLink):
        bench.of(Activation).confirm(first)
    assert bench.of(Activation).confirm(bench.link(KIND)).may_log_in


@pytest.mark.parametrize(("seconds", "works"), [(0, True), (1, False)])
@pytest.mark.usefixtures("first")
def test_its_link_ends_on_the_day_of_the_first_one(bench, remind, clock, seconds, works):
    clock.advance(days=18)
    remind()
    clock.advance(days=3, seconds=seconds)

    if works:
        assert bench.of(Activation).confirm(bench.link(KIND)).may_log_in
    else:
        with pytest.raises(DeadLink):
            bench.of(Activation).confirm(bench.link(KIND))


def test_an_active_account_is_not_reminded(bench, first, remind, clock):
    bench.of(Activation).confirm(first)
    clock.advance(days=18)

    assert remind() == 0


@pytest.mark.usefixtures("first")
def test_a_reminder_that_waits_is_given_up_once_the_account_is_active(bench, remind, clock):
    clock.advance(days=7)
    remind()

    bench.of(Activation).confirm(bench.link(KIND))

    assert bench.mails(KIND) == []


@pytest.mark.usefixtures("first")
def test_several_workers_send_one_reminder_and_leave_one_link(bench, remind, clock):
    clock.advance(days=7)

    sent = at_once(lambda _number: remind(), 8)

    assert sum(sent) == 1
    assert len(bench.mails(KIND)) == 1
    assert len(bench.of(Database).all(LINK.select())) == 1

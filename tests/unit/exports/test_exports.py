"""The sealed trail reaches each sink: in order, at least once, whatever fails."""

from dataclasses import replace

import pytest

from broker.accounts.events import AccountActivated
from broker.audit.model import Actor
from broker.audit.retention.purge import Purger
from broker.exports.model import LEASE, PositionUnknown, SinkBusy, SinkUnknown
from broker.exports.store import ExportStore
from tests.support.partner import events
from tests.unit.exports.conftest import Basket, sealed
from tests.unit.ties.test_parallel_ties import at_once

ALICE = Actor(kind="admin", ref="alice")


def test_what_is_sealed_is_sent_in_order_and_once(trail, exports, basket):
    sealed(trail, 7)

    assert exports.send("siem") == 7
    assert exports.send("siem") == 0
    sealed(trail, 1)
    assert exports.send("siem") == 1

    assert basket.positions == list(range(8))
    assert [each.event["event_id"] for each in basket.kept] == trail.sealed()


def test_what_is_not_sealed_yet_waits(trail, exports, basket):
    sealed(trail, 2)
    trail.records(1)

    exports.send("siem")

    assert basket.positions == [0, 1]


def test_a_sink_that_is_down_loses_nothing_and_is_asked_less_and_less(
    trail, clock, exports, basket
):
    sealed(trail, 4)
    basket.down = True

    waits = []
    for _ in range(6):
        exports.send("siem")
        progress = exports.store.progress("siem")
        waits.append((progress.due_at - clock()).total_seconds())
        clock.advance(seconds=waits[-1] - 1)
        assert exports.store.progress("siem").failures == exports.send("siem") + len(waits)
        clock.advance(seconds=1)
    basket.down = False
    exports.send("siem")

    assert waits == [5, 15, 60, 300, 900, 900]
    assert basket.positions == [0, 1, 2, 3]
    assert exports.store.progress("siem").failures == 0


def test_an_interruption_is_two_events_however_long_it_lasts(app, trail, clock, exports, basket):
    sealed(trail, 2)
    basket.down = True
    for _ in range(4):
        exports.send("siem")
        clock.advance(minutes=20)
    basket.down = False
    exports.send("siem")
    trail.sealer.seal()
    exports.send("siem")
    trail.sealer.seal()

    (interrupted,) = events(app, "audit.export.interrupted")
    (resumed,) = events(app, "audit.export.resumed")
    assert (interrupted["sink"], interrupted["reason_code"]) == ("siem", "unreachable")
    assert resumed["sink"] == "siem"
    assert exports.send("siem") == 0  # what it told of itself does not feed it


def test_a_batch_that_was_accepted_before_a_failure_is_not_sent_again(trail, clock, exports):
    class Fragile(Basket):
        def send(self, batch):
            self.down = len(self.kept) >= 3
            super().send(batch)

    fragile = Fragile()
    exporter = replace(exports, sinks={"siem": fragile})
    sealed(trail, 5)

    assert exporter.send("siem") == 3
    clock.advance(seconds=5)
    fragile.kept.clear()
    exporter.send("siem")

    assert fragile.positions == [3, 4]


def test_killed_between_sending_and_noting_it_sends_again(trail, clock, exports, basket):
    class Killed(Basket):
        def send(self, batch):
            super().send(batch)
            raise SystemExit

    sealed(trail, 3)
    with pytest.raises(SystemExit):
        replace(exports, sinks={"siem": Killed(kept=basket.kept)}).send("siem")

    clock.advance(seconds=LEASE.total_seconds() - 1)
    assert exports.send("siem") == 0
    clock.advance(seconds=1)
    assert exports.send("siem") == 3
    assert basket.positions == [0, 1, 2, 0, 1, 2]


def test_eight_workers_at_once_send_each_event_once(trail, another_exporter, exports, basket):
    sealed(trail, 30)
    exporters = [another_exporter() for _ in range(8)]
    exports.send("siem")
    basket.kept.clear()
    sealed(trail, 30)

    sent = at_once(lambda number: exporters[number].send("siem"), 8)

    assert sum(sent) == 30
    assert basket.positions == list(range(30, 60))


def test_a_worker_that_was_too_slow_moves_nothing_any_more(trail, clock, exports, basket):
    class Slow(Basket):
        def send(self, batch):
            super().send(batch)
            clock.advance(seconds=LEASE.total_seconds())
            assert exports.send("siem") == 5

    sealed(trail, 5)

    assert replace(exports, sinks={"siem": Slow()}).send("siem") == 0

    assert exports.store.progress("siem").position == 5
    assert basket.positions == [0, 1, 2, 3, 4]


def test_one_sink_waits_for_no_other(trail, exports, basket):
    both = replace(exports, sinks={"siem": Basket(down=True), "archive": basket})
    sealed(trail, 2)

    assert [both.send(name) for name in both.sinks] == [0, 2]
    assert [(task.name, task.apart) for task in both.tasks()] == [
        ("export siem", True),
        ("export archive", True),
    ]


@pytest.mark.parametrize(("position", "received"), [(1, [1, 2, 3]), (0, [0, 1, 2, 3]), (3, [3])])
def test_an_operator_has_a_sink_go_on_elsewhere_and_the_trail_says_so(
    app, trail, exports, basket, position, received
):
    sealed(trail, 4)
    exports.send("siem")
    basket.kept.clear()

    assert exports.send_now("siem", position, ALICE) == len(received)

    assert basket.positions == received
    (event,) = events(app, "audit.exported")
    assert (event["before"], event["after"]) == ({"position": 4}, {"position": position})
    assert event["actor"] == {"kind": "admin", "ref": "alice"}


def test_by_hand_a_sink_is_tried_before_its_time(app, trail, exports, basket):
    sealed(trail, 2)
    basket.down = True
    exports.send("siem")
    basket.down = False
    assert exports.send("siem") == 0

    assert exports.send_now("siem", None, ALICE) == 2
    assert events(app, "audit.exported") == []


def test_a_sink_goes_on_at_no_position_that_the_trail_has_not(app, trail, exports):
    sealed(trail, 2)

    for position in (-1, 3):
        with pytest.raises(PositionUnknown):
            exports.send_now("siem", position, ALICE)

    assert events(app, "audit.exported") == []
    assert exports.send_now("siem", 2, ALICE) == 0


def test_nobody_moves_a_sink_while_a_worker_sends_to_it(trail, exports):
    class Watched(Basket):
        def send(self, batch):
            with pytest.raises(SinkBusy):
                exports.send_now("siem", 0, ALICE)
            super().send(batch)

    sealed(trail, 2)

    assert replace(exports, sinks={"siem": Watched()}).send("siem") == 2


def test_a_sink_that_no_setting_names_is_unknown(exports):
    with pytest.raises(SinkUnknown):
        exports.send("other")


def test_how_far_a_sink_is_behind(trail, clock, exports):
    (before,) = exports.lags()
    sealed(trail, 3)
    clock.advance(minutes=15, seconds=-2)  # the first of three is two seconds older

    (on_time,) = exports.lags()
    clock.advance(seconds=1)
    (late,) = exports.lags()
    exports.send("siem")
    (after,) = exports.lags()

    assert (before.events, before.seconds) == (after.events, after.seconds) == (0, 0.0)
    assert (on_time.events, on_time.seconds, on_time.is_late) == (3, 900.0, False)
    assert (late.seconds, late.is_late) == (901.0, True)


def test_a_turn_without_anything_to_do_writes_nothing(trail, exports):
    sealed(trail, 1)
    exports.send("siem")

    class Untouched(ExportStore):
        def take(self, *_):
            raise AssertionError

    assert replace(exports, store=Untouched(exports.db)).send("siem") == 0


@pytest.mark.parametrize("position", [1, 2, 3, 5])
def test_an_event_that_somebody_deleted_is_told_with_its_position(
    app, trail, exports, basket, position
):
    sealed(trail, 7)
    trail.tampers(f"DELETE FROM audit_event WHERE event_id = '{trail.sealed()[position]}'")

    while exports.send("siem"):
        pass

    assert basket.positions == [each for each in range(7) if each != position]
    (told,) = events(app, "audit.export.incomplete")
    assert (told["sink"], told["reason_code"]) == ("siem", "deleted")
    assert told["positions"] == [str(position)]


def test_an_event_that_was_purged_is_not_told_as_deleted(app, trail, exports, basket):
    trail.records(2)
    trail.audit.record(AccountActivated(subject="one"))
    trail.records(2)
    trail.signs()
    trail.clock.advance(days=500)
    assert app.extensions["broker"][Purger].purge() == 1
    trail.signs()

    while exports.send("siem"):
        pass

    assert basket.positions[:4] == [0, 1, 3, 4]
    assert events(app, "audit.export.incomplete") == []

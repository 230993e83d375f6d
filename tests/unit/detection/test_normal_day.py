"""Nobody is accused on a normal day; and on the same day an attacker is found."""

import pytest

from bench.detection import Hand, Replayed, replay
from bench.normal_day import NormalDay
from broker.app import create_app
from broker.base.db import Database
from broker.sessions.events import PasswordRefused
from tests.conftest import NOON
from tests.unit.detection.conftest import Watch

pytestmark = pytest.mark.forges_events
PEOPLE = 2_000


@pytest.fixture
def replayed(settings):
    hand = Hand(NOON)
    app = create_app(settings, clock=hand)
    yield Replayed(app.extensions["broker"], hand), Watch(app, hand)
    app.extensions["broker"][Database].engine.dispose()


def test_a_normal_day_raises_no_alert_and_an_attack_on_it_does(replayed):
    day, watch = replayed
    turns = []

    events = replay(day, NormalDay(PEOPLE, NOON.replace(hour=0)), turns.append)

    assert events > 5 * PEOPLE
    assert len(turns) == 6 * 24
    assert [(alert.rule, alert.group_value) for alert in watch.detection.every()] == []
    for number in range(15):
        watch.sees(
            PasswordRefused(subject=f"victim-{number}", reason_code="password"),
            address="203.0.113.66",
        )
    assert watch.rules() == ["password-spray"]


def test_a_normal_day_has_what_the_rules_count():
    kinds = [type(event).type for act in NormalDay(PEOPLE, NOON).acts() for event in act.events]

    for rule_counts, at_least in {
        "login.password.failed": 250,
        "otp.failed": 100,
        "account.create.refused": 5,
        "userinfo.read": 800,
        "identifier.email.changed": 1,
        "console.person.looked_up": 50,
        "console.login.failed": 4,
    }.items():
        assert kinds.count(rule_counts) >= at_least, rule_counts


def test_the_same_seed_draws_the_same_day():
    day, again, other = (
        [act.moment for act in NormalDay(50, NOON, seed).acts()] for seed in (1, 1, 2)
    )

    assert day == again != other

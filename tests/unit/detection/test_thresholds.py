"""The rules that test_attacks.py has no attack for alert at their threshold, not before."""

from pathlib import Path

import pytest

import broker.cli  # noqa: F401 - with every capability, every event
from broker.audit.catalogue import kinds
from broker.audit.events import WitnessRefused
from broker.audit.model import Actor
from broker.console.events import ConsoleViewed, Query
from broker.detection.rules import Rules
from broker.exports.events import EventsMissing
from broker.oidc.proofs.events import AssertionReplayed
from broker.sessions.events import SessionCreated
from broker.signup.events import CreationRequested

ALICE = Actor(kind="analyst", ref="alice")
WITNESS = Actor(kind="system", ref="temoin.example/w")
ORIGIN = {"address": "203.0.113.66", "browser": "b" * 32}
CASES = {
    "one-browser-many-accounts": (
        7,
        lambda number: SessionCreated(
            subject=f"person-{number}", acr="eidas1", amr=("pwd",), auth_time=1, session_ref="s-1"
        ),
    ),
    "creations-many": (
        15,
        lambda number: CreationRequested(subject=f"nir:{number}", reason_code="card"),
    ),
    "proof-replay": (5, lambda _number: AssertionReplayed(client_id="partenaire")),
    "analyst-reads-in-bulk": (
        600,
        lambda _number: ConsoleViewed(page="timeline", query=Query(), actor=ALICE),
    ),
}


def test_each_shipped_rule_has_its_attack():
    stories = "".join(file.read_text() for file in Path(__file__).parent.glob("test_*.py"))

    assert [name for name in Rules.load(None, kinds()).by_name if f'"{name}"' not in stories] == []


@pytest.mark.parametrize("name", CASES)
def test_a_rule_alerts_at_its_threshold_and_not_before(watch, name):
    threshold, event = CASES[name]
    watch.sees(*map(event, range(threshold - 1)), **ORIGIN)
    assert watch.looks() == []

    watch.sees(event(threshold - 1), **ORIGIN)

    (alert,) = watch.looks()
    assert (alert.rule, alert.counted) == (name, threshold)


def test_one_row_that_is_no_event_is_enough(watch):
    siem = Actor(kind="system", ref="siem")

    watch.sees(EventsMissing(sink="siem", positions=("4",), actor=siem))

    (alert,) = watch.looks()
    assert (alert.rule, alert.group_value) == ("trail-incomplete", "siem")


def test_one_refusal_of_the_witness_is_enough(watch):
    assert watch.looks() == []

    watch.sees(WitnessRefused(actor=WITNESS, reason_code="inconsistent", size=1))

    (alert,) = watch.looks()
    assert (alert.rule, alert.group_value) == ("witness-refuses", WITNESS.ref)

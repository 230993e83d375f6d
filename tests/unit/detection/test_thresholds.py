"""The rules that test_attacks.py has no attack for alert at their threshold, not before."""

import pytest

from broker.audit.model import Actor
from broker.console.events import ConsoleViewed, Query
from broker.oidc.events import AssertionReplayed
from broker.sessions.events import SessionCreated
from broker.signup.events import CreationRequested

ALICE = Actor(kind="analyst", ref="alice")
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


@pytest.mark.parametrize("name", CASES)
def test_a_rule_alerts_at_its_threshold_and_not_before(watch, name):
    threshold, event = CASES[name]
    watch.sees(*map(event, range(threshold - 1)), **ORIGIN)
    assert watch.looks() == []

    watch.sees(event(threshold - 1), **ORIGIN)

    (alert,) = watch.looks()
    assert (alert.rule, alert.counted) == (name, threshold)

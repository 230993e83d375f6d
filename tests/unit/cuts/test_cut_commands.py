"""``broker cut``: the operators' way to a cut."""

import json
from datetime import UTC, datetime

import pytest

from broker.keys.rotation import Keys
from tests.conftest import ROOT
from tests.support.commands import Done, command
from tests.support.partner import events


@pytest.fixture(autouse=True)
def today(clock):
    """Who logs in here logs in now, as commands see it."""
    clock.now = datetime.now(UTC)


@pytest.fixture
def run(database_url):
    """Return a function that runs a command as one of the operators of the machine."""

    def as_operator(name: str, *arguments: str) -> Done:
        environment = {
            "BROKER_SETTINGS": str(ROOT / "config/test.toml"),
            "BROKER_DATABASE_URL": database_url,
            "LOGNAME": name,
        }
        return command("cut", *arguments, environment=environment)

    return as_operator


@pytest.mark.usefixtures("holder")
def test_everybodys_sessions_end_when_a_second_operator_agrees(app, run):
    previewed = run("olga", "preview", "everybody")
    assert previewed.stdout.startswith("would fall: 1 sessions, 1 people, ")
    planned = run("olga", "plan", "everybody", "--reason", "compromission")
    reference = planned.stdout.partition(":")[0]
    own = run("olga", "approve", reference)
    assert (own.code, own.stderr) == (1, "broker: cut-own-plan\n")
    assert json.loads(run("olga", "list", "--json").stdout)["state"] == "planned"

    done = run("oscar", "approve", reference)

    assert "before: 1 sessions, " in done.stdout
    assert "after: 0 sessions, " in done.stdout
    assert all("nothing proves that they are two" in told.stderr for told in (planned, done))
    (fell,), (told,) = events(app, "session.ended"), events(app, "cut.done")
    assert told["event_id"] in done.stdout
    assert told["actor"] == {"kind": "admin", "ref": "oscar"}
    assert fell["request_id"] == told["request_id"]
    assert json.loads(run("olga", "list", "--json").stdout)["state"] == "done"


def test_a_login_falls_at_once(run, login):
    done = run("olga", "plan", "login", login, "--reason", "jeton volé")

    assert ": done\nbefore: 1 sessions, " in done.stdout
    assert done.stderr == ""


def test_what_is_not_counted_of_a_key_is_said(app, run):
    key = app.extensions["broker"][Keys].signing("ES256")

    previewed = run("olga", "preview", "key", key.kid)

    assert previewed.stdout.startswith("would fall: 0 id_tokens, 0 access_tokens, 1 doors\n")
    assert "not counted: logout tokens, security event tokens and signed userinfo" in (
        previewed.stdout
    )
    assert "not counted" not in run("olga", "preview", "everybody").stdout


def test_a_plan_is_refused_once(run):
    reference = run("olga", "plan", "upstream", "--reason", "essai").stdout.partition(":")[0]

    assert run("oscar", "refuse", reference).stdout == f"{reference}: refused\n"

    again = run("oscar", "approve", reference)
    assert (again.code, again.stderr) == (1, "broker: cut-over\n")


def test_a_target_or_reference_that_nobody_knows_is_told(run):
    unknown = run("olga", "preview", "login", "AAAA-AAAA-AA")
    assert (unknown.code, unknown.stderr) == (1, "broker: cut-target-unknown\n")

    nothing = run("olga", "approve", "AAAA-AAAA-AA")
    assert (nothing.code, nothing.stderr) == (1, "broker: cut-unknown\n")


def test_a_reason_that_is_too_long_is_no_reason(run):
    answer = run("olga", "plan", "upstream", "--reason", "x" * 201)

    assert answer.code == 2
    assert "200 characters at most" in answer.stderr


@pytest.mark.parametrize(("option", "told"), [((), 1), (("--tell",), 1), (("--silently",), 0)])
def test_the_holder_is_told_unless_the_operator_says_otherwise(app, run, login, option, told):
    assert run("olga", "plan", "login", login, "--reason", "jeton volé", *option).code == 0

    assert len(events(app, "cut.told")) == told


def test_a_wide_cut_cannot_tell_anybody(app, run):
    refused = run("olga", "plan", "everybody", "--reason", "compromission", "--tell")

    assert refused.code == 2
    assert events(app, "cut.") == []

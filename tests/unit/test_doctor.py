"""Production starts on fit settings alone, and says which rule it misses, never a value."""

import base64
import os
import subprocess
import sys

import pytest

from broker.base.errors import ServiceNotReady
from broker.base.settings import load_settings
from broker.doctor import Verdict, examine, password_advice, require_fit
from tests.conftest import ROOT

SECRET = "a-secret-that-no-demo-has-ever-seen-anywhere"
FIT = {
    "BROKER_PROFILE": "production",
    "BROKER_ISSUER": "https://compte.example",
    "BROKER_SECRET_KEY": SECRET,
    "BROKER_DATA_KEYS": f"a:{base64.b64encode(bytes(range(32))).decode()}",
    "BROKER_TRUSTED_HOSTS": "compte.example",
    "BROKER_FRANCECONNECT_ISSUER": "https://fc.example/api/v2",
    "BROKER_FRANCECONNECT_CLIENT_ID": "ameli",
    "BROKER_FRANCECONNECT_CLIENT_SECRET": SECRET,
}
UNFIT = [
    ({"BROKER_ISSUER": "http://compte.example"}, "the issuer is https"),
    ({"BROKER_DEBUG": "true"}, "debug is off"),
    ({"BROKER_SECRET_KEY": "short"}, "the secret key is given and long"),
    ({"BROKER_SECRET_KEY": None}, "the secret key is given and long"),
    ({"BROKER_DATA_KEYS": None}, "data keys are given"),
    ({"BROKER_SECRET_KEY": f"demo-only-{SECRET}"}, "no secret comes from the demo"),
    (
        {"BROKER_FRANCECONNECT_CLIENT_SECRET": f"demo-only-{SECRET}"},
        "no secret comes from the demo",
    ),
    ({"BROKER_TRUSTED_HOSTS": None}, "trusted hosts are named"),
    (
        {"BROKER_FRANCECONNECT_ISSUER": "http://fc.example/api/v2"},
        "FranceConnect is not a simulator",
    ),
    (
        {"BROKER_FRANCECONNECT_ISSUER": "https://localhost:8001/api/v2"},
        "FranceConnect is not a simulator",
    ),
    (
        {"BROKER_FRANCECONNECT_ACR": "eidas2"},
        "FranceConnect encrypts what it vouches for above eidas1",
    ),
    ({"BROKER_PASSWORD_MEMORY_COST": "19455"}, "passwords cost at least OWASP's minimum"),
    ({"BROKER_PASSWORD_TIME_COST": "1"}, "passwords cost at least OWASP's minimum"),
]


def settings(**changes):
    given = {**FIT, **changes}
    return load_settings({name: value for name, value in given.items() if value is not None})


def test_fit_settings_meet_every_rule():
    fit = settings()

    require_fit(fit)

    assert {finding.verdict for finding in examine(fit)} == {Verdict.OK}


@pytest.mark.parametrize(("changes", "rule"), UNFIT)
def test_one_flaw_is_enough_to_refuse_and_is_the_only_one_named(changes, rule):
    with pytest.raises(ServiceNotReady) as refusal:
        require_fit(settings(**changes))

    assert str(refusal.value) == f"production refuses to start, as these rules fail: {rule}"


def test_a_password_key_of_its_own_is_advice_that_stops_nobody():
    own = f"2026a:{base64.b64encode(bytes(32)).decode()}"

    assert password_advice(settings())[1] is False
    assert password_advice(settings(BROKER_PASSWORD_KEYS=f"secret-key,{own}"))[1] is False
    assert password_advice(settings(BROKER_PASSWORD_KEYS=f"{own},secret-key"))[1] is True


@pytest.mark.parametrize("profile", ["demo", "test"])
def test_other_profiles_start_with_any_of_these_flaws(profile):
    flaws = {name: value for changes, _rule in UNFIT for name, value in changes.items()}

    require_fit(settings(**flaws, BROKER_PROFILE=profile))


@pytest.mark.parametrize("command", ["serve", "worker", "doctor"])
def test_each_process_of_an_unfit_production_ends_without_saying_a_secret(command, tmp_path):
    secret = "demo-only-and-long-enough-to-be-a-secret-key"
    environment = {
        "PATH": os.environ["PATH"],
        **FIT,
        "BROKER_SECRET_KEY": secret,
        "BROKER_DATABASE_URL": f"sqlite:///{tmp_path / 'broker.db'}",
    }

    done = subprocess.run(
        [sys.executable, "-m", "broker", command],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    said = done.stdout + done.stderr
    assert done.returncode != 0
    assert "no secret comes from the demo" in said
    assert secret not in said
    assert FIT["BROKER_DATA_KEYS"] not in said

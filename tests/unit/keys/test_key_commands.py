"""``broker keys …`` shows and moves both kinds of keys."""

import json
import os
import subprocess
import sys

import pytest

from tests.conftest import ROOT


@pytest.fixture
def keys(sqlite_url):
    def run(*arguments):
        environment = {
            **{name: value for name, value in os.environ.items() if "BROKER_" not in name},
            "BROKER_SETTINGS": str(ROOT / "config/test.toml"),
            "BROKER_DATABASE_URL": sqlite_url,
            "BROKER_FRANCECONNECT_JWE": "ECDH-ES",
        }
        command = [sys.executable, "-m", "broker", "keys", *arguments]
        done = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
        )
        return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]

    return run


def test_one_command_rotates_the_keys_of_both_uses_and_another_retires_either(keys):
    _, made = keys("rotate", "--json")
    encryption = next(key for key in made if key["use"] == "enc")

    retired, _ = keys("retire", encryption["kid"])
    again, _ = keys("retire", encryption["kid"])
    _, every = keys("list", "--json")

    assert sorted(key["alg"] for key in made) == ["ECDH-ES", "ES256", "PS256", "RS256"]
    assert {key["use"] for key in made} == {"sig", "enc"}
    assert (retired, again) == (0, 1)
    states = {key["kid"]: key["state"] for key in every if key["use"] == "enc"}
    assert states.pop(encryption["kid"]) == "removed"
    assert list(states.values()) == ["active"]


def test_a_key_is_named_even_where_its_id_begins_with_a_hyphen(keys):
    code, _ = keys("retire", f"-h{'A' * 41}")

    assert code == 1  # there is no such key; 2 would be no such option

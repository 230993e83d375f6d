"""``broker detection``: rules are judged, alerts listed and acknowledged."""

import json

import pytest

from tests.conftest import ROOT
from tests.support.commands import command
from tests.unit.detection.test_alerts import spray, try_people

__all__ = ["spray"]


@pytest.fixture
def run(database_url):
    """Return a function that runs a command on the test's database."""
    environment = {
        "BROKER_SETTINGS": str(ROOT / "config/test.toml"),
        "BROKER_DATABASE_URL": database_url,
    }

    def ran(*arguments, **variables):
        return command("detection", *arguments, environment=environment | variables)

    return ran


def test_sound_rules_are_listed_and_flawed_ones_named(run, tmp_path):
    shipped = run("check")
    assert (shipped.code, shipped.stderr) == (0, "")
    assert "password-spray" in shipped.stdout
    (tmp_path / "own.toml").write_text('[own-rule]\ntitle = "Une règle"\n', encoding="utf-8")

    for flawed in (run("check", tmp_path), run("check", BROKER_DETECTION_RULES=str(tmp_path))):
        assert (flawed.code, flawed.stdout) == (1, "")
        assert "own.toml, own-rule: severity: Field required\n" in flawed.stderr
    assert (
        "broker: detection rules refused"
        in run("alerts", BROKER_DETECTION_RULES=str(tmp_path)).stderr
    )


def test_alerts_are_listed_and_acknowledged(run, spray):
    try_people(spray, "one", "two", "three")
    (alert,) = spray.looks()
    assert json.loads(run("alerts", "--json").stdout)["reference"] == alert.reference

    empty = run("acknowledge", alert.reference, "--note", " ")
    assert (empty.code, "one to 300 characters" in empty.stderr) == (2, True)
    assert run("acknowledge", alert.reference, "--note", "adresse bloquée").code == 0

    assert run("alerts", "--json").stdout == ""
    assert (
        json.loads(run("alerts", "--acknowledged", "--json").stdout)["note"] == "adresse bloquée"
    )
    again = run("acknowledge", alert.reference, "--note", "encore")
    assert (again.code, again.stderr) == (1, "broker: alert-acknowledged\n")


def test_an_unknown_alert_is_told(run):
    unknown = run("acknowledge", "AAAA-AAAA-AA", "--note", "rien")

    assert (unknown.code, unknown.stderr) == (1, "broker: alert-unknown\n")

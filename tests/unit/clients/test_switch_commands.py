"""``broker clients`` and ``broker upstream``: what is switched off and on again, and said so."""

import pytest

from tests.conftest import ROOT
from tests.support.commands import command
from tests.support.partner import register


@pytest.fixture
def said(database_url):
    """Return a function that runs a command and tells what it printed."""
    environment = {
        "BROKER_SETTINGS": str(ROOT / "config/test.toml"),
        "BROKER_DATABASE_URL": database_url,
    }
    return lambda *arguments: command(*arguments, environment=environment).stdout


@pytest.mark.parametrize(
    ("group", "name"), [("clients", "partenaire"), ("upstream", "franceconnect")]
)
def test_a_switch_is_said_to_be_off_and_is_then_on_again(app, said, group, name):
    register(app)

    assert said(group, "disable", name) == f"{name}: disabled\n"
    assert '"enabled": false' in said(group, "list", "--json")

    assert said(group, "enable", name) == f"{name}: enabled\n"
    assert '"enabled": false' not in said(group, "list", "--json")

"""``broker console …``: what operators type, and what is printed."""

import json

import pytest

from tests.conftest import ROOT
from tests.support.commands import Done, command


@pytest.fixture
def broker(sqlite_url):
    """Return a function that runs a command on one database."""
    environment = {
        "BROKER_SETTINGS": str(ROOT / "config/test.toml"),
        "BROKER_DATABASE_URL": sqlite_url,
    }

    def run(*arguments: str) -> Done:
        return command("console", *arguments, environment=environment)

    return run


def test_the_link_stands_alone_on_standard_output(broker):
    done = broker("add-user", "alice", "--role", "reader")

    (line,) = done.stdout.splitlines()
    assert line.startswith("http://localhost:8000/audit/invitation/")
    assert len(line.rpartition("/")[2]) == 43
    assert done.stderr.startswith("alice, reader: the link serves once, until ")


def test_an_account_is_made_changed_and_shut(broker):
    broker("add-user", "alice", "--role", "reader")

    broker("set-role", "alice", "--role", "investigator")
    listed = json.loads(broker("list", "--json").stdout)
    broker("disable", "alice")

    assert (listed["name"], listed["role"], listed["standing"]) == (
        "alice",
        "investigator",
        "invited",
    )
    assert "disabled" in broker("list").stdout


def test_what_cannot_be_is_said_in_one_line(broker):
    broker("add-user", "alice", "--role", "reader")

    refused = [
        broker("add-user", "alice", "--role", "reader"),
        broker("invite", "personne"),
    ]

    assert [done.code for done in refused] == [1, 1]
    assert [done.stderr for done in refused] == [
        "broker: console-analyst-exists\n",
        "broker: console-analyst-unknown\n",
    ]


def test_a_name_that_is_none_is_answered_by_what_a_name_is_made_of(broker):
    refused = broker("add-user", "a@exemple.fr", "--role", "reader")

    assert refused.code == 2
    assert "3 to 40 small letters, digits, dots and hyphens" in refused.stderr

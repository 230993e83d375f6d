"""`broker clients check`: every flaw of every file, by file, member and rule; no database."""

import json

import pytest
from click.testing import CliRunner

from broker.cli import broker
from tests.conftest import ROOT
from tests.support.partner import SECRET, a_registration

NOWHERE = {
    "BROKER_SETTINGS": str(ROOT / "config/test.toml"),
    "BROKER_DATABASE_URL": "postgresql+psycopg://nobody@127.0.0.1:1/nothing",
}


@pytest.fixture
def check(tmp_path):
    """Return a function that writes files and judges their folder; it returns status and lines."""

    def run(*options, **documents):
        for name, document in documents.items():
            text = document if isinstance(document, str) else json.dumps(document)
            (tmp_path / f"{name}.json").write_text(text)
        command = ["clients", "check", str(tmp_path), *options]
        done = CliRunner().invoke(broker, command, env=NOWHERE)
        return done.exit_code, done.output.splitlines()

    return run


def test_a_good_file_is_good_and_its_warnings_are_told(check):
    assert check(
        one=a_registration(), two=a_registration(client_id="two", post_logout_redirect_uri="x")
    ) == (
        0,
        [
            "one.json: good",
            (
                "two.json: warning: post_logout_redirect_uri: ignored, not used here;"
                " did you mean post_logout_redirect_uris?"
            ),
        ],
    )


def test_every_flaw_of_every_file_is_told_by_member_and_rule(check):
    status, lines = check(
        a=a_registration(client_id=None, ameli={"sektor": "x"}, default_max_age="60"),
        b=a_registration(scope="openid nir"),
        c="{",
        d=a_registration(),
    )

    assert status == 1
    assert lines == [
        "a.json: refused: client_id: required",
        "a.json: refused: default_max_age: should be a valid integer",
        "a.json: refused: ameli.sektor: is not known here; did you mean sector?",
        "b.json: refused: scope: nir needs ameli.nir",
        (
            "c.json: refused: cannot be read: Expecting property name enclosed in double quotes:"
            " line 1 column 2 (char 1)"
        ),
        "d.json: good",
    ]
    assert SECRET not in "".join(lines)


def test_the_rules_of_production_can_be_asked_for_anywhere(check):
    local = a_registration(redirect_uris=["http://partenaire.test/"])

    assert check(local=local)[0] == 0
    assert check("--production", "--json", local=local) == (
        1,
        [
            (
                '{"file": "local.json", "verdict": "refused", "member": "redirect_uris", "rule":'
                ' "https is required (http only on loopback, for native clients)"}'
            )
        ],
    )

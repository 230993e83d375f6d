"""What chance made may begin with a hyphen, and is no option of a command for that."""

import click
import pytest
from click.testing import CliRunner

from broker.cli.operation import Naming

TOKEN = "-h2s1K0vXJx3oGh7Qb-yT4mNf_8Zc5"


@click.command(cls=Naming, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--only-this-session", is_flag=True)
@click.option("--reason")
@click.argument("kind")
@click.argument("name", default="")
def tells(*, only_this_session: bool, reason: str | None, kind: str, name: str) -> None:
    click.echo(f"{only_this_session} {reason} {kind} {name}")


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        (["login", TOKEN, "--reason", "fraud"], f"False fraud login {TOKEN}"),
        (["login", "--reason=fraud", TOKEN], f"False fraud login {TOKEN}"),
        (["--reason", "fraud", "login", "--", TOKEN], f"False fraud login {TOKEN}"),
        (["login", TOKEN[1:], "--only-this-session"], f"True None login {TOKEN[1:]}"),
        (["everybody"], "False None everybody "),
    ],
)
def test_a_name_that_begins_with_a_hyphen_is_a_name(typed, told):
    done = CliRunner().invoke(tells, typed)

    assert (done.exit_code, done.output) == (0, f"{told}\n"), done.output


def test_an_option_that_nobody_knows_is_refused():
    assert CliRunner().invoke(tells, ["login", "--forcibly"]).exit_code == 2

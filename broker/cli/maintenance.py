"""``broker doctor``, ``broker budget``, ``broker data-keys …`` and ``broker password-keys``."""

import sys

import click

from broker.accounts.password_keys import KeyState
from broker.accounts.passwords import Passwords
from broker.audit.proofs.keeping import Keeping
from broker.base.clock_drift import ClockDrift
from broker.base.data_rotation import DataRotation
from broker.base.errors import ServiceNotReady
from broker.base.grades import Grade
from broker.base.own_secrets import add_own_data_key
from broker.budget import budgets, table
from broker.cli.operation import service, settings_of_command, show
from broker.clients.directory import Clients
from broker.console.analysts import Analysts
from broker.doctor import Verdict, client_grades, examine, password_advice, server_grades
from broker.foundation import Foundation


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="JSON Lines.")
def doctor_command(*, as_json: bool) -> None:
    """Judge the settings by the rules of production; exit 1 when one fails.

    Then grade the keys of passwords, the server and each partner by OAuth 2.1 and FAPI 2.0, and
    how the trail is kept, as far as this role and user can see: there "lacks" is advice.
    """
    settings = settings_of_command()
    findings = examine(settings)
    rows: list[dict[str, object]] = [
        {"subject": "settings", "standard": "production", "verdict": f.verdict, "rule": f.rule}
        for f in findings
    ]
    rows += [_row("passwords", "keys", *password_advice(settings))]
    rows += [_graded("server", item) for item in server_grades(settings)]
    try:
        partners = service(Clients).every()
        rows += [_graded(client_id, item) for client_id, item in client_grades(partners)]
        rows += [_row("trail", "append-only", *item) for item in service(Keeping).judged()]
        rows += [_row("clock", "agreement", *service(ClockDrift).judged())]
    except ServiceNotReady as error:
        click.echo(f"broker: partners, trail and clock are not graded: {error}", err=True)
    show(rows, as_json=as_json)
    if any(finding.verdict is Verdict.FAILS for finding in findings):
        sys.exit(1)


@click.command("budget")
@click.option("--markdown", is_flag=True, help="The table of the documents.")
@click.option("--json", "as_json", is_flag=True, help="JSON Lines.")
def budget_command(*, markdown: bool, as_json: bool) -> None:
    """Tell how many guesses the limits leave to an attacker; exit 1 when that is not accepted."""
    found = budgets(settings_of_command().limits)
    if markdown:
        click.echo(table(found))
    else:
        rows = [
            {
                "attack": item.attack,
                "day": item.day,
                "month": item.month,
                "chance": item.chance and float(f"{item.chance:.3g}"),
                "accepted": item.ceiling,
                "verdict": "ok" if item.holds else "fails",
            }
            for item in found
        ]
        show(rows, as_json=as_json)
    if not all(item.holds for item in found):
        sys.exit(1)


def _graded(subject: str, item: Grade) -> dict[str, object]:
    return _row(subject, item.standard, item.rule, item.met)


def _row(subject: str, standard: str, rule: str, met: bool) -> dict[str, object]:  # noqa: FBT001 - what was judged
    verdict = "ok" if met else "lacks"
    return {"subject": subject, "standard": standard, "verdict": verdict, "rule": rule}


@click.group("data-keys")
def data_keys_group() -> None:
    """Manage the keys that encrypt personal data at rest."""


@data_keys_group.command("rotate")
def rotate_data_keys() -> None:
    """Encrypt everything under the active data key.

    Where the profile makes its own keys, a new one is made first; elsewhere put the new key in
    front of BROKER_DATA_KEYS, restart every process, then run this.
    """
    foundation = service(Foundation)
    if not foundation.settings.data_keys:
        add_own_data_key(foundation.db)
    rotation = DataRotation(foundation.db, foundation.vault)
    done = rotation.run(lambda table, rows: click.echo(f"{table}: {rows}", err=True))
    click.echo(f"{done} rows encrypted again under key {foundation.vault.active}")


@click.command("password-keys")
@click.option("--json", "as_json", is_flag=True, help="JSON Lines.")
def password_keys_command(*, as_json: bool) -> None:
    """Count the passwords under each key; exit 1 where one is missing that they need.

    Opens every hash: some minutes for millions of accounts. A key may leave BROKER_PASSWORD_KEYS
    once nothing stands under it.
    """
    passwords = service(Passwords)
    accounts = passwords.count_by_key(passwords.store.password_hashes())
    analysts = passwords.count_by_key(service(Analysts).store.password_hashes())
    found = {
        key_id: passwords.keys.state(key_id)
        for key_id in dict.fromkeys([*passwords.keys.keys, *accounts, *analysts])
    }
    rows = (
        {
            "key": key_id or "none",
            "state": state,
            "accounts": accounts[key_id],
            "analysts": analysts[key_id],
        }
        for key_id, state in found.items()
    )
    show(rows, as_json=as_json)
    if KeyState.MISSING in found.values():
        sys.exit(1)

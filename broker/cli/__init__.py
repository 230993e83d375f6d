"""Operator commands: ``broker …``."""

import sys

import click

from broker.base.errors import ServiceNotReady
from broker.cli.accounts import accounts_group
from broker.cli.cases import cases_group
from broker.cli.console import console_group
from broker.cli.cut import cut_group
from broker.cli.detection import detection_group
from broker.cli.evidence import export_command, proof_command, token_evidence_command
from broker.cli.exports import exports_command
from broker.cli.lineage import lineage_command
from broker.cli.maintenance import (
    budget_command,
    data_keys_group,
    doctor_command,
    password_keys_command,
)
from broker.cli.partners import clients_group
from broker.cli.purge import hold_command, holds_command, purge_command, release_command
from broker.cli.register import insured_group
from broker.cli.seal import checkpoint_command, verify_command
from broker.cli.service import migrate_command, serve_command, worker_command
from broker.cli.signing_keys import keys_group
from broker.cli.trail import audit_group
from broker.cli.upstream import upstream_group


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="ameli-identity-broker")
def broker() -> None:
    """Identity broker of the compte ameli."""


for question in (
    verify_command,
    checkpoint_command,
    proof_command,
    token_evidence_command,
    export_command,
    exports_command,
    lineage_command,
    purge_command,
    hold_command,
    release_command,
    holds_command,
):
    audit_group.add_command(question)

for command in (
    serve_command,
    worker_command,
    migrate_command,
    doctor_command,
    budget_command,
    insured_group,
    accounts_group,
    clients_group,
    upstream_group,
    keys_group,
    data_keys_group,
    password_keys_command,
    audit_group,
    cases_group,
    detection_group,
    cut_group,
    console_group,
):
    broker.add_command(command)


def main() -> None:
    """Run a command; a deployment that is not ready is said in one line, with exit code 2."""
    try:
        broker()
    except ServiceNotReady as error:
        click.echo(f"broker: {error}", err=True)
        sys.exit(2)

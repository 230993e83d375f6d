"""``broker serve``, ``broker worker``, ``broker migrate``."""

import os
import signal
from types import FrameType

import click

from broker.cli.operation import application, settings_of_command
from broker.doctor import require_fit
from broker.migration import migrate, require_current_schema_of
from broker.serve import serve
from broker.services import background_tasks
from broker.worker import Worker


@click.command("serve")
def serve_command() -> None:
    """Serve the web application with the workers that the settings ask for."""
    settings = settings_of_command()
    require_fit(settings)
    require_current_schema_of(settings)
    serve(settings)


@click.command("worker")
@click.option("--once", is_flag=True, help="Do what is due now, then end.")
@click.option("--parent", type=int, hidden=True, help="End with this process.")
def worker_command(*, once: bool, parent: int | None) -> None:
    """Do the background work: mail, purges."""
    tasks = background_tasks(application().extensions["broker"])
    worker = Worker(tasks, wanted=lambda: parent is None or os.getppid() == parent)
    if once:
        click.echo(f"{worker.run_once()} done")
        return

    def stop(_signal: int, _frame: FrameType | None) -> None:
        worker.stopping.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    worker.run()


@click.command("migrate")
def migrate_command() -> None:
    """Bring the database to the current schema."""
    settings = settings_of_command()
    migrate(settings)
    click.echo("the database is at the current schema")

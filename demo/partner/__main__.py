"""`python -m demo.partner`: the sample partner site, by default on http://localhost:8002."""

from pathlib import Path

import click

from demo.partner.app import create_app
from demo.partner.settings import PartnerSettings
from demo.web_server import serve


@click.command()
@click.option(
    "--config",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    default=Path(__file__).with_name("partner.toml"),
    help="Settings file (default: demo/partner/partner.toml).",
)
def main(config: Path) -> None:
    """Serve the site at the port of its public address."""
    settings = PartnerSettings.read(config)
    serve(create_app(settings), settings.port)


if __name__ == "__main__":
    main()

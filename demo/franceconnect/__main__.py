"""`python -m demo.franceconnect --config FILE.toml` runs the simulator until it is stopped."""

import argparse
from pathlib import Path

from demo.franceconnect.config import Config
from demo.franceconnect.server import create_app
from demo.web_server import serve


def main() -> None:
    """Read the command line and answer on the port of the file."""
    parser = argparse.ArgumentParser(prog="python -m demo.franceconnect", description=__doc__)
    parser.add_argument("--config", type=Path, required=True, help="the simulator's TOML file")
    config = Config.load(parser.parse_args().config)
    serve(create_app(config), config.port)


if __name__ == "__main__":
    main()

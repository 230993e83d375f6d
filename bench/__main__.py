"""``make bench``: measures part by part, and prints the tables of each when it is done.

``make bench B=imports`` runs one part, ``SIZE=1000000`` makes the large
register, or the trail, another size.
"""

import argparse
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from bench import acts, attack, audit, detection, imports, pages, register, trail, trouble
from bench.provider import main as measure_provider
from bench.table import Table
from bench.workshop import machine, workshop

_PARTS: dict[str, Callable[[Path, int], Iterable[Table]]] = {
    "imports": imports.measure,
    "register": register.measure,
    "trouble": trouble.measure,
    "pages": pages.measure,
    "detection": detection.measure,
    "audit": audit.measure,
    "attack": attack.measure,
    "trail": trail.measure,
    "acts": acts.measure,
}


def main() -> None:
    """Run the parts that are named, or all; exit with 1 where a promise was broken."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("parts", nargs="*", help=f"among {', '.join(_PARTS)}, provider")
    parser.add_argument(
        "--size", type=int, default=10_000_000, help="people of the register, events of the trail"
    )
    asked, held = parser.parse_args(), True
    for name in asked.parts or (*_PARTS, "provider"):
        print(f"-- {name}: {machine()}", flush=True)
        if name == "provider":
            measure_provider()
            continue
        with workshop() as folder:
            for table in _PARTS[name](folder, asked.size):
                print(f"\n{table}\n", flush=True)
                held &= table.holds
    sys.exit(not held)


main()

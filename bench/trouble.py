"""Password logins beside a FranceConnect that is silent, slow or down."""

from collections.abc import Iterator
from pathlib import Path

from bench.table import Table
from tests.support.login_latency import Rig

_TROUBLES = {"falls_silent": "silent", "drips": "a byte a second", "refuses": "down"}
_COLUMNS = ("FranceConnect", "median", "then", "p95", "then")


def measure(folder: Path, _size: int) -> Iterator[Table]:
    """Give for each trouble the median and the 95th percentile, without it and with it."""
    with Rig.running(folder / "trouble") as rig:
        taken = {name: rig.measure(getattr(rig.upstream, act)) for act, name in _TROUBLES.items()}
    rows = [(name, *_ms(each.medians), *_ms(each.p95)) for name, each in taken.items()]
    yield Table("Password logins while people come back from FranceConnect, ms", _COLUMNS, rows)


def _ms(seconds: tuple[float, float]) -> list[int]:
    return [round(1000 * each) for each in seconds]

"""Password logins beside a FranceConnect that is silent, slow or down."""

from pathlib import Path

from tests.support.login_latency import Rig

_TROUBLES = {"falls_silent": "silent", "drips": "a byte a second", "refuses": "down"}


def measure(folder: Path) -> list[str]:
    """Return a line for each trouble: median and 95th percentile without it and with it."""
    with Rig.running(folder) as rig:
        taken = {name: rig.measure(getattr(rig.upstream, act)) for act, name in _TROUBLES.items()}
    return [f"{name:17}{_ms(each.medians)}{_ms(each.p95)}" for name, each in taken.items()]


def _ms(seconds: tuple[float, float]) -> str:
    calm, troubled = (1000 * each for each in seconds)
    return f"{calm:10.0f}{troubled:10.0f}"

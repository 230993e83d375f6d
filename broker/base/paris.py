"""Days and times of day as people in France read them."""

from datetime import datetime
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")


def clock_time(moment: datetime) -> str:
    """Return the time of day, such as ``14:05``."""
    return f"{moment.astimezone(PARIS):%H:%M}"


def french_date(moment: datetime) -> str:
    """Return the date, such as ``05/03/2026``."""
    return f"{moment.astimezone(PARIS):%d/%m/%Y}"

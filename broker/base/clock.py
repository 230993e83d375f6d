"""What time it is, injected: business time is the application's clock alone."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """Return the present instant, in UTC."""
    return datetime.now(UTC)


def epoch(instant: datetime) -> int:
    """Return *instant* as whole seconds since 1970 (NumericDate of RFC 7519)."""
    return int(instant.timestamp())

"""What time it is, injected: business time is the application's clock alone."""

import select
from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """Return the present instant, in UTC."""
    return datetime.now(UTC)


def epoch(instant: datetime) -> int:
    """Return *instant* as whole seconds since 1970 (NumericDate of RFC 7519)."""
    return int(instant.timestamp())


def pause(seconds: float) -> None:
    """Wait by a relative delay of the kernel.

    Event.wait and time.sleep ask for an absolute one, which libfaketime shifts by as much as the
    clock (21 days instead of a moment) or makes invalid.
    """
    select.select([], [], [], seconds)

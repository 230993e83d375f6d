"""Ids of events, whose order is that of the events."""

import secrets
from datetime import UTC, datetime
from itertools import accumulate
from threading import Lock

_FIRST = 63  # random bits that begin a moment: half of the 64 are left to those that follow
_STEP = 5  # random bytes between one id and the next: who sees one does not know the other
_LOW = (1 << 62) - 1


class EventIds:
    """UUIDv7 (RFC 9562 §5.7): milliseconds, microseconds, then chance.

    What one process records in the same microsecond, as all events of one act, keeps its order
    (§6.2, method 2); that of two processes is left to chance.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._moment: datetime | None = None
        self._last = 0

    def at(self, moment: datetime, count: int) -> list[str]:
        """Return the ids of so many events of that moment, in their order."""
        known = _known(moment)
        return [_uuid(known, chance) for chance in self._chances(moment, count)]

    def _chances(self, moment: datetime, count: int) -> list[int]:
        drawn = secrets.token_bytes(_STEP * count)
        steps = (1 + int.from_bytes(drawn[i : i + _STEP]) for i in range(0, len(drawn), _STEP))
        with self._lock:
            if moment != self._moment:
                self._moment, self._last = moment, secrets.randbits(_FIRST)
            chances = list(accumulate(steps, initial=self._last))[1:]
            self._last = chances[-1] if chances else self._last
        return chances


def first_id(moment: datetime) -> str:
    """Return the id that no event of that moment is before, and none of an earlier one behind."""
    return _uuid(_known(moment), 0)


def moment_of(event_id: str) -> datetime | None:
    """Return the millisecond of an event of that id; None where it is no id of an event."""
    try:
        return datetime.fromtimestamp(int(event_id.replace("-", "")[:12], 16) / 1_000, UTC)
    except (ValueError, OverflowError):
        return None


def _known(moment: datetime) -> int:
    milliseconds, rest = divmod(int(moment.timestamp() * 1_000_000), 1_000)
    return (milliseconds << 80) | (0x7 << 76) | (rest << 66) | (0b10 << 62)


def _uuid(known: int, chance: int) -> str:
    """Add 64 bits: two to the microseconds (rand_a has 12 bits), 62 at the end."""
    text = f"{known | chance >> 62 << 64 | chance & _LOW:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"

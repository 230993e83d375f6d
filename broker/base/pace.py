"""Answers that take one time, so that how long they took tells nothing."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from broker.base.clock import pause


@dataclass(frozen=True)
class Pace:
    """Makes an act last *seconds*: longer than any of its outcomes takes by itself."""

    seconds: float

    @contextmanager
    def even(self) -> Iterator[None]:
        """Wait at the end of the act, refused or not, until its time has passed."""
        ends = time.monotonic() + self.seconds
        try:
            yield
        finally:
            pause(max(0.0, ends - time.monotonic()))

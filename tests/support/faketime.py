"""libfaketime, which shifts the clock of a process from outside."""

from pathlib import Path

FAKETIME = next(iter(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")), None)
"""The build whose threads read the shift one at a time.

In the other one they share a buffer, which begins anew with no shift at each reading: of eight
threads, one in some thousand readings gets the time of the machine.
"""

"""What processes cost: CPU seconds of a whole tree, memory of its largest process."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_PARENT, _OWN_TIMES = 1, slice(11, 15)  # of /proc/PID/stat, counted after the name


def cpu_seconds(roots: Iterable[int]) -> float:
    """Return what the processes and their children used since they started, ended ones too."""
    return sum(sum(map(int, _stat(pid)[_OWN_TIMES])) for pid in tree(roots)) / _TICKS


def largest_pss(roots: Iterable[int]) -> float:
    """Return the MiB of the largest process, shared pages divided among those who share them."""
    return max(map(_pss, tree(roots))) / 1024


def tree(roots: Iterable[int]) -> list[int]:
    """Return the processes and all that come of them."""
    children: dict[int, list[int]] = {}
    for pid in _running():
        children.setdefault(int(_stat(pid)[_PARENT] or 0), []).append(pid)
    found = list(roots)
    for pid in found:  # it grows while it is read
        found.extend(children.get(pid, ()))
    return found


def _running() -> Iterator[int]:
    return (int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit())


def _stat(pid: int) -> list[str]:
    """Return the fields behind the name; zeros for a process that has just ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ["0"] * 15


def _pss(pid: int) -> int:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))

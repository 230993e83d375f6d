"""Files of a folder: a new one per thousand events or minute, complete when it appears."""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from broker.audit.proofs.evidence import Evidence
from broker.audit.sealing.sealed import Sealed
from broker.audit.sealing.tree_store import TreeStore
from broker.base.added_file import add_file
from broker.base.capped_http import NoAnswer

_OLDEST = timedelta(minutes=1)  # that an event waits for others to fill a file
_FULL = 1_000
_PAUSE = 10.0  # seconds: each look reads what waits
Told = Callable[[Sealed], str]


@dataclass(frozen=True)
class Folder:
    """Adds files of JSON Lines, in a folder per day; whoever reads them may move them away."""

    place: Path
    told: Told
    most: int = _FULL
    every: float = _PAUSE

    def ready(self, events: Sequence[Sealed], now: datetime) -> int:
        """Wait for a full file, or until one of its events is a minute old."""
        full = len(events) == self.most
        old = any(now - each.time >= _OLDEST for each in events)  # the first may say any time
        return len(events) if full or old else 0

    def send(self, events: Sequence[Sealed]) -> None:
        """Add the file; the same events at the same positions are the same file."""
        self.add(events, "".join(f"{self.told(each)}\n" for each in events))

    def add(self, events: Sequence[Sealed], text: str) -> None:
        """Add a file that names its positions, and its content: a restored trail has others."""
        first, last = events[0], events[-1]
        mark = hashlib.sha256(text.encode()).hexdigest()[:8]
        name = f"{first.position:012d}-{last.position:012d}-{mark}.jsonl"
        try:
            add_file(self.place / f"{first.time:%Y-%m-%d}" / name, text)
        except OSError:
            raise NoAnswer("folder") from None


@dataclass(frozen=True)
class EvidenceFolder:
    """Adds files that scripts/verify_evidence.py judges: only of events that are signed."""

    folder: Folder
    trail: TreeStore
    most: int = _FULL
    every: float = _PAUSE

    def ready(self, events: Sequence[Sealed], now: datetime) -> int:
        """Wait for the checkpoint too."""
        if not events or self.trail.newest_checkpoint() is None:
            return 0
        signed = Evidence.newest(self.trail).checkpoint.size
        return self.folder.ready([each for each in events if each.position < signed], now)

    def send(self, events: Sequence[Sealed]) -> None:
        """Add the file, each event with its proof under the newest checkpoint."""
        evidence = Evidence.newest(self.trail)
        lines = [*evidence.head(None), *(evidence.event(each.body) for each in events)]
        text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
        self.folder.add(events, text)

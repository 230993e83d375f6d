"""The folder outside the database where checkpoints go: its administrator cannot write there."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from broker.audit.checkpoint import Checkpoint
from broker.base.added_file import add_file

_SUFFIX = ".checkpoint"


@dataclass(frozen=True)
class Outside:
    """One file per checkpoint, in a folder per day; files are only ever added."""

    folder: Path

    def publish(self, made: Checkpoint, note: str) -> None:
        """Add the checkpoint; nothing happens where it is there already."""
        day = self.folder / f"{made.made_at:%Y-%m-%d}"
        place = day / f"{made.made_at:%H%M%S.%f}-{made.size}{_SUFFIX}"
        add_file(place, note)

    def newest(self) -> str | None:
        """Return the note that was added last."""
        for day in sorted(self.folder.iterdir(), reverse=True):
            files = sorted(day.glob(f"*{_SUFFIX}")) if day.is_dir() else []
            if files:
                return files[-1].read_text(encoding="utf-8")
        return None


def notes_in(place: Path) -> Iterator[tuple[Path, str]]:
    """Yield every checkpoint of a file or folder, oldest first."""
    files = [place] if place.is_file() else sorted(place.rglob(f"*{_SUFFIX}"))
    # What is no text is no checkpoint either, and is told like any other that nobody signed.
    yield from ((file, file.read_text("utf-8", errors="replace")) for file in files)

"""The folder outside the database where checkpoints go: its administrator cannot write there."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from broker.audit.checkpoint import Checkpoint

_SUFFIX = ".checkpoint"


@dataclass(frozen=True)
class Outside:
    """One file per checkpoint, in a folder per day; files are only ever added."""

    folder: Path

    def publish(self, made: Checkpoint, note: str) -> None:
        """Add the checkpoint; nothing happens where it is there already."""
        day = self.folder / f"{made.made_at:%Y-%m-%d}"
        place = day / f"{made.made_at:%H%M%S.%f}-{made.size}{_SUFFIX}"
        if place.exists():
            return
        day.mkdir(exist_ok=True)
        # Complete or not there at all; a link never replaces what another worker wrote.
        handle, draft = tempfile.mkstemp(dir=day, prefix=".")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(note)
                file.flush()
                os.fsync(file.fileno())
            Path(draft).chmod(0o444)
            with suppress(FileExistsError):
                place.hardlink_to(draft)
        finally:
            Path(draft).unlink()

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

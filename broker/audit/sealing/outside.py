"""The folder outside the database where checkpoints go: its administrator cannot write there."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from broker.audit.sealing.checkpoint import Checkpoint
from broker.base.added_file import add_file

_SUFFIX = ".checkpoint"


@dataclass(frozen=True)
class Outside:
    """A file per checkpoint, and one once a witness signed it, in a folder per day: only added."""

    folder: Path

    def publish(self, made: Checkpoint, note: str) -> None:
        """Add the checkpoint; nothing happens where it is there already."""
        add_file(self._place(made, _SUFFIX), note)

    def publish_cosigned(self, made: Checkpoint, note: str) -> None:
        """Add it again, with the signature of a witness, where that is not there already."""
        add_file(self._place(made, f".cosigned{_SUFFIX}"), note)

    def newest(self) -> str | None:
        """Return the note that was added last."""
        for day in sorted(self.folder.iterdir(), reverse=True):
            files = sorted(day.glob(f"*{_SUFFIX}")) if day.is_dir() else []
            if files:
                return files[-1].read_text(encoding="utf-8")
        return None

    def _place(self, made: Checkpoint, suffix: str) -> Path:
        day = self.folder / f"{made.made_at:%Y-%m-%d}"
        return day / f"{made.made_at:%H%M%S.%f}-{made.size}{suffix}"


def notes_in(place: Path) -> Iterator[tuple[Path, str]]:
    """Yield every checkpoint of a file or folder, oldest first."""
    files = [place] if place.is_file() else sorted(place.rglob(f"*{_SUFFIX}"))
    # What is no text is no checkpoint either, and is told like any other that nobody signed.
    yield from ((file, file.read_text("utf-8", errors="replace")) for file in files)

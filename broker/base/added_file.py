"""Files that are only ever added: complete or not there at all, never replaced."""

import os
import tempfile
from contextlib import suppress
from pathlib import Path


def add_file(place: Path, text: str) -> None:
    """Write a file, and its folder; nothing happens where it is there already."""
    if place.exists():
        return
    place.parent.mkdir(exist_ok=True)
    # A link never replaces what another worker wrote.
    handle, draft = tempfile.mkstemp(dir=place.parent, prefix=".")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(draft).chmod(0o444)
        with suppress(FileExistsError):
            place.hardlink_to(draft)
    finally:
        Path(draft).unlink()

"""Where the files that are not code stand: inside the wheel, or at the root of the checkout."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent


def folder(name: str) -> Path:
    """Return ``templates``, ``static``, ``migrations`` or ``config`` of this installation."""
    packaged = _PACKAGE / name
    return packaged if packaged.is_dir() else _PACKAGE.parent / name

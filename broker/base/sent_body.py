"""The body of a request: of a type that its address reads, and known to be whole."""

from typing import IO, Any

from werkzeug.exceptions import LengthRequired, UnsupportedMediaType

_DISCARDED = 1_048_576  # bytes of a refused body that are read all the same
_CHUNK = 65_536


def require_readable(environ: dict[str, Any], media: str) -> None:
    """Raise LengthRequired, or UnsupportedMediaType where something else than *media* was sent.

    The server ends a body that was cut short as if it were whole: only an announced length tells
    (RFC 9110 §8.6, §15.5.12). nginx announces one whatever it was sent.
    """
    if "HTTP_TRANSFER_ENCODING" in environ:
        raise LengthRequired
    is_sent = environ.get("CONTENT_LENGTH", "") not in {"", "0"}
    if is_sent and media_of(environ.get("CONTENT_TYPE", "")) != media:
        raise UnsupportedMediaType


def media_of(content_type: str) -> str:
    """Return the type without its parameters: a charset is UTF-8, or ignored."""
    return content_type.partition(";")[0].rstrip().lower()


def discard(body: IO[bytes]) -> None:
    """Read a body to its end, within reason.

    The server cuts the connection of a body left unread, often before the answer has been read.
    """
    left = _DISCARDED
    while left > 0 and (chunk := body.read(min(left, _CHUNK))):
        left -= len(chunk)

"""The body of a request: of a type that its address reads, and known to be whole."""

from typing import Any

from werkzeug.exceptions import LengthRequired, UnsupportedMediaType


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

"""Bodies in JSON, read so that no two programs can understand one of them differently."""

import json
import unicodedata
from collections.abc import Collection
from http import HTTPStatus
from typing import Any, NoReturn

from broker.base.errors import Refusal

# What makes a text read otherwise than it is written (Unicode UAX 9, explicit directions).
_DIRECTIONS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class BodyInvalid(Refusal):
    """Not one JSON object of the texts that the operation names (RFC 8259 §4)."""

    code = "json-invalid"
    status = HTTPStatus.BAD_REQUEST


class BodyOfAnotherType(Refusal):
    """The body is not announced as application/json."""

    code = "json-media-type"
    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE


def read_object(body: bytes, members: Collection[str]) -> dict[str, str]:
    """Return the texts of the object, or raise BodyInvalid: what is absent may stay so."""
    try:
        read = json.loads(body, object_pairs_hook=_once, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise BodyInvalid from None
    if not isinstance(read, dict) or not read.keys() <= set(members):
        raise BodyInvalid
    if not all(isinstance(value, str) and _plain(value) for value in read.values()):
        raise BodyInvalid
    return read


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise BodyInvalid
    return members


def _no_number(_: str) -> NoReturn:
    raise BodyInvalid


def _plain(text: str) -> bool:
    return not any(
        char in _DIRECTIONS or unicodedata.category(char) in {"Cc", "Cs"} for char in text
    )

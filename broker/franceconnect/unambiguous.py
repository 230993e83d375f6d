"""JSON that can mean one thing only: two readers of the same bytes must not differ."""

import json
import re
from http import HTTPStatus
from itertools import accumulate
from typing import Any, NoReturn

import requests

from broker.franceconnect.model import UntrustedAnswer

JSON_TYPE = "application/json"
_DEEPEST = 32  # levels: FranceConnect needs five, and readers differ on thousands
_TEXTS = re.compile(r'"(?:[^"\\]|\\.)*(?:"|$)', re.DOTALL)
_NO_BRACKETS = re.compile(r"[^][{}]")


class UnambiguousDecoder(json.JSONDecoder):
    """Refuses, by ValueError, members named twice, wrong numbers, many levels, lone surrogates.

    RFC 8259 §4 leaves open which of two members counts, §9 how deep a reader reads, §8.2 what
    becomes of half a surrogate pair, which no UTF-8 and no database can hold; RFC 7515 §4
    and RFC 7519 §4 let a reader of tokens refuse the former.
    """

    def __init__(self) -> None:
        super().__init__(object_pairs_hook=_distinct, parse_constant=_no_number)

    def decode(self, s: str, *where: Any) -> Any:  # noqa: ANN401 - as inherited
        """Read the text, once it is known to be shallow."""
        if _depth(s) > _DEEPEST:
            raise ValueError("too many levels")
        read = super().decode(s, *where)
        json.dumps(read, ensure_ascii=False).encode()  # a lone surrogate is no character
        return read


def document(response: requests.Response, name: str, *types: str) -> dict[str, Any]:
    """Return the JSON object of a good answer of one of *types*; else UntrustedAnswer."""
    if response.status_code != HTTPStatus.OK:
        raise UntrustedAnswer(f"{name}.status")
    return json_object(response, name, *types)


def json_object(response: requests.Response, name: str, *types: str) -> dict[str, Any]:
    """Return the JSON object of an answer, whatever its status; else UntrustedAnswer."""
    if content_type(response) not in (types or (JSON_TYPE,)):
        raise UntrustedAnswer(f"{name}.content_type")
    try:
        read = json.loads(response.content.decode("utf-8"), cls=UnambiguousDecoder)
    except ValueError:
        raise UntrustedAnswer(f"{name}.json") from None
    if not isinstance(read, dict):
        raise UntrustedAnswer(f"{name}.json")
    return read


def content_type(response: requests.Response) -> str:
    """Return the media type of an answer, without its parameters."""
    return response.headers.get("Content-Type", "").partition(";")[0].strip().lower()


def _depth(text: str) -> int:
    brackets = _NO_BRACKETS.sub("", _TEXTS.sub("", text))
    return max(accumulate(1 if bracket in "[{" else -1 for bracket in brackets), default=0)


def _distinct(members: list[tuple[str, Any]]) -> dict[str, Any]:
    read = dict(members)
    if len(read) != len(members):
        raise ValueError("a member is named twice")
    return read


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")

"""How the answer of any endpoint of the back channel may arrive."""

import json
import zlib
from dataclasses import replace
from functools import cache

from demo.franceconnect.answers import JWT_TYPE, Answer
from demo.franceconnect.misbehaviour.model import ELSEWHERE, Delivery

_LOOPBACK = "http://127.0.0.1/"
_BLOCK = b" " * 65_536
_BLOCKS_OF_100_MB = 1_526
_DEPTH = 20_000
_GZIP = 16 + zlib.MAX_WBITS
_PAGE = b"<!doctype html><title>Maintenance</title><p>Le service est en maintenance.</p>"


def _with(**changes: object) -> Delivery:
    """Send the right answer otherwise."""
    return lambda answer: replace(answer, **changes)  # type: ignore[arg-type]


def _redirect(status: int, location: str) -> Delivery:
    return _with(status=status, headers={"Location": location})


@cache
def _bomb() -> bytes:
    """Return 100 kB that unpack to 100 MB."""
    packer = zlib.compressobj(wbits=_GZIP)
    packed = [packer.compress(_BLOCK) for _ in range(_BLOCKS_OF_100_MB)]
    return b"".join([*packed, packer.flush()])


def _gzip_bomb(answer: Answer) -> Answer:
    return replace(answer, body=_bomb(), headers={"Content-Encoding": "gzip"})


AT_ANY_ENDPOINT: dict[str, Delivery] = {
    "status_404": _with(status=404),
    "status_500": _with(status=500),
    "status_502": _with(status=502),
    "status_503": _with(status=503),
    "redirect_302_elsewhere": _redirect(302, ELSEWHERE),
    "redirect_307_elsewhere": _redirect(307, ELSEWHERE),
    "redirect_302_loopback": _redirect(302, _LOOPBACK),
    "redirect_307_loopback": _redirect(307, _LOOPBACK),
    "redirect_302_here": _redirect(302, "/simulator/redirected"),
    "slow": _with(silence=30),
    "dripping": _with(pace=1),
    "hundred_megabytes": _with(body=_BLOCK, times=_BLOCKS_OF_100_MB),
    "endless": _with(body=_BLOCK, times=None),
    "gzip_bomb": _gzip_bomb,
    "reset": _with(is_cut=True),
    "html": _with(body=_PAGE, content_type="text/html; charset=utf-8"),
    "empty": _with(body=b""),
}


def _first_member_twice(answer: Answer) -> Answer:
    """Repeat the name of the first member, with another value before the right one."""
    name = next(iter(json.loads(answer.body)))
    return replace(answer, body=f'{{"{name}": "another value", '.encode() + answer.body[1:])


def _nested(answer: Answer) -> Answer:
    depths = b"[" * _DEPTH + b"]" * _DEPTH
    return replace(answer, body=b'{"nested": ' + depths + b", " + answer.body[1:])


IN_ANY_JSON: dict[str, Delivery] = {
    "truncated": lambda answer: replace(answer, body=answer.body[: len(answer.body) // 2]),
    "array": lambda answer: replace(answer, body=b"[" + answer.body + b"]"),
    "member_twice": _first_member_twice,
    "nested": _nested,
    "not_utf8": lambda answer: replace(answer, body=b'{"name": "\xe9", ' + answer.body[1:]),
    "other_content_type": _with(content_type="text/plain"),
}

AT_USERINFO: dict[str, Delivery] = {
    "status_401": _with(status=401),
    "other_content_type": _with(content_type="text/html"),
    "not_ascii": lambda answer: replace(answer, body="é".encode() + answer.body),
    "truncated": lambda answer: replace(answer, body=answer.body[: len(answer.body) // 2]),
    "json_called_jwt": lambda _answer: replace(
        Answer.of({"sub": "somebody", "family_name": "DUBOIS"}), content_type=JWT_TYPE
    ),
}

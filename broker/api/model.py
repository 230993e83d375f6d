"""A request that carries an idempotency key, its answer, and why a repetition gets none."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus

from broker.base.errors import Refusal

# A string of RFC 8941 §3.3.3, bare where a program forgot the quotes: a UUID has 36 characters.
_KEY = re.compile(r'("?)([!#-\[\]-~]{20,255})\1')


class KeyInvalid(Refusal):
    """The key is not 20 to 255 characters, so that nobody else's can be the same by chance."""

    code = "idempotency-key-invalid"
    status = HTTPStatus.BAD_REQUEST


class KeyReused(Refusal):
    """The key came before with another body, or to another step."""

    code = "idempotency-key-reused"
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class KeyInUse(Refusal):
    """The first request of that key is under way."""

    code = "idempotency-key-in-use"
    status = HTTPStatus.CONFLICT


@dataclass(frozen=True)
class Answer:
    """What is given again; ``body`` may hold a journey's token."""

    status: int
    media: str
    body: str = field(repr=False)

    @property
    def is_final(self) -> bool:
        """Whether asking again can change nothing: neither a wait nor a fault of ours."""
        return self.status < HTTPStatus.TOO_MANY_REQUESTS


@dataclass(frozen=True)
class Claim:
    """The right to do what one key asks; ``until`` tells it from a claim that replaced it."""

    id: bytes
    until: datetime


def read_key(header: str) -> str:
    """Return the key of the header, or raise KeyInvalid."""
    found = _KEY.fullmatch(header.strip())
    if found is None:
        raise KeyInvalid
    return found[2]

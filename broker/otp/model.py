"""A security code that was sent, and the ways in which a typed one is refused."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import ClassVar

from broker.base.errors import InvalidField, Refusal
from broker.base.typed import bare

_CODE = re.compile(r"[0-9]{6}")


class CodeRefused(Refusal):
    """The typed code opens nothing; ``message`` is what the field says."""

    code = "code-refused"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    message: ClassVar[str] = "code.wrong"


class CodeWrong(CodeRefused):
    """Not the code that was sent last, or not in this browser."""


class CodeExpired(CodeRefused):
    """Its ten minutes are over, or a newer one replaced it: ask for another."""

    message = "code.expired"


class CodeExhausted(CodeRefused):
    """Its five tries are used, this one among them: ask for another."""

    message = "code.exhausted"


class ChallengeUnknown(Refusal):
    """No such challenge in this browser: the login starts again."""

    code = "code-challenge-unknown"
    status = HTTPStatus.NOT_FOUND


@dataclass(frozen=True, kw_only=True)
class Challenge:
    """One login that waits for a code; a resend makes a new code in the same challenge."""

    id: str
    account_id: str
    purpose: str
    browser: str
    requester: str | None
    auth_event_id: str
    known_browser: bool
    tries: int
    sent_at: datetime
    expires_at: datetime
    used_at: datetime | None = None

    def tries_left(self, most: int) -> int:
        """Return how many wrong codes this code still bears."""
        return max(0, most - self.tries)

    def may_resend_at(self, wait: int) -> datetime:
        """Return when another code may be asked for."""
        return self.sent_at + timedelta(seconds=wait)


@dataclass(frozen=True, kw_only=True)
class Circumstances:
    """What the mail of a code tells of how it was asked, beside who asks and when."""

    browser: str = ""
    """What a person recognises it by, or nothing."""
    after_failures: bool = False
    """Whether several passwords had failed before the right one."""


def typed_code(text: str) -> str:
    """Read a typed or pasted code, whatever spaces, dashes and invisible characters it holds.

    Raises InvalidField unless exactly six ASCII digits remain.
    """
    if not text:
        raise InvalidField("code.required")
    mended = bare(unicodedata.normalize("NFKC", text))
    if not _CODE.fullmatch(mended):
        raise InvalidField("code.invalid")
    return mended

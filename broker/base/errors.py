"""How the broker says no: one family of refusals, each with a stable code and no prose."""

from http import HTTPStatus
from typing import ClassVar


class Refusal(Exception):
    """An expected "no".

    The French sentence of ``code`` is in ``templates/messages/``; ``base.web`` turns a refusal
    into a page, and the protocol endpoints turn theirs into OAuth errors.
    """

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = HTTPStatus.BAD_REQUEST


class InvalidField(Refusal):
    """What was typed cannot be read; ``message`` is the code of the sentence beside the field."""

    code = "invalid-field"
    status = HTTPStatus.UNPROCESSABLE_ENTITY

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Throttled(Refusal):
    """Too many tries for now; try again after ``retry_after`` seconds."""

    code = "throttled"
    status = HTTPStatus.TOO_MANY_REQUESTS

    def __init__(self, retry_after: int) -> None:
        super().__init__(retry_after)
        self.retry_after = max(1, retry_after)


class FormExpired(Refusal):
    """The form token is missing, foreign or too old; the person starts the page again."""

    code = "form-expired"
    status = HTTPStatus.BAD_REQUEST


class ServiceNotReady(Exception):
    """The deployment is wrong (settings, schema); an operator must act, no request is served."""

"""What a case is, how it ends, and the ways in which an act upon it is refused."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from http import HTTPStatus

from broker.base.errors import Refusal


class Kind(StrEnum):
    """What opened a case."""

    NOT_ME = "not_me"
    """The holder said «Ce n'est pas moi»."""


class Conclusion(StrEnum):
    """What an analyst found."""

    INTRUSION = "intrusion"
    """Somebody else was in the account."""
    MISTAKE = "mistake"
    """The holder, or somebody of the household, had done it."""
    UNDECIDED = "undecided"
    """Nothing tells."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """One matter of one account; ``subject_ref`` is its pseudonym in the trail."""

    reference: str
    kind: Kind
    subject_ref: str
    auth_event_id: str | None
    """The login that a mail told of, or from which the holder reported; None where unknown."""
    opened_at: datetime
    closed_at: datetime | None = None
    closed_by: str | None = None
    conclusion: Conclusion | None = None


class CaseUnknown(Refusal):
    """No case has that reference."""

    code = "case-unknown"
    status = HTTPStatus.NOT_FOUND


class CaseClosed(Refusal):
    """It was concluded before; the first conclusion stands."""

    code = "case-closed"
    status = HTTPStatus.CONFLICT

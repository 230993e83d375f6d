"""Who analysts are, what each role may do, and the ways in which the console says no."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from http import HTTPStatus

from broker.base.crypto import Secret
from broker.base.errors import InvalidField, Refusal

_NAME = re.compile(r"[a-z][a-z0-9.-]{1,38}[a-z0-9]")


class Role(StrEnum):
    """What an analyst may do; each role may do what those before it may."""

    READER = "reader"
    INVESTIGATOR = "investigator"
    RESPONDER = "responder"

    def includes(self, other: "Role") -> bool:
        """Tell whether who has this role may do what asks for the other."""
        ladder = list(Role)
        return ladder.index(self) >= ladder.index(other)


class Standing(StrEnum):
    """Where an analyst's account stands."""

    INVITED = "invited"
    ACTIVE = "active"
    DISABLED = "disabled"


@dataclass(frozen=True, kw_only=True)
class Analyst:
    """One person of a security team; ``name`` is what the trail calls them."""

    id: str
    name: str
    role: Role
    standing: Standing
    created_at: datetime
    begun_at: datetime | None = None
    """When its present holder accepted the invitation, where that is known."""


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """What proves an analyst, as it was read; each try compares with what is stored now."""

    analyst: Analyst
    password: Secret | None
    totp_secret: Secret
    sealed_secret: bytes = field(repr=False)
    """The secret as it is stored, to compare with."""


@dataclass(frozen=True, kw_only=True)
class AnalystSession:
    """One login of an analyst; ``id`` names it in the trail."""

    id: str
    analyst: Analyst
    created_at: datetime
    seen_at: datetime


@dataclass(frozen=True, kw_only=True)
class Renewal:
    """The secret of another application, which waits for its first code."""

    totp_secret: Secret
    sealed_secret: bytes = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Invitation:
    """What the command prints: the secret of a link that serves once, and until when."""

    analyst: Analyst
    token: Secret
    expires_at: datetime


class NotAName(InvalidField):
    """An analyst's name: 3 to 40 small letters, digits, dots and hyphens."""

    def __init__(self) -> None:
        super().__init__("identifiant.invalid")


class AnalystUnknown(Refusal):
    """No analyst has that name."""

    code = "console-analyst-unknown"
    status = HTTPStatus.NOT_FOUND


class AnalystExists(Refusal):
    """An analyst has that name, maybe disabled: names are not given twice, the trail has them."""

    code = "console-analyst-exists"
    status = HTTPStatus.CONFLICT


class AnalystRefused(Refusal):
    """Name, password or code is wrong, or the analyst is disabled: which one is not told."""

    code = "console-login-refused"
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class WrongFirstCode(Refusal):
    """The first code of the application is wrong: it was not set up yet."""

    code = "console-first-code"
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class NoNewApplication(Refusal):
    """No other application waits for its first code: none was asked for, or too long ago."""

    code = "console-application-over"
    status = HTTPStatus.GONE


class DeadInvitation(Refusal):
    """The link was used, replaced or is too old."""

    code = "console-invitation-dead"
    status = HTTPStatus.GONE


class RoleMissing(Refusal):
    """The analyst has no role that allows it."""

    code = "console-role-missing"
    status = HTTPStatus.FORBIDDEN


class AnalystLoginRequired(Refusal):
    """The page is for analysts who are logged in."""

    code = "console-login-required"
    status = HTTPStatus.UNAUTHORIZED


class EventUnknown(Refusal):
    """No event has that id."""

    code = "console-event-unknown"
    status = HTTPStatus.NOT_FOUND


class Motive(StrEnum):
    """Why an analyst looks a person up; the trail keeps it with the number of a case."""

    REPORT = "report"
    ALERT = "alert"
    CONTROL = "control"
    AUTHORITY = "authority"


def analyst_name(text: str) -> str:
    """Read a name as somebody typed it, or raise NotAName."""
    name = text.strip().lower() if text.isascii() else ""
    if not _NAME.fullmatch(name):
        raise NotAName
    return name

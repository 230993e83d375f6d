"""What an event of the trail is: typed, immutable, versioned, free of personal data."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, NotRequired, TypedDict

from broker.audit.taxonomy import Activity, Severity


class Outcome(StrEnum):
    """How the act ended."""

    SUCCESS = "success"
    FAILURE = "failure"
    ATTEMPT = "attempt"


class Retention(StrEnum):
    """How long an event is kept; ``retention.Periods`` gives each class its months."""

    SECURITY = "security"
    FEDERATION = "federation"
    ADMINISTRATION = "administration"
    TRAIL = "trail"
    """As long as the trail itself: its verification needs them, and they name nobody."""


class Part:
    """Facts that stand together inside an event."""


@dataclass(frozen=True, kw_only=True)
class Actor(Part):
    """Who acted: a person by default; an operator, a client or the system otherwise."""

    kind: str = "user"
    ref: str | None = None


@dataclass(frozen=True, kw_only=True)
class TokenFacts(Part):
    """What may be told of a token: never the token."""

    kind: str
    jti: str | None = None
    sid: str | None = None
    hash_prefix: str | None = None
    family_id: str | None = None
    generation: int | None = None
    parent_jti: str | None = None
    exp: int | None = None
    cnf: str | None = None
    kid: str | None = None


@dataclass(frozen=True, kw_only=True)
class Upstream(Part):
    """The FranceConnect login behind an act; ``sub_ref`` is a pseudonym."""

    iss: str
    sub_ref: str | None = None
    acr: str | None = None
    idp: str | None = None
    flow: str | None = None


@dataclass(frozen=True, kw_only=True)
class Motive(Part):
    """Why an operator did something; words of theirs, which name nobody."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class Event:
    """Fields that any event may carry; an absent one is left out, never empty.

    ``subject`` is an internal id (an account id, or ``nir:`` and the digest of a NIR without an
    account); the log replaces it by a keyed pseudonym, ``subject_ref``.
    """

    type: ClassVar[str]
    activity: ClassVar[Activity]
    severity: ClassVar[Severity] = Severity.INFORMATIONAL
    v: ClassVar[int] = 1
    makes: ClassVar[str | None] = None
    """The field that names the code, the token or the session that the act made."""
    for_partner: ClassVar[bool] = False
    """Whether its partner may have proof of it: the leaf then hides what others must not see."""
    retention: ClassVar[Retention] = Retention.SECURITY
    default_outcome: ClassVar[Outcome] = Outcome.SUCCESS

    outcome: Outcome | None = None
    reason_code: str | None = None
    subject: str | None = None
    actor: Actor = Actor()
    txn: str | None = None
    interaction_id: str | None = None
    auth_event_id: str | None = None
    session_ref: str | None = None

    def facts(self) -> dict[str, Any]:
        """Return the event's own fields as JSON values, absent ones left out."""
        return _present(self)


def _present(item: Any) -> dict[str, Any]:  # noqa: ANN401 - any of the dataclasses above
    found: dict[str, Any] = {}
    for name, value in vars(item).items():  # their fields, in order
        if value is None or value == ():
            continue
        if isinstance(value, Part):
            found[name] = _present(value)
        else:
            found[name] = list(value) if isinstance(value, tuple) else value
    return found


class Source(TypedDict, total=False):
    """Where a request came from."""

    ip: str
    port: int
    ua: str


class Http(TypedDict, total=False):
    """An HTTP request."""

    method: str
    route: str


class Stamp(TypedDict):
    """What the log adds to the facts of an event."""

    v: int
    event_id: str
    type: str
    time: str
    outcome: Outcome
    retention: Retention
    subject_ref: NotRequired[str]
    request_id: NotRequired[str]
    trace_id: NotRequired[str]
    browsing_session_id: NotRequired[str]
    salt: NotRequired[str]
    src: NotRequired[Source]
    http: NotRequired[Http]


EventRow = dict[str, Any]
"""An event as a row of the trail, ready to be appended; it may travel between processes."""


@dataclass(frozen=True)
class Recorded:
    """An event as the trail holds it."""

    event_id: str
    type: str
    time: datetime
    body: dict[str, Any]

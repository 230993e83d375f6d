"""What a rule looks for, what an alert says, and how an act upon one is refused."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from http import HTTPStatus
from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from broker.audit.model import Outcome
from broker.base.errors import Refusal

LONGEST = timedelta(days=1)
"""The longest window: what is read again at each turn has an end."""
NOTE_LENGTH = 300
_UNITS = {"s": 1, "min": 60, "h": 3_600}
_EVENTS = "events"


class Key(StrEnum):
    """By what events are grouped, or told apart: where it stands in an event."""

    ADDRESS = "src.ip"
    """An IPv4 address, or a /64 of IPv6: what one household usually sends from."""
    PERSON = "subject_ref"
    PARTNER = "client_id"
    BROWSER = "browsing_session_id"
    FAMILY = "code_ref"
    ACTOR = "actor.ref"


class Urgency(StrEnum):
    """How soon somebody should look."""

    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


def _window(value: object) -> object:
    number, _, unit = str(value).partition(" ")
    if not number.isdigit() or unit not in _UNITS:
        raise ValueError("a window is a number and s, min or h: '10 min'")
    return timedelta(seconds=int(number) * _UNITS[unit])


Window = Annotated[timedelta, BeforeValidator(_window), Field(gt=timedelta(), le=LONGEST)]
Types = Annotated[tuple[str, ...], Field(min_length=1)]
Sentence = Annotated[str, Field(min_length=10)]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Seen(_Strict):
    """Which events: of these types, and where given with that outcome, one of these reasons."""

    types: Types
    outcome: Outcome | None = None
    reasons: tuple[str, ...] = ()
    first: Key | None = None
    """Only the first that the trail has of this person with that value: a partner new to them."""


class Share(_Strict):
    """What part the counted events have in all of that group: typing errors are a small one."""

    beside: Types
    at_least: Annotated[float, Field(gt=0, le=1)]


class Rule(_Strict):
    """One file under config/detection has some; docs/detection.md explains each field."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z-]{2,38}[a-z]$")]
    title: Sentence
    meaning: Sentence
    severity: Urgency
    by: Key
    within: Window
    events: Seen | None = None
    counts: Key | None = None
    threshold: Annotated[int, Field(ge=1, le=10_000)] = 1
    share: Share | None = None
    sequence: tuple[Seen, ...] = ()
    excepted: tuple[str, ...] = ()
    """Values of the group that never alert: a counter where many people log in."""

    @model_validator(mode="before")
    @classmethod
    def _counts_events(cls, data: Any) -> Any:  # noqa: ANN401 - what the file holds
        """Take ``counts = "events"`` as the lack of something to tell apart."""
        if isinstance(data, dict) and data.get("counts") == _EVENTS:
            return {name: value for name, value in data.items() if name != "counts"}
        return data

    @model_validator(mode="after")
    def _is_one_of_two_kinds(self) -> Self:
        if bool(self.events) == bool(self.sequence):
            raise ValueError("a rule has either events to count or a sequence")
        if self.sequence:
            self._require_a_sequence()
        elif self.events and self.events.first:
            raise ValueError("first belongs in a step of a sequence")
        if self.counts is self.by:
            raise ValueError("what is counted is not what is grouped by")
        return self

    def _require_a_sequence(self) -> None:
        if len(self.sequence) == 1 or self.by is not Key.PERSON:
            raise ValueError("a sequence has two steps or more, of one person")
        if self.share or self.counts or self.threshold != 1:
            raise ValueError("a sequence counts nothing")

    @property
    def steps(self) -> tuple[Seen, ...]:
        """What it looks at, one step or several."""
        return self.sequence if self.events is None else (self.events,)

    @property
    def waits_for(self) -> tuple[str, ...]:
        """The types of event after which there may be something to find."""
        return self.steps[-1].types

    @property
    def looks_at(self) -> tuple[str, ...]:
        """Every type that it names."""
        beside = self.share.beside if self.share else ()
        return (*(each for step in self.steps for each in step.types), *beside)


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What a rule found in the trail: the event at which it was complete is the last one."""

    rule: Rule
    group: str
    first_at: datetime
    last_at: datetime
    counted: int


@dataclass(frozen=True, kw_only=True)
class Alert:
    """A finding that somebody is told of, until somebody has looked at it."""

    reference: str
    rule: str
    severity: Urgency
    group_by: Key
    group_value: str
    counted: int
    first_at: datetime
    last_at: datetime
    raised_at: datetime
    acknowledged_at: datetime | None = None
    acknowledged_by: str | None = None
    note: str | None = None


@dataclass(frozen=True, kw_only=True)
class Notice:
    """One call to make: that alert, by that channel."""

    id: str
    reference: str
    channel: str
    created_at: datetime
    expires_at: datetime
    attempts: int = 0


class AlertUnknown(Refusal):
    """No alert has that reference."""

    code = "alert-unknown"
    status = HTTPStatus.NOT_FOUND


class AlertAcknowledged(Refusal):
    """Somebody acknowledged it before; the first note stands."""

    code = "alert-acknowledged"
    status = HTTPStatus.CONFLICT

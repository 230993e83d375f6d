"""What can be cut, how far that goes, and the ways in which a cut is refused."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from http import HTTPStatus

from broker.audit.model import Part
from broker.base.errors import Refusal

APPROVAL_LIFE = timedelta(hours=1)
"""How long a planned cut waits for its second responder: what was counted is old after that."""


class Kind(StrEnum):
    """What is cut."""

    LOGIN = "login"
    FAMILY = "family"
    PERSON = "person"
    CLIENT = "client"
    KEY = "key"
    UPSTREAM = "upstream"
    EVERYBODY = "everybody"

    @property
    def is_wide(self) -> bool:
        """Whether it touches many people, so that a second responder has to approve it."""
        return self not in {Kind.LOGIN, Kind.FAMILY, Kind.PERSON}

    @property
    def is_one_of_many(self) -> bool:
        """Whether a name is needed to tell which one is meant."""
        return self not in {Kind.UPSTREAM, Kind.EVERYBODY}


class Telling(StrEnum):
    """Whether a mail about a cut reaches its holder, and whom else."""

    NOBODY = "nobody"
    """No one person is meant, or no confirmed address of theirs is known."""
    ADVISED = "advised"
    DOUBTFUL = "doubtful"
    """The address is a recent one: whoever took the account may have set it."""


class State(StrEnum):
    """Where a cut stands."""

    PLANNED = "planned"
    DONE = "done"
    REFUSED = "refused"
    EXPIRED = "expired"


@dataclass(frozen=True, kw_only=True)
class Counts(Part):
    """What stands at one moment of what a cut ends; None: that kind of cut leaves it alone."""

    sessions: int | None = None
    people: int | None = None
    """With a session."""
    waiting: int | None = None
    """Logins without their security code yet."""
    codes: int | None = None
    """Authorization codes that no partner has redeemed yet."""
    families: int | None = None
    holders: int | None = None
    """People of whom a partner holds something."""
    partners: int | None = None
    trips: int | None = None
    """Departures to FranceConnect and identities that have not led to anything yet."""
    id_tokens: int | None = None
    """Signed by the key, not run out, and believed by whoever asks for the published keys."""
    access_tokens: int | None = None
    doors: int | None = None
    """Switches that are on and keys that are believed: one, or none."""

    @property
    def of_signing_key(self) -> bool:
        """Whether a key was counted by what it signed, as far as the trail knows that."""
        return self.id_tokens is not None

    def present(self) -> dict[str, int]:
        """Return what that kind of cut counts."""
        return {name: number for name, number in vars(self).items() if number is not None}


@dataclass(frozen=True, kw_only=True)
class Target:
    """What one cut ends; ``name`` is what the trail calls it, never an account's id."""

    kind: Kind
    name: str
    account_id: str | None = field(default=None, repr=False)
    auth_event_id: str | None = None
    client_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class Account:
    """The console's account of who plans or approves: an id that no other name changes."""

    id: str
    since: datetime
    """When its present holder began with it: who is invited anew may be somebody else."""


@dataclass(frozen=True, kw_only=True)
class Cut:
    """One cut, from its plan to its proof; *before* and *after* are counted where it is done."""

    reference: str
    kind: Kind
    name: str
    reason: str
    planned_at: datetime
    planned_by: str
    planner_id: str | None = None
    """Of the planner's account in the console; None: an operator of a machine planned it."""
    expires_at: datetime
    state: State = State.PLANNED
    decided_at: datetime | None = None
    decided_by: str | None = None
    before: Counts
    after: Counts | None = None

    def state_at(self, now: datetime) -> State:
        """Return the state at that moment: a plan that nobody approved in time is over."""
        if self.state is State.PLANNED and self.expires_at <= now:
            return State.EXPIRED
        return self.state


class TargetUnknown(Refusal):
    """Nothing of that name is there to be cut."""

    code = "cut-target-unknown"
    status = HTTPStatus.NOT_FOUND


class CutUnknown(Refusal):
    """No cut has that reference."""

    code = "cut-unknown"
    status = HTTPStatus.NOT_FOUND


class SecondResponderRequired(Refusal):
    """Who planned a wide cut cannot approve it, nor can an account begun after the plan."""

    code = "cut-own-plan"
    status = HTTPStatus.FORBIDDEN


class CutOver(Refusal):
    """It was done or refused before, or waited for too long."""

    code = "cut-over"
    status = HTTPStatus.CONFLICT

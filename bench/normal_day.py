"""A day on which nobody attacks: what people, partners and analysts leave in the trail.

Shares are guesses on the careful side: more mistakes, and more people behind one address, than a
service of this kind is known to have.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from broker.accounts.events import EmailChanged, PasswordChanged, ResetDone
from broker.audit.model import Actor, Event, Outcome, TokenFacts
from broker.base.context import RequestContext
from broker.console.events import (
    AnalystLoggedIn,
    AnalystLoginFailed,
    ConsoleViewed,
    PersonLookedUp,
    Query,
)
from broker.oidc.authorization.events import CodeIssued
from broker.oidc.resources.events import UserinfoRead
from broker.otp.events import CodeAccepted, CodeFailed, CodeSent
from broker.sessions.events import PasswordAccepted, PasswordRefused, SessionCreated
from broker.sessions.model import BrowserKnown
from broker.signup.events import CreationRefused, CreationRequested

_HOURS = (1, 1, 1, 1, 1, 2, 5, 12, 25, 35, 38, 33, 25, 30, 34, 32, 28, 24, 22, 20, 16, 10, 5, 2)
_MEMBERS = (1, 1, 1, 2, 2, 3, 4, 5)  # of a household; each may have an account
_ON_MOBILE = 0.4
_SECOND_VISIT, _FOR_A_SERVICE, _ANY_SERVICE = 0.1, 0.5, 0.1
_WRONG_NUMBER, _FORGETS, _CHANGES, _CREATES = 0.02, 0.02, 0.01, 0.02
_ELSEWHERE, _REMEMBERED, _GOES_ON = 0.2, 0.6, 0.1
_CODE_TRIES = 5  # after which the code is dead, and people go away
_LOOKS_UP = 0.1  # an analyst, for each page read
_BEHIND_ONE_ADDRESS = 300  # households of a mobile operator's carrier-grade NAT
_ANALYSTS = 6
PARTNERS = tuple(f"partenaire-{number}" for number in range(12))
_LOGIN = {"acr": "eidas1", "amr": ("pwd",), "auth_time": 1}


@dataclass(frozen=True)
class Act:
    """Events of one request."""

    moment: datetime
    origin: RequestContext
    events: tuple[Event, ...]


@dataclass(frozen=True)
class Household:
    """Who shares an address, and as often as not a browser."""

    address: str
    browser: str
    people: tuple[str, ...]


@dataclass
class NormalDay:
    """The acts of so many people on one day, the same for the same seed."""

    people: int
    begin: datetime
    seed: int = 1
    chance: Random = field(init=False)
    _code: int = 0

    def __post_init__(self) -> None:
        self.chance = Random(self.seed)

    def acts(self) -> list[Act]:
        """Return them in the order of time."""
        found: list[Act] = []
        for household in self._households():
            for person in household.people:
                visits = 2 if self._happens(_SECOND_VISIT) else 1
                for _ in range(visits):
                    found += self._visit(household, person)
            if self._happens(_CREATES):
                found += self._creation(household)
        for number in range(_ANALYSTS):
            found += self._analyst(f"analyste.{number}")
        return sorted(found, key=lambda act: act.moment)

    def before(self) -> Iterator[Act]:
        """Yield each person's visit to each partner they know, from home, a month before."""
        for household in self._households():
            for person in household.people:
                origin = RequestContext(address=household.address, browser=household.browser)
                moment = self.begin - timedelta(days=30)
                opened = _opened(person, moment, BrowserKnown.NEW)
                known = tuple(self._code_for(person, each) for each in _known(person))
                yield Act(moment, origin, (opened, *known))

    def _households(self) -> Iterator[Household]:
        draw, left, number = Random(self.seed), self.people, 0
        while left > 0:
            members = min(left, draw.choice(_MEMBERS))
            mobile = draw.random() < _ON_MOBILE
            place = number // _BEHIND_ONE_ADDRESS if mobile else number
            home = f"2001:db8:{place >> 16:x}:{place & 0xFFFF:x}::7" if number % 2 else None
            fixed = home or f"10.{place >> 16}.{place >> 8 & 255}.{place & 255}"
            address = f"100.64.{place >> 8}.{place & 255}" if mobile else fixed
            people = tuple(f"person-{number}-{rank}" for rank in range(members))
            yield Household(address, _digest(f"browser {number}"), people)
            left, number = left - members, number + 1

    def _visit(self, household: Household, person: str) -> Iterator[Act]:
        draw, now = self.chance, self._moment()
        origin = self._origin(household)
        for _ in range(self._times(0.15)):
            yield Act(now, origin, (PasswordRefused(subject=person, reason_code="password"),))
            now += timedelta(seconds=draw.uniform(8, 60))
        if self._happens(_WRONG_NUMBER):  # nobody has that number: a digit is wrong
            subject = f"nir:{draw.randrange(10**12)}"
            yield Act(now, origin, (PasswordRefused(subject=subject, reason_code="unknown"),))
            now += timedelta(seconds=30)
        if self._happens(_FORGETS):
            yield Act(now, origin, (ResetDone(subject=person),))
            now += timedelta(seconds=40)
        known = BrowserKnown.REMEMBERED if self._happens(_REMEMBERED) else BrowserKnown.NEW
        yield from self._login(person, origin, now, known)

    def _origin(self, household: Household) -> RequestContext:
        """Say where from: home, or wherever a phone is, or another one's computer."""
        address, browser = household.address, household.browser
        if self._happens(_ELSEWHERE):
            number = self.chance.randrange(1 << 22)
            address = f"100.{64 + (number >> 16)}.{number >> 8 & 255}.{number & 255}"
            browser = browser if self._happens(0.5) else _digest(f"browser away {number}")
        return RequestContext(address=address, browser=browser)

    def _login(
        self, person: str, origin: RequestContext, now: datetime, known: BrowserKnown
    ) -> Iterator[Act]:
        draw, code = self.chance, self._next_code()[:8]
        sent = (PasswordAccepted(subject=person), CodeSent(subject=person, code_ref=code))
        yield Act(now, origin, sent)
        for _ in range(min(self._times(0.08), _CODE_TRIES)):
            now += timedelta(seconds=draw.uniform(10, 60))
            yield Act(now, origin, (CodeFailed(subject=person, code_ref=code),))
        now += timedelta(seconds=draw.uniform(10, 90))
        opened = _opened(person, now, known)
        yield Act(now, origin, (CodeAccepted(subject=person, code_ref=code), opened))
        now += timedelta(seconds=draw.uniform(5, 60))
        if self._happens(_FOR_A_SERVICE):
            yield from self._service(person, origin, now)
        elif self._happens(_CHANGES):
            changed = draw.choice((EmailChanged, PasswordChanged))
            yield Act(now, origin, (changed(subject=person),))
            if self._happens(_GOES_ON):
                yield from self._service(person, origin, now + timedelta(minutes=2))

    def _service(self, person: str, origin: RequestContext, now: datetime) -> Iterator[Act]:
        """Go on to a partner, most often one that the person knows."""
        partner = self.chance.choice(PARTNERS if self._happens(_ANY_SERVICE) else _known(person))
        issued = self._code_for(person, partner)
        yield Act(now, origin, (issued,))
        token = TokenFacts(kind="access", hash_prefix=issued.code_ref)
        facts = {"client_id": partner, "code_ref": issued.code_ref, "token": token}
        server = RequestContext(address=f"192.0.2.{PARTNERS.index(partner) + 1}")
        yield Act(now + timedelta(seconds=1), server, (UserinfoRead(subject=person, **facts),))
        late = {"outcome": Outcome.FAILURE, "reason_code": "revoked"}
        for _ in range(self._times(0.05)):  # the partner asks once more after the logout
            now += timedelta(minutes=2)
            yield Act(now, server, (UserinfoRead(subject=person, **facts, **late),))

    def _creation(self, household: Household) -> Iterator[Act]:
        origin = RequestContext(address=household.address, browser=household.browser)
        person, now = f"nir:{self.chance.randrange(10**12)}", self._moment()
        for _ in range(self._times(0.4)):
            refused = CreationRefused(subject=person, reason_code="no_match")
            yield Act(now, origin, (refused,))
            now += timedelta(seconds=60)
        yield Act(now, origin, (CreationRequested(subject=person, reason_code="card"),))
        activated = now + timedelta(minutes=self.chance.uniform(5, 60))
        yield from self._login(person, origin, activated, BrowserKnown.FIRST_LOGIN)

    def _analyst(self, name: str) -> Iterator[Act]:
        """Log in now and then, read through the working day, look somebody up for each case."""
        actor, at_work = Actor(kind="analyst", ref=name), self.begin + timedelta(hours=8)
        origin = RequestContext(address="198.51.100.9")
        for hour in range(0, 8, 2):  # after a pause the session is over
            now = at_work + timedelta(hours=hour, seconds=self.chance.uniform(0, 600))
            for _ in range(self._times(0.3)):
                mistake = self.chance.choice(("password", "code", "code_used"))
                yield Act(now, origin, (AnalystLoginFailed(reason_code=mistake, actor=actor),))
                now += timedelta(seconds=30)
            yield Act(now, origin, (AnalystLoggedIn(actor=actor),))
        for _ in range(self.chance.randrange(100, 400)):
            now = at_work + timedelta(seconds=self.chance.uniform(0, 8 * 3_600))
            viewed = ConsoleViewed(page="timeline", query=Query(), actor=actor)
            yield Act(now, origin, (viewed,))
            if self._happens(_LOOKS_UP):
                subject = f"person-{self.chance.randrange(self.people)}-0"
                found = PersonLookedUp(
                    subject=subject, case="SSI 2026/118", actor=actor, reason_code="report"
                )
                yield Act(now, origin, (found,))

    def _code_for(self, person: str, partner: str) -> CodeIssued:
        pairwise = _digest(f"{person} {partner}")
        return CodeIssued(
            subject=person, client_id=partner, code_ref=self._next_code(),
            subject_pairwise=pairwise, **_LOGIN,
        )  # fmt: skip

    def _next_code(self) -> str:
        self._code += 1
        return _digest(f"code {self._code}")

    def _happens(self, share: float) -> bool:
        return self.chance.random() < share

    def _times(self, share: float) -> int:
        """Draw how often a mistake is made: once for that share of people, again for a third."""
        times = 0
        while self.chance.random() < (share if times == 0 else 0.33):
            times += 1
        return times

    def _moment(self) -> datetime:
        hour = self.chance.choices(range(24), _HOURS)[0]
        return self.begin + timedelta(hours=hour, seconds=self.chance.uniform(0, 3_600))


def _known(person: str) -> Sequence[str]:
    """Return the three partners that a person has been at."""
    first = int(_digest(person)[:4], 16) % len(PARTNERS)
    return [PARTNERS[(first + step) % len(PARTNERS)] for step in (0, 3, 7)]


def _opened(person: str, now: datetime, known: BrowserKnown) -> SessionCreated:
    reference = _digest(f"{person} {now}")
    return SessionCreated(subject=person, session_ref=reference, reason_code=known, **_LOGIN)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]

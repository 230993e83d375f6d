"""Who walks a creation on the site, in the app or over the API, and what came of each step.

The order of the steps is written here once more, on purpose: the walk judges the service by it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from werkzeug.test import TestResponse

from tests.unit.api.conftest import NativeApp
from tests.unit.mobile.owner import PhoneOwner
from tests.unit.signup.visitor import Visitor

CARD_WAY = ("identity", "card", "terms", "password", "contact")
FRANCECONNECT_WAY = ("terms", "password", "contact")
APP_WAY = ("terms", "identity", "card", "contact")
LIFE = timedelta(hours=1)
Act = Callable[[], TestResponse]


@dataclass
class Walker:
    """One journey at a time of one browser; what it has done, as far as the answers told."""

    client: Visitor | PhoneOwner | NativeApp
    right: dict[str, Act]
    wrong: dict[str, Act]
    pages: dict[str, str]
    """The address of each step and end; empty over the API, which has no pages."""
    way: tuple[str, ...]
    begins_with: tuple[str, ...]
    """The steps that begin a journey of their own."""
    done: set[str] = field(default_factory=set)
    ended: bool = False
    acted_at: datetime = datetime.min

    def may(self, step: str, now: datetime) -> bool:
        """Tell whether all steps before this one were done in a journey that goes on."""
        if step in self.begins_with:
            return True
        alive = not self.ended and self.done and now.replace(tzinfo=None) <= self.acted_at + LIFE
        before = self.way[: self.way.index(step)] if step in self.way else ("never",)
        return bool(alive) and set(before) <= self.done

    def does(self, step: str, now: datetime, *, wrong: bool = False) -> str:
        """Do a step; return done, refused, ended (already), or no."""
        acts = self.wrong if wrong else self.right
        answer = acts[step]()
        assert answer.status_code < 500, (step, answer.text)
        came = self._outcome(step, answer)
        if came == "done":
            self._note(step, now)
        elif came == "refused":
            self.ended = True
        return came

    def forgets(self) -> None:
        """Know that the journey was erased."""
        self.done, self.ended = set(), False

    def returned(self, now: datetime, location: str) -> None:
        """Know that FranceConnect vouched for the person, who began a journey of that way."""
        self.forgets()
        self.way = FRANCECONNECT_WAY
        self.ended = location != self.pages["terms"]
        self.done, self.acted_at = {"return"}, now.replace(tzinfo=None)

    def _note(self, step: str, now: datetime) -> None:
        if step in self.begins_with:
            self.way = CARD_WAY if "password" in self.pages else APP_WAY
            self.done, self.ended = set(), False
        if step == "identity" and self.way == APP_WAY:
            self.done = {"terms"}  # what one person proved does not serve the next one
        self.done.add(step)
        self.ended = step == self.way[-1]
        self.acted_at = now.replace(tzinfo=None)

    def _outcome(self, step: str, answer: TestResponse) -> str:
        if isinstance(self.client, NativeApp):
            refused = answer.json.get("code") == "creation-refused"
            return "refused" if refused else "done" if answer.status_code < 300 else "no"
        if answer.status_code != 303:
            return "no"
        if answer.location == self.pages["neutral"]:
            return "refused"
        if self.ended:  # every step of a journey that has ended leads to its end
            begins = step in self.begins_with and answer.location != self.pages["finished"]
            return "done" if begins else "ended"
        way = CARD_WAY if step == "identity" and "password" in self.pages else self.way
        following = (*way, "finished")[way.index(step) + 1]
        assert answer.location == self.pages[following], (step, answer.location)
        return "done"


def on_the_site(visitor: Visitor) -> Walker:
    base = "/creation-compte"
    right = {
        "identity": visitor.identifies,
        "card": visitor.proves,
        "terms": visitor.accepts_terms,
        "password": visitor.chooses_password,
        "contact": visitor.gives_contact,
    }
    wrong: dict[str, Act] = {
        "identity": lambda: visitor.identifies(nom="Personne"),
        "card": lambda: visitor.proves(iban7="0000000"),
        "terms": lambda: visitor.posts(f"{base}/conditions"),
        "password": lambda: visitor.chooses_password("court"),
        "contact": lambda: visitor.gives_contact(email="claire"),
    }
    ends = ("card", "terms", "password", "contact", "finished", "neutral")
    words = ("carte", "conditions", "mot-de-passe", "coordonnees", "terminee", "impossible")
    pages = {"identity": base} | {e: f"{base}/{w}" for e, w in zip(ends, words, strict=True)}
    return Walker(visitor, right, wrong, pages, CARD_WAY, ("identity",))


def in_the_app(owner: PhoneOwner) -> Walker:
    right = {
        "terms": owner.accepts_terms,
        "identity": owner.identifies,
        "card": owner.proves,
        "contact": owner.creates,
    }
    wrong: dict[str, Act] = {
        "terms": lambda: owner.posts("/app/identite"),
        "identity": lambda: owner.identifies(nom="Personne"),
        "card": lambda: owner.proves(vitale11="00000000000"),
        "contact": lambda: owner.creates(mot_de_passe="court"),
    }
    pages = {
        "terms": "/app/conditions",
        "identity": "/app/identite",
        "card": "/app/carte",
        "contact": "/app/compte",
        "finished": "/app",
        "neutral": "/app/impossible",
    }
    return Walker(owner, right, wrong, pages, APP_WAY, ("terms",))


def over_the_api(native: NativeApp) -> Walker:
    right = {
        "terms": native.begins,
        "identity": native.identifies,
        "card": native.proves,
        "contact": native.creates,
    }
    wrong: dict[str, Act] = {
        "terms": lambda: native.posts("", cgu="non"),
        "identity": lambda: native.identifies(nom="Personne"),
        "card": lambda: native.proves(vitale11="00000000000"),
        "contact": lambda: native.creates(mot_de_passe="court"),
    }
    return Walker(native, right, wrong, {}, APP_WAY, ("terms",))

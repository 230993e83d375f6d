"""Any walk through the creation keeps its promises: steps in any order, twice, late, everywhere.

``make walks N=500`` walks more of them, each time others.
"""

import itertools
import os
import shutil
from collections import Counter
from datetime import timedelta

import hypothesis
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import func, select

from broker.accounts.activation import Activation
from broker.accounts.links import LINK
from broker.accounts.model import Status
from broker.accounts.store import ACCOUNT
from broker.app import create_app
from broker.base.crypto import Secret, fingerprint
from broker.base.db import Database
from broker.franceconnect.model import Purpose, VerifiedIdentity
from broker.franceconnect.relying_party import FranceConnect
from broker.signup.journeys import Journeys
from tests.conftest import FrozenClock, test_settings
from tests.unit.accounts.builders import Bench, claire
from tests.unit.api.conftest import NativeApp
from tests.unit.mobile.owner import PhoneOwner
from tests.unit.sessions.conftest import LoginPage
from tests.unit.signup.test_by_franceconnect import CLAIMS, ISS
from tests.unit.signup.visitor import IDENTITY, PASSWORD, Visitor
from tests.unit.signup.walkers import Walker, in_the_app, on_the_site, over_the_api

WALKERS = st.integers(0, 4)
STEPS = st.sampled_from(["identity", "card", "terms", "password", "contact"])
WAITS = st.sampled_from([59, 61, 8 * 24 * 60, 22 * 24 * 60])  # minutes
MORE = os.environ.get("WALKS")
SETTINGS = hypothesis.settings(
    max_examples=int(MORE or 10),
    stateful_step_count=30,
    derandomize=not MORE,
    phases=[hypothesis.Phase.generate],  # a walk that is found is short enough to read
    deadline=None,
    suppress_health_check=list(hypothesis.HealthCheck),
)
_trips = itertools.count()
reached: Counter[str] = Counter()


class Walk(RuleBasedStateMachine):
    """One person with two browsers on the site, two telephones with the app, and a native app."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.clock = FrozenClock()
        self.app = create_app(test_settings(url), clock=self.clock)
        self.bench = Bench(self.app)
        self.db = self.bench.of(Database)
        self.bench.registers(claire())
        self.site = [Visitor(self.app), Visitor(self.app, "198.51.100.9")]
        phones = [in_the_app(PhoneOwner(self.app)), in_the_app(PhoneOwner(self.app))]
        native = over_the_api(NativeApp(self.app.test_client()))
        self.walkers: list[Walker] = [*map(on_the_site, self.site), *phones, native]
        self.accepted: set = set()

    def teardown(self) -> None:
        self.db.engine.dispose()

    @rule(who=WALKERS, step=STEPS, wrong=st.booleans(), times=st.integers(1, 2))
    def does_a_step(self, who: int, step: str, wrong: bool, times: int):
        """Forward, back or ahead, rightly or not, once or twice: a second tab does no more."""
        if step in self.walkers[who].right:
            for _ in range(times):
                self._does(self.walkers[who], step, wrong=wrong)

    @rule(who=WALKERS, many=st.integers(1, 5))
    def goes_on(self, who: int, many: int):
        """No step is skipped; the next ones, done rightly, pass unless an account bars them."""
        walker = self.walkers[who]
        if walker.ended:
            self._does(walker, walker.way[-1])  # the last button pressed once more
        for _ in range(many):
            now = self.clock.now
            ahead = [s for s in walker.way if s not in walker.done and walker.may(s, now)]
            barred = self._status() == Status.ACTIVE
            for skipping in walker.way[walker.way.index(ahead[0]) + 1 :] if ahead else ():
                assert self._does(walker, skipping) == "no"
            came = self._does(walker, ahead[0] if ahead else walker.begins_with[0])
            assert came == "done" or (came == "refused" and barred)

    @rule(who=WALKERS, page=st.sampled_from(["identity", "card", "contact", "finished"]))
    def looks_at_a_page(self, who: int, page: str):
        """Back, refresh, a bookmark: a page ahead is not shown, and none changes anything."""
        walker = self.walkers[who]
        if page not in walker.pages:
            return
        before, may = self._rows(), page == "finished" or walker.may(page, self.clock.now)
        answer = walker.client.opens(walker.pages[page])

        assert answer.status_code in {200, 303, 409}
        assert may or answer.status_code != 200
        assert self._rows() == before

    @rule(who=st.integers(0, 3))
    def cancels(self, who: int):
        walker = self.walkers[who]
        path = "/creation-compte/annuler" if who < 2 else "/app/refus"
        assert walker.client.posts(path).status_code == 303
        walker.forgets()

    @rule(who=st.integers(0, 1))
    def comes_back_from_franceconnect(self, who: int):
        walker, trip = self.walkers[who], f"trip-{next(_trips)}"
        barred = self._status() == Status.ACTIVE
        location = self._vouched(self.site[who], trip)
        walker.returned(self.clock.now, location)
        assert walker.ended is barred

    @rule(minutes=WAITS)
    def time_passes(self, minutes: int):
        self.clock.advance(minutes=minutes)
        self.bench.of(Activation).remind()
        self.bench.of(Activation).purge_overdue()
        for task in self.bench.of(Journeys).tasks():
            task.run()

    @rule()
    def asks_the_link_again(self):
        self.clock.advance(seconds=1)
        asked = {name: IDENTITY[name] for name in ("nir", "date_naissance")}
        assert self.site[0].posts("/creation-compte/renvoyer", **asked).status_code == 303

    @rule(back=st.integers(0, 2))
    def follows_a_link(self, back: int):
        """The newest link activates, once; one before it does not."""
        self.clock.advance(seconds=1)
        links = self.bench.links("activation")
        if len(links) <= back:
            return
        pending = self._status() == Status.PENDING
        visitor = self.site[0]
        opened = visitor.opens(f"/activation/{links[-1 - back].reveal()}")
        first, second = visitor.posts("/activation"), visitor.posts("/activation")

        assert {opened.status_code, first.status_code, second.status_code} <= {303, 410}
        if first.status_code == 303:
            assert pending
            assert back == 0
            assert self._status() == Status.ACTIVE
            reached["activated"] += 1
        assert second.status_code == 410

    @rule()
    def logs_in(self):
        """An active account alone, and the first time with the mailed code."""
        self.clock.advance(seconds=1)
        page = LoginPage(self.app.test_client(), self.app)
        answer = page.gives_password(PASSWORD, IDENTITY["nir"])

        assert (answer.status_code == 303) == (self._status() == Status.ACTIVE)
        if answer.status_code == 303:
            assert not page.is_logged_in()
            assert page.gives_code(answer).location == "/mon-compte"
            reached["logged in"] += 1

    @invariant()
    def there_is_one_account_at_most(self):
        assert len(self._rows()) <= 1

    @invariant()
    def no_account_is_without_accepted_terms(self):
        assert {row.terms_accepted_at for row in self._rows()} <= self.accepted

    @invariant()
    def one_link_at_most_can_activate_an_account(self):
        live = select(func.count()).where(LINK.c.purpose == "activation", LINK.c.used_at.is_(None))
        assert self.db.scalar(live.where(LINK.c.expires_at >= self.clock.now)) <= 1

    def _does(self, walker: Walker, step: str, *, wrong: bool = False) -> str:
        self.clock.advance(seconds=1)
        now = self.clock.now
        may, accounts = walker.may(step, now), len(self.bench.events("account.created"))
        came = walker.does(step, now, wrong=wrong)
        assert may or came != "done", f"{step} was not due"
        assert not (wrong and came == "done"), f"{step} took a wrong answer"
        created = len(self.bench.events("account.created")) - accounts
        assert created == (came == "done" and step == "contact")
        if came == "done" and step == "terms":
            self.accepted.add(now)
        reached[came] += 1
        reached["created"] += created
        return came

    def _vouched(self, visitor: Visitor, trip: str) -> str:
        self.clock.advance(seconds=1)
        visitor.opens("/creation-compte")
        browser = fingerprint(visitor.client.get_cookie("ameli_navigateur").value).hex()[:32]
        identity = VerifiedIdentity(
            id=trip,
            purpose=Purpose.CREATION,
            iss=ISS,
            sub="sub-claire",
            acr="eidas1",
            auth_time=None,
            idp_id="impots",
            claims=CLAIMS,
            email=Secret("claire@impots.exemple.fr"),
            verified_at=self.clock.now,
        )
        with self.db.transaction():
            store = self.bench.of(FranceConnect).store
            store.keep_identity(identity, browser, self.clock.now + timedelta(minutes=20))
        answer = visitor.opens(f"/creation-compte/franceconnect/retour?transaction={trip}")
        assert answer.status_code == 303
        return str(answer.location)

    def _rows(self) -> list:
        return list(self.db.all(select(ACCOUNT).where(ACCOUNT.c.status != str(Status.CLOSED))))

    def _status(self) -> str | None:
        return next((row.status for row in self._rows()), None)


def test_no_walk_skips_a_step_or_opens_a_second_account(sqlite_template, tmp_path):
    numbers = itertools.count()
    reached.clear()

    def begin() -> Walk:
        file = tmp_path / f"{next(numbers)}.db"
        shutil.copy(sqlite_template, file)
        return Walk(f"sqlite:///{file}")

    run_state_machine_as_test(begin, settings=SETTINGS)

    # A walk that comes nowhere would keep every promise.
    every = {"done", "no", "refused", "ended", "created", "activated", "logged in"}
    assert every <= reached.keys()

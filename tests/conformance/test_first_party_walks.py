"""Any walk through the steps of an app's login gives a code to right password and code alone.

``make walks N=500`` walks more of them, each time others.
"""

import itertools
import os
import shutil
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import hypothesis
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from broker.accounts.password_change import PasswordChange
from broker.app import create_app
from broker.base.crypto import Secret
from broker.base.db import Database
from broker.clients.directory import Clients
from broker.oidc.apps.login import FirstPartyLogin
from tests.conftest import FrozenClock, test_settings
from tests.support.insured_account import NIR, insured_account
from tests.support.own_app import FIRST_PARTY, PASSWORD, OwnApp
from tests.support.partner import Holder, agrees_to_all, register

OTHER = "2470541043405"
NEW, WRONG = "Cerises&Piano8", "Tulipes&Violon8"
HOUR, TEN_MINUTES, TRIES = timedelta(hours=1), timedelta(minutes=10), 5
MORE = os.environ.get("WALKS")
SETTINGS = hypothesis.settings(
    max_examples=int(MORE or 8),
    stateful_step_count=50,
    derandomize=not MORE,
    phases=[hypothesis.Phase.generate],  # a walk that is found is short enough to read
    deadline=None,
    suppress_health_check=list(hypothesis.HealthCheck),
)
# Mostly what goes on: else hardly any walk comes far.
HOW = st.sampled_from(["rightly"] * 8 + ["used token", "other app"])
RIGHT = st.sampled_from([True] * 3 + [False])
SELDOM = st.sampled_from([False] * 5 + [True])
WHO = st.sampled_from([NIR, OTHER])
PICKS = st.integers(0, 9)
reached: Counter[str] = Counter()


@dataclass
class Thread:
    """What a login on an app's screens has come to, as the tests of each step say."""

    app: int
    begun_at: datetime
    token: str
    used: list[str] = field(default_factory=list)
    awaited: str | None = None
    """The number whose password was right."""
    code: str = ""
    sent_at: datetime | None = None
    tries_left: int = TRIES
    dead: bool = False
    """Whether the password has changed since."""
    over: bool = False


class Walk(RuleBasedStateMachine):
    """Two people, two telephones with one app and a third one with another."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.clock = FrozenClock()
        self.app = create_app(test_settings(url), clock=self.clock)
        second = {"nir": OTHER, "nir_key": f"{97 - int(OTHER) % 97:02}"}
        self.accounts = {
            NIR: insured_account(self.app, password=PASSWORD),
            OTHER: insured_account(
                self.app, password=PASSWORD, account_email="autre@exemple.fr", **second
            ),
        }
        self.passwords = dict.fromkeys(self.accounts, PASSWORD)
        one = register(self.app, **FIRST_PARTY)
        other = register(self.app, **{**FIRST_PARTY, "client_id": "autre"})
        self.apps = [self._phone(file) for file in (one, one, other)]
        for account_id in self.accounts.values():
            for registered in (one, other):
                agrees_to_all(self.app, account_id, registered["client_id"])
        self.threads: list[Thread] = []

    def _phone(self, file) -> OwnApp:
        return OwnApp(self.app, Holder(self.app, self.accounts[NIR]), file)

    def teardown(self) -> None:
        self.app.extensions["broker"][Database].engine.dispose()

    @rule(app=st.integers(0, 2))
    def begins(self, app: int):
        token = self.apps[app].thread()
        self.threads.append(Thread(app, self.clock.now, token))

    @rule(pick=PICKS, how=HOW, who=WHO, right=RIGHT)
    def gives_password(self, pick: int, how: str, who: str, right: bool):
        typed = {"nir": who, "password": self.passwords[who] if right else WRONG}
        thread, answer = self._asks(pick, how, **typed)
        if answer is None:
            return
        if not right:
            assert (answer["next"], answer["errors"][0]["code"]) == ("password", "login.wrong")
            return
        thread.awaited, thread.dead = who, False
        self._is_sent(thread, answer)

    @rule(pick=PICKS, how=HOW)
    def asks_another_code(self, pick: int, how: str):
        thread, answer = self._asks(pick, how, resend_code="true")
        if answer is None or self._asks_password_first(thread, answer):
            return
        self._is_sent(thread, answer)

    @rule(pick=PICKS, how=HOW, right=RIGHT, of=PICKS)
    def gives_code(self, pick: int, how: str, right: bool, of: int):
        """The thread's own code, or that of any other thread."""
        own = self._picked(pick)
        source = own if right else self.threads[of % len(self.threads)]
        code = source.code or "000000"
        thread, answer = self._asks(pick, how, code=code)
        if answer is None or self._asks_password_first(thread, answer):
            return
        assert thread.sent_at is not None
        if self.clock.now >= thread.sent_at + TEN_MINUTES:
            self._is_refused(answer, "code.expired")
        elif thread.tries_left == 0:
            self._is_refused(answer, "code.exhausted")
        elif code != thread.code:
            thread.tries_left -= 1
            self._is_refused(answer, "code.wrong" if thread.tries_left else "code.exhausted")
        else:
            self._is_let_in(thread, answer)

    @rule(who=WHO, indeed=SELDOM)
    def changes_password(self, who: str, indeed: bool):
        if not indeed:
            return
        new = NEW if self.passwords[who] == PASSWORD else PASSWORD
        self.app.extensions["broker"][PasswordChange].change(
            self.accounts[who], Secret(new), but="", auth_event_id="login"
        )
        self.passwords[who] = new
        for thread in self.threads:
            thread.dead = thread.dead or thread.awaited == who

    @rule(minutes=st.sampled_from([1, 1, 1, 9, 11, 49]))
    def waits(self, minutes: int):
        self.clock.advance(minutes=minutes)

    def _picked(self, pick: int) -> Thread:
        """Return one of all threads, or mostly the oldest that still goes on."""
        live = [t for t in self.threads if not t.over and self.clock.now < t.begun_at + HOUR]
        if not live:
            self.begins(pick % len(self.apps))
        if pick > 7:
            return self.threads[-pick % len(self.threads)]
        return live[0] if live else self.threads[-1]

    def _asks(self, pick: int, how: str, **step: str) -> tuple[Thread, dict | None]:
        """Take a step of a thread; None where that app's token may open nothing."""
        thread = self._picked(pick)
        self.clock.advance(seconds=1)  # so that the newest mail is known
        app = (thread.app + 1) % len(self.apps) if how == "other app" else thread.app
        token = thread.used[-1] if thread.used and how == "used token" else thread.token
        opens = token == thread.token and app == thread.app and not thread.over
        opens = opens and self.clock.now < thread.begun_at + HOUR
        answer = self.apps[app].asks(auth_session=token, **step).get_json()
        forgotten = thread.dead and "password" not in step
        if opens and forgotten:
            thread.over = True
        if not opens or forgotten:
            assert answer["error"] == "invalid_session"
            assert "auth_session" not in answer
            reached["refused"] += 1
            return thread, None
        thread.used.append(thread.token)
        thread.token = answer.get("auth_session", thread.token)
        return thread, answer

    def _asks_password_first(self, thread: Thread, answer: dict) -> bool:
        if thread.awaited is None:
            assert answer["next"] == "password"
        return thread.awaited is None

    def _is_sent(self, thread: Thread, answer: dict) -> None:
        assert (answer["next"], answer["tries_left"]) == ("code", TRIES)
        thread.code, thread.tries_left = self.apps[0].mailed_code(), TRIES
        thread.sent_at = self.clock.now
        reached["sent"] += 1

    def _is_refused(self, answer: dict, code: str) -> None:
        assert (answer["next"], answer["errors"][0]["code"]) == ("code", code)
        reached[code] += 1

    def _is_let_in(self, thread: Thread, answer: dict) -> None:
        """The code is for whoever's password and code were right, and the thread is over."""
        app, thread.over = self.apps[thread.app], True
        tokens = app.redeems(answer["authorization_code"]).get_json()
        services = self.app.extensions["broker"]
        client = services[Clients].registered(app.registered["client_id"])
        sub = services[FirstPartyLogin].pages.codes.subjects.sub(
            client, self.accounts[thread.awaited]
        )
        assert app.id_token(tokens)["sub"] == sub
        reached["let in"] += 1


def test_no_walk_gets_a_code_without_password_and_code(sqlite_template, tmp_path):
    numbers = itertools.count()
    reached.clear()

    def begin() -> Walk:
        file = tmp_path / f"{next(numbers)}.db"
        shutil.copy(sqlite_template, file)
        return Walk(f"sqlite:///{file}")

    run_state_machine_as_test(begin, settings=SETTINGS)

    # A walk that comes nowhere would keep every promise.
    assert {"let in", "sent", "refused", "code.wrong"} <= reached.keys()

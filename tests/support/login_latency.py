"""How long password logins take while people come back from a FranceConnect in trouble."""

import re
import socket
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import requests

from broker.accounts.activation import Activation
from broker.accounts.creation import Creation
from broker.accounts.passwords import Passwords
from broker.app import create_app
from broker.base.crypto import Secret
from broker.base.db import Database
from broker.base.settings import load_settings
from tests.support.stack import Stack, wait_for
from tests.support.troubled_franceconnect import TroubledFranceConnect
from tests.unit.accounts.builders import NIR, Bench, a_new_account, claire

PASSWORD = "Tulipes&Violon7"
_ROUNDS = 3
_CLIENTS, _LOGINS = 2, 12  # at once, and of each in a round
_BURST, _EVERY = 20, 0.1  # callbacks at once, then one more each so many seconds
_TRIPS = 40  # of a round
_TOKEN = re.compile(r'name="jeton_formulaire" value="([^"]+)"')
_REFRESH = re.compile(r'http-equiv="refresh" content="0; url=([^"]+)"')
_SETTINGS = {
    "BROKER_EMBEDDED_WORKER": "false",
    "BROKER_PASSWORD_TIME_COST": "2",  # as in production
    "BROKER_PASSWORD_MEMORY_COST": "19456",
}


@dataclass
class Latencies:
    """Seconds that logins took, in rounds without and with the trouble, one after the other."""

    calm: list[float] = field(default_factory=list)
    troubled: list[float] = field(default_factory=list)

    @property
    def medians(self) -> tuple[float, float]:
        return statistics.median(self.calm), statistics.median(self.troubled)

    @property
    def p95(self) -> tuple[float, float]:
        calm, troubled = (statistics.quantiles(s, n=20)[-1] for s in (self.calm, self.troubled))
        return calm, troubled


@dataclass
class Page:
    """A browser whose forms are posted one by one."""

    stack: Stack
    http: requests.Session = field(default_factory=requests.Session)

    def __post_init__(self) -> None:
        self.token = _TOKEN.findall(self.http.get(self.stack.url("broker") + "/connexion").text)[0]

    def posts(self, path: str, **fields: str) -> requests.Response:
        return self.http.post(
            self.stack.url("broker") + path,
            data={"jeton_formulaire": self.token, **fields},
            allow_redirects=False,
            timeout=60,
        )

    def logs_in(self) -> float:
        """Give the right number and password; return the seconds until the code is asked."""
        started = time.perf_counter()
        answer = self.posts("/connexion", nir=NIR.value, mot_de_passe=PASSWORD)
        taken = time.perf_counter() - started
        assert answer.headers["Location"].startswith("/connexion/code"), answer.status_code
        return taken

    def departs(self) -> str:
        """Leave for FranceConnect; return the state that was sent."""
        leaving = unescape(_REFRESH.findall(self.posts("/connexion/franceconnect").text)[0])
        return parse_qs(urlsplit(leaving).query)["state"][0]


@dataclass
class Rig:
    """A real ``broker serve``, somebody who logs in, people who come back from FranceConnect."""

    stack: Stack
    upstream: TroubledFranceConnect

    @classmethod
    @contextmanager
    def running(cls, folder: Path) -> Iterator["Rig"]:
        with TroubledFranceConnect.running() as upstream, ExitStack() as ends:
            changes = {**_SETTINGS, "BROKER_FRANCECONNECT_ISSUER": upstream.issuer}
            stack = Stack(folder, f"sqlite:///{folder}/broker.db", changes=changes)
            ends.callback(stack.stop)
            stack.prepare()
            _open_account(stack)
            stack.start_server(0, stack.backends[0])
            wait_for(stack.url("broker") + "/health/live")
            yield cls(stack, upstream)

    def measure(self, trouble: Callable[[], None]) -> Latencies:
        """Alternate quiet rounds and rounds with *trouble*; FranceConnect recovers in between."""
        found, person = Latencies(), Page(self.stack)
        self._wait_until_people_depart(person)
        trips = [[person.departs() for _ in range(_TRIPS)] for _ in range(_ROUNDS)]
        self._round()
        for states in trips:
            found.calm += self._round()
            trouble()
            with self._coming_back(person, states):
                found.troubled += self._round()
            self.upstream.recovers()
            time.sleep(1)  # the last of them get their answer
        return found

    def _wait_until_people_depart(self, person: Page) -> None:
        """Earlier failures may have cut the line for a while."""
        deadline = time.monotonic() + 60
        while person.posts("/connexion/franceconnect").status_code != requests.codes.ok:
            assert time.monotonic() < deadline
            time.sleep(1)

    def _round(self) -> list[float]:
        taken: list[float] = []

        def log_in_often() -> None:
            page = Page(self.stack)
            taken.extend([page.logs_in() for _ in range(_LOGINS)])

        threads = [threading.Thread(target=log_in_often) for _ in range(_CLIENTS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(taken) == _CLIENTS * _LOGINS
        return taken

    @contextmanager
    def _coming_back(self, person: Page, states: list[str]) -> Iterator[None]:
        """Send callbacks without waiting for their answers, for as long as the round lasts."""
        over = threading.Event()
        waiting: list[socket.socket] = []

        def send() -> None:
            for number, state in enumerate(states):
                if over.wait(_EVERY if number >= _BURST else 0):
                    return
                waiting.append(self._callback(person, state))

        sender = threading.Thread(target=send)
        sender.start()
        time.sleep(_EVERY)
        yield
        over.set()
        sender.join()
        for connection in waiting:
            connection.close()

    def _callback(self, person: Page, state: str) -> socket.socket:
        cookies = "; ".join(f"{name}={value}" for name, value in person.http.cookies.items())
        query = f"code=code&state={state}&iss={quote(self.upstream.issuer, safe='')}"
        connection = socket.create_connection(("localhost", self.stack.ports["broker"]))
        connection.sendall(
            f"GET /franceconnect/callback?{query} HTTP/1.1\r\nHost: localhost\r\n"
            f"Cookie: {cookies}\r\nConnection: close\r\n\r\n".encode()
        )
        return connection


def _open_account(stack: Stack) -> None:
    app = create_app(load_settings(stack.environment))
    bench = Bench(app)
    insured_id = bench.registers(claire())
    hashed = bench.of(Passwords).hash(Secret(PASSWORD))
    bench.of(Creation).open_pending(a_new_account(insured_id, password_hash=hashed))
    bench.of(Activation).confirm(bench.link("activation"))
    bench.of(Database).engine.dispose()

"""A running service under attack: two processes on PostgreSQL, their time moved from outside."""

import json
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count, islice
from pathlib import Path

import psycopg
import requests

from broker.base.limits import DAY, HOUR, Limits
from broker.budget import Budget, budgets
from tests.support.account_holder import AccountHolder
from tests.support.faketime import FAKETIME
from tests.support.own_app import FIRST_PARTY
from tests.support.partner import REFRESHING, a_registration
from tests.support.people import Insured, without_account, write_register
from tests.support.stack import Stack, wait_for
from tests.support.visitor import Visitor

PROCESSES = 2
STRICT = "exigeant"
"""A partner whose people always give a code."""
_STRICT = {"client_id": STRICT, "ameli": {"code": "always"}}
_PEOPLE = 40  # of the register; a victim each, where the attack is on one
_AS_IN_PRODUCTION = (  # they let few guesses through
    "login_pair_count",
    "login_pair_wait",
    "login_site_count",
    "code_account_count",
    "card_count",
    "analyst_pair_count",
    "analyst_pair_wait",
    "analyst_code_count",
    "code_tries",
    "code_sent_count",
    "email_used_count",
    "address_change_count",
)
_LOWERED = {
    "endpoint_count": 40,
    "address_count": 60,
    "login_prefix_count": 12,
    "analyst_prefix_count": 12,
    "analyst_site_count": 4,  # the line above, which counts a site too, must not stop it first
    "identity_prefix_count": 6,
    "link_prefix_count": 6,
}
_OF_AN_HOUR_OR_LESS = ("endpoint", "address", "email_used", "identity_prefix", "link_prefix")
_MET_ON_THE_WAY = ("code_sent", "login_prefix", "analyst_prefix")
"""Of an hour too, but met by other attacks, whose own limits are to hold them back: of a day."""


def simulated(window: int = 12 * HOUR) -> Limits:
    """Return the limits of the service: what is counted in an hour or less has that window.

    A day has two of the usual one, which costs minutes and not hours; networks may do less.
    """
    default = Limits()
    chosen = {
        **{name: getattr(default, name) for name in _AS_IN_PRODUCTION},
        **_LOWERED,
        **{f"{name}_window": window for name in _OF_AN_HOUR_OR_LESS},
        **{f"{name}_window": min(window, DAY) for name in _MET_ON_THE_WAY},
        "remembered_browser_life": 60 * DAY,  # longer than any attack
    }
    return Limits.of_profile("test", chosen)


@dataclass
class Besieged:
    """The service, what its trail counts, and where attackers come from."""

    stack: Stack
    limits: Limits
    _clock: Path
    _shift: int = 0
    _networks: Iterator[int] = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        self.budgets: dict[str, Budget] = {each.attack: each for each in budgets(self.limits)}
        self.people = islice(without_account(), _PEOPLE)
        self.many: list[Insured] = [next(self.people) for _ in range(_PEOPLE // 2)]

    @classmethod
    @contextmanager
    def running(cls, folder: Path, database_url: str, limits: Limits) -> Iterator["Besieged"]:
        """Run it with these limits until the attacks are over."""
        assert FAKETIME, "libfaketime is missing"
        folder.mkdir(exist_ok=True)
        clock = folder / "clock"
        clock.write_text(_offset(0))
        changes = {
            "BROKER_THREADS": "8",
            "BROKER_TRUSTED_PROXIES": "127.0.0.0/8",
            **{f"BROKER_LIMIT_{name.upper()}": str(value) for name, value in limits},
            "LD_PRELOAD": str(FAKETIME),
            "FAKETIME_TIMESTAMP_FILE": str(clock),
            "FAKETIME_NO_CACHE": "1",
            "DONT_FAKE_MONOTONIC": "1",
        }
        stack = Stack(folder, database_url, PROCESSES, changes)
        try:
            stack.prepare(write_register(folder / "register.csv", _PEOPLE))
            stack.start_mailbox()
            stack.open_address()
            stack.start_worker()
            for number, port in enumerate(stack.backends):
                stack.start_server(number, port)
            for port in stack.backends:
                wait_for(f"http://127.0.0.1:{port}/health/ready")
            stack.register(a_registration(**FIRST_PARTY))
            stack.register(a_registration(**{**REFRESHING, **_STRICT}))
            yield cls(stack, limits, clock)
        finally:
            stack.stop()

    @property
    def now(self) -> float:
        """What time it is for the service."""
        return time.time() + self._shift

    def passes(self, seconds: float) -> None:
        """Let that time pass, for every process at its next look at the clock."""
        self._shift += int(seconds) + 1
        written = self._clock.with_suffix(".new")
        written.write_text(_offset(self._shift))
        written.replace(self._clock)

    def restarts(self, number: int) -> None:
        """Kill a server process in the middle of whatever it does, and start it again."""
        self.stack.kill(f"server{number}")
        self.stack.start_server(number, self.stack.backends[number])
        wait_for(f"http://127.0.0.1:{self.stack.backends[number]}/health/ready", seconds=180)

    def network(self) -> str:
        """Return the prefix of a network that nobody came from before."""
        number = next(self._networks)
        return f"10.{number // 256}.{number % 256}"

    def networks_of_site(self) -> Iterator[str]:
        """Yield the networks (/64) of one site (/48) of IPv6 that nobody came from before."""
        site = next(self._networks)
        return (f"2001:db8:{site:x}:{number:x}" for number in count(1))

    def browser_in(self, network: str) -> Visitor:
        """Return a browser without cookies, at some address of that network."""
        browser = Visitor(self.stack.url("broker"))
        separator = "::" if ":" in network else "."
        address = f"{network}{separator}{secrets.randbelow(254) + 1}"
        claimed = f"192.0.2.{secrets.randbelow(254) + 1}"  # by the attacker, ahead of the proxy
        browser.http.headers["X-Forwarded-For"] = f"{claimed}, {address}"
        return browser

    def newcomer(self) -> AccountHolder:
        """Return a person without an account, in a network of their own."""
        person = AccountHolder(
            self.stack, next(self.people), f"cible{secrets.token_hex(4)}@exemple.fr"
        )
        person.browser = self.browser_in(self.network())
        return person

    def answered(self, routes: tuple[str, ...]) -> int:
        """Return how many requests of these routes no limit refused, as the servers' logs tell."""
        lines = (json.loads(line) for line in self.stack.logs().splitlines() if line[:1] == "{")
        return sum(
            line.get("route") in routes and line["status"] != requests.codes.too_many
            for line in lines
        )

    def judged(self, type_: str, but: str = "") -> int:
        """Return how often the trail says that something was compared; *but* is a reason."""
        url = self.stack.database_url.replace("postgresql+psycopg", "postgresql")
        with psycopg.connect(url) as connection:
            row = connection.execute(
                "SELECT count(*) FROM audit_event WHERE type = %s"
                " AND coalesce(body::jsonb ->> 'reason_code', '-') <> %s",
                (type_, but),
            ).fetchone()
        assert row
        return int(row[0])


def _offset(seconds: int) -> str:
    """Return what libfaketime reads."""
    return f"+{seconds}"

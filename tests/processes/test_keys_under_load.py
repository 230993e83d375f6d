"""Signing keys change while people log in: nobody is turned away, every cache can verify."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import requests
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from tests.conftest import ROOT
from tests.processes.test_parallel_tokens import RemotePartner
from tests.support.account_holder import AccountHolder
from tests.support.partner import REFRESHING, a_registration, header
from tests.support.people import without_account
from tests.support.postgres import PostgresCluster
from tests.support.stack import Stack

pytestmark = pytest.mark.processes
_CACHE_SECONDS = 3
_AGREED_SECONDS = 1.0  # within which every process knows of a change


@pytest.fixture(scope="module")
def stack(postgres: PostgresCluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    changes = {"BROKER_LIMIT_JWKS_LIFE": str(_CACHE_SECONDS)}
    running = Stack(tmp_path_factory.mktemp("keys"), postgres.new_database(), 2, changes)
    running.prepare(ROOT / "data/records.csv")
    running.start()
    yield running
    running.stop()
    running.require_no_leak()


@pytest.fixture(scope="module")
def partner(stack: Stack) -> RemotePartner:
    """A partner in front of somebody who is logged in and has agreed."""
    document = a_registration(client_id="service", **REFRESHING)
    stack.register(document)
    person = AccountHolder(stack, next(without_account()), "clefs@exemple.fr")
    person.creates_account()
    person.browser.opens("/connexion")
    person.logs_in()
    partner = RemotePartner(stack, document, person)
    partner.tokens()
    return partner


@dataclass
class Cache:
    """A partner's copy of the JWKS: kept as long as it was told, and no request more.

    ``curious``: it also reads again for a key that it does not know, as libraries do.
    """

    stack: Stack
    curious: bool = False
    _keys: dict[str, Any] = field(default_factory=dict)
    _until: float = 0.0

    def verifies(self, token: str) -> bool:
        kid = header(token)["kid"]
        if time.monotonic() >= self._until or (self.curious and kid not in self._kids()):
            self.read()
        try:
            jwt.decode(token, KeySet.import_key_set(self._keys), algorithms=["ES256"])
        except (JoseError, ValueError):
            return False
        return True

    def _kids(self) -> set[str]:
        return {key["kid"] for key in self._keys.get("keys", ())}

    def read(self) -> None:
        asked = time.monotonic()
        answer = requests.get(f"{self.stack.url('broker')}/jwks", timeout=30)
        life = int(answer.headers["Cache-Control"].rpartition("max-age=")[2])
        self._keys, self._until = answer.json(), asked + life


@dataclass
class Traffic:
    """Logins one after the other, each token checked at once by every cache."""

    partner: RemotePartner
    caches: list[Cache]
    tokens: list[tuple[float, str]] = field(default_factory=list)
    faults: list[tuple[float, str]] = field(default_factory=list)
    _over: threading.Event = field(default_factory=threading.Event)

    def goes_on_while(self, act: Callable[[], None]) -> None:
        thread = threading.Thread(target=self._run)
        thread.start()
        try:
            act()
        finally:
            self._over.set()
            thread.join()

    def _run(self) -> None:
        while not self._over.is_set():
            at = time.monotonic()
            try:
                token = self.partner.tokens()["id_token"]
            except (AssertionError, KeyError, requests.RequestException) as fault:
                self.faults.append((at, repr(fault)))
                continue
            self.tokens.append((at, header(token)["kid"]))
            for number, cache in enumerate(self.caches):
                if not cache.verifies(token):
                    self.faults.append((at, f"cache {number} does not know {header(token)}"))


def signing(stack: Stack) -> str:
    """Return the key that signs now."""
    keys = map(json.loads, stack.command("keys", "list", "--json").splitlines())
    (kid,) = [key["kid"] for key in keys if (key["alg"], key["state"]) == ("ES256", "active")]
    return str(kid)


def test_a_rotation_loses_no_login_and_surprises_no_cache(stack, partner) -> None:
    strict = [Cache(stack) for _ in range(4)]
    traffic = Traffic(partner, strict)
    before = signing(stack)

    def rotates() -> None:
        for cache in strict:  # read at other moments, each the worst for somebody
            cache.read()
            time.sleep(_CACHE_SECONDS / len(strict))
        stack.command("keys", "rotate")
        deadline = time.monotonic() + 60
        while signing(stack) == before and time.monotonic() < deadline:
            time.sleep(0.2)
        time.sleep(_CACHE_SECONDS)

    traffic.goes_on_while(rotates)

    assert traffic.faults == []
    used = list(dict.fromkeys(kid for _, kid in traffic.tokens))
    assert used == [before, signing(stack)]  # one change, there and not back
    published = requests.get(f"{stack.url('broker')}/jwks", timeout=30).json()["keys"]
    assert {before, signing(stack)} <= {key["kid"] for key in published}


def test_a_key_that_is_withdrawn_signs_nothing_more_and_logins_go_on(stack, partner) -> None:
    stolen = signing(stack)
    traffic = Traffic(partner, [Cache(stack, curious=True)])
    withdrawn: list[float] = []

    def withdraws() -> None:
        time.sleep(1)
        stack.command("keys", "retire", stolen)
        withdrawn.append(time.monotonic())
        time.sleep(5)

    traffic.goes_on_while(withdraws)

    agreed = withdrawn[0] + _AGREED_SECONDS
    after = {kid for at, kid in traffic.tokens if at >= agreed}
    assert [fault for at, fault in traffic.faults if at >= agreed] == []
    assert [fault for _, fault in traffic.faults if "does not know" not in fault] == []
    assert after == {signing(stack)}
    assert stolen not in after
    retired = stack.events("--type", "key.retired")[-1]
    assert stolen in retired["before"]

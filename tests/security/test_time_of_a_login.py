"""How long a login takes to be refused does not tell whether there is an account, nor its state.

Measured is the time on the processor: what else a machine does makes answers late by many times
what a hash takes, and would hide any difference.
"""

import random
import re
import statistics
import time
from collections.abc import Callable

import pytest

from broker.accounts.administration import Administration
from broker.accounts.closing import Closing
from broker.accounts.creation import Creation
from broker.accounts.passwords import Passwords
from broker.base.browser import FORM_TOKEN
from broker.base.crypto import Secret
from broker.insured.nir import Nir
from tests.conftest import test_settings
from tests.support.insured_account import insured_account
from tests.support.own_app import FIRST_PARTY, PASSWORD, OwnApp
from tests.support.partner import Holder, register
from tests.unit.accounts.builders import a_new_account, claire

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
_PRODUCTION = {"BROKER_PASSWORD_TIME_COST": "2", "BROKER_PASSWORD_MEMORY_COST": "19456"}
_STATES = ("active", "without password", "suspended", "closed", "pending", "unknown")
_ROUNDS = 15
_ALIKE = 1.25
Try = Callable[[str, str], object]
"""Sends number and password; only this is measured."""


@pytest.fixture
def settings(database_url):
    return test_settings(database_url, **_PRODUCTION)


@pytest.fixture
def numbers(app, bench) -> dict[str, str]:
    """Return a number for each state in which an account can be, and one that has none."""
    nirs = {state: f"1800175{number:03}001" for number, state in enumerate(_STATES)}

    def opens(state: str, password: str | None = PASSWORD) -> str:
        key = f"{97 - int(nirs[state]) % 97:02}"
        email = f"{state.replace(' ', '.')}@exemple.fr"
        return insured_account(
            app, password=password, nir=nirs[state], nir_key=key, account_email=email
        )

    opens("active")
    opens("without password", None)
    bench.of(Administration).disable(opens("suspended"), operator="test", reason="test")
    bench.of(Closing).close(opens("closed"), "login")
    nir, hashed = Nir(nirs["pending"]), bench.of(Passwords).hash(Secret(PASSWORD))
    row = bench.registers(claire(nir=nir))
    bench.of(Creation).open_pending(a_new_account(row, nir=nir, password_hash=hashed))
    return nirs


def page(app, path: str) -> Callable[[], Try]:
    """Return what opens a page of login, as often as one likes."""
    client = app.test_client()
    (token,) = set(re.findall(f'name="{FORM_TOKEN}" value="([^"]+)"', client.get(path).text))

    def give(nir: str, password: str) -> object:
        return client.post(path, data={FORM_TOKEN: token, "nir": nir, "mot_de_passe": password})

    return lambda: give


def screens(app, account_id: str) -> Callable[[], Try]:
    """Return what begins a login on the screens of an app."""
    own_app = OwnApp(app, Holder(app, account_id), register(app, **FIRST_PARTY))

    def begin() -> Try:
        thread = own_app.thread()
        return lambda nir, password: own_app.gives_password(thread, password, nir)

    return begin


@pytest.mark.parametrize("door", ["/connexion", "/app/connexion", "screens"])
def test_every_refusal_takes_the_same_time(app, numbers, door):
    begins = page(app, door) if door.startswith("/") else screens(app, insured_account(app))
    taken: dict[str, list[float]] = {state: [] for state in _STATES}

    def measure(state: str) -> None:
        # The right one where it opens nothing: that would tell most.
        password = "Faux&Violon7" if state == "active" else PASSWORD
        give = begins()
        started = time.thread_time()
        answer = give(numbers[state], password)
        taken[state].append(time.thread_time() - started)
        assert answer.status_code in {400, 403, 422}

    for _ in range(_ROUNDS):
        for state in random.sample(_STATES, len(_STATES)):
            measure(state)

    usual = {state: statistics.median(seconds) for state, seconds in taken.items()}
    assert max(usual.values()) < _ALIKE * min(usual.values()), usual

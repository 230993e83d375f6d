"""Many logins at once: no deadlock, no second session, limits to the unit."""

import threading
from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from broker.base.crypto import Secret
from broker.base.errors import Throttled
from broker.foundation import Foundation
from broker.insured.nir import Nir
from broker.sessions.login import Login, Presence
from broker.sessions.model import LoginRefused
from broker.sessions.tables import SESSION
from tests.conftest import test_settings
from tests.unit.sessions.conftest import NIR, PASSWORD

MANY = 20


@pytest.fixture
def settings(database_url):
    return test_settings(
        database_url,
        BROKER_LIMIT_LOGIN_PAIR_COUNT="30",
        BROKER_LIMIT_LOGIN_NIR_COUNT="5",
        BROKER_LIMIT_LOGIN_NIR_WAIT="30",
    )


@pytest.fixture
def login(app, account) -> Login:  # noqa: ARG001 - it must exist
    return app.extensions["broker"][Login]


def at_once(act: Callable[[int], object]) -> list[object]:
    """Return what each of many did, or the refusal it met."""
    results: list[object] = []

    def run(number: int) -> None:
        try:
            results.append(act(number))
        except (Throttled, LoginRefused) as refusal:
            results.append(refusal)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(MANY)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def live_sessions(app) -> int:
    f = app.extensions["broker"][Foundation]
    return f.db.scalar(
        select(func.count()).select_from(SESSION).where(SESSION.c.ended_at.is_(None))
    )


def remembered(login: Login, browser) -> Presence:
    presence = Presence(browser="browser", memory=None)
    asked = login.password(Nir.parse(NIR), Secret(PASSWORD), presence, None)
    step = login.code(asked.attempt, browser.mailed_code(), None, remember=True)
    return Presence(browser="browser", memory=step.memory)


def test_logins_of_one_browser_at_once_leave_one_session(app, login, browser):
    presence = remembered(login, browser)

    done = at_once(lambda _: login.password(Nir.parse(NIR), Secret(PASSWORD), presence, None))

    assert len({step.cookie.reveal() for step in done}) == MANY
    assert len({step.session.sid for step in done}) == 1  # to partners it is one, going on
    assert live_sessions(app) == 1


def test_the_same_code_at_once_gives_the_same_cookie_to_all(app, login, browser):
    presence = Presence(browser="browser", memory=None)
    asked = login.password(Nir.parse(NIR), Secret(PASSWORD), presence, None)
    code = browser.mailed_code()

    done = at_once(lambda _: login.code(asked.attempt, code, None, remember=True))

    assert len({step.cookie.reveal() for step in done}) == 1
    assert len({step.memory.reveal() for step in done}) == 1
    assert live_sessions(app) == 1


def test_wrong_and_right_passwords_at_once_do_not_wait_for_one_another(login):
    presence = Presence(browser="browser", memory=None)

    def act(number: int) -> object:
        typed = PASSWORD if number % 2 else "Autre&Violon7"
        return login.password(Nir.parse(NIR), Secret(typed), presence, None)

    assert len(at_once(act)) == MANY


def test_a_number_under_attack_asks_each_new_browser_to_wait_and_no_longer(login, clock):
    nir = Nir.parse(NIR)
    for number in range(5):
        with pytest.raises(LoginRefused):
            login.password(
                nir, Secret("Autre&Violon7"), Presence(browser=f"{number}", memory=None), None
            )
    mine = Presence(browser="mine", memory=None)

    with pytest.raises(Throttled) as waiting:
        login.password(nir, Secret(PASSWORD), mine, None)
    clock.advance(seconds=29)
    with pytest.raises(Throttled):  # a stranger's wait, which is not mine
        login.password(nir, Secret("x"), Presence(browser="stranger", memory=None), None)
    clock.advance(seconds=1)

    assert waiting.value.retry_after == 30
    assert login.password(nir, Secret(PASSWORD), mine, None)

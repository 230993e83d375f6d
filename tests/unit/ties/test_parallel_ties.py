"""Many posts at once: one tie, one mail, one session."""

import threading
from collections import Counter

from sqlalchemy import func, select

from broker.base.db import Database
from broker.sessions.login import Login
from broker.sessions.tables import SESSION
from tests.unit.ties.conftest import TieBrowser

MANY = 20


def at_once(act, times: int = MANY) -> list:
    results, ready = [], threading.Barrier(times)

    def run(number: int) -> None:
        ready.wait()
        results.append(act(number))

    threads = [threading.Thread(target=run, args=(number,)) for number in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_the_same_code_at_once_ties_once(bench, browser, account, opened):
    asked = browser.accepts(browser.is_offered())
    login = browser.of(Login)
    attempt, _ = login.attempt(asked.location.split("tentative=")[1], browser.ref())
    code = browser.mailed_code()

    done = at_once(lambda _: login.code(attempt, code, None, remember=False))

    assert len({step.cookie.reveal() for step in done}) == 1
    assert opened() == account.id
    assert len(bench.events("fc.linked")) == 1
    assert len(bench.mails("franceconnect_tied")) == 1
    live = select(func.count()).select_from(SESSION).where(SESSION.c.ended_at.is_(None))
    assert bench.of(Database).scalar(live) == 1


def test_one_way_back_opened_at_once_offers_one_tie(app, browser):
    trip = browser.is_vouched_for()
    cookie = browser.client.get_cookie("ameli_navigateur").value

    def opens(_: int) -> int:
        client = app.test_client()
        client.set_cookie("ameli_navigateur", cookie)
        return client.get(f"/connexion/franceconnect/retour?transaction={trip}").status_code

    assert Counter(at_once(opens)) == {303: 1, 410: MANY - 1}


def test_offers_in_many_browsers_end_in_one_tie(app, bench, account, opened):
    attempts = []
    for browser in [TieBrowser(app.test_client(), app) for _ in range(5)]:
        asked = browser.accepts(browser.is_offered(id=f"trip of {browser.ref()}"))
        attempts.append((browser, asked, browser.mailed_code()))

    answers = at_once(lambda n: attempts[n][0].gives_code(*attempts[n][1:]).status_code, 5)

    assert set(answers) == {303}
    assert opened() == account.id
    assert len(bench.events("fc.linked")) == 1
    assert len(bench.mails("franceconnect_tied")) == 1

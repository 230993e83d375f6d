"""Twenty at once: exactly one effect, on both databases."""

import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from broker.oidc.provider import Provider
from tests.support.partner import (
    Holder,
    Partner,
    callback,
    events,
    parse,
    register,
    sample_account,
)


@pytest.fixture
def partner(app) -> Partner:
    holder = Holder(app, sample_account(app))
    holder.logs_in()
    return Partner(app, holder, register(app))


def at_once(act: Callable[[], Any], times: int = 20) -> list[Any]:
    answers: list[Any] = []
    ready = threading.Barrier(times)

    def run() -> None:
        ready.wait()
        answers.append(act())

    threads = [threading.Thread(target=run) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_a_code_is_redeemed_once(partner, app):
    code = partner.code()

    answers = at_once(lambda: partner.redeems(code))

    assert Counter(answer.status_code for answer in answers) == {200: 1, 400: 19}
    assert {a.get_json()["error"] for a in answers if a.status_code == 400} == {"invalid_grant"}
    assert len(events(app, "token.revoked")) == 1
    assert len([e for e in events(app, "code.redeemed") if e["outcome"] == "success"]) == 1


def test_a_pushed_request_is_used_once(partner):
    pushed = partner.calls("/par", partner.request()).get_json()
    query = {"client_id": "partenaire", "request_uri": pushed["request_uri"]}

    def opens():
        browser = partner.app.test_client()
        browser.set_cookie("ameli_session", cookie.value)
        return browser.get("/authorize", query_string=query).status_code

    cookie = partner.holder.client.get_cookie("ameli_session")

    assert Counter(at_once(opens)) == {303: 1, 400: 19}


def test_an_interaction_is_answered_once(partner):
    asked = partner.sends(prompt="login")
    request_id = parse(asked.location)["demande"]
    partner.holder.logs_in(request_id)
    cookies = {
        name: partner.holder.client.get_cookie(name).value
        for name in ("ameli_session", "ameli_navigateur")
    }

    def resumes():
        browser = partner.app.test_client()
        for name, value in cookies.items():
            browser.set_cookie(name, value)
        return callback(browser.get(f"/authorize/suite?demande={request_id}"))

    answers = at_once(resumes)

    assert len([answer for answer in answers if "code" in answer]) == 1


def test_leftovers_are_deleted_a_day_after_the_longest_session(partner, app, clock):
    partner.tokens()
    partner.calls("/par", partner.request())
    task = app.extensions["broker"][Provider].tasks()[0]

    clock.advance(hours=35)
    kept = task.run()
    clock.advance(hours=2)

    assert kept == 1  # the access token
    assert task.run() == 2

"""The account's pages ask how long the session still lasts; to ask is no use of it."""

import pytest
from sqlalchemy import text

from broker.base.db import Database

LIFE, IDLE = 12 * 3_600, 30 * 60


def left(browser) -> tuple[int, int]:
    answer = browser.client.get("/connexion/reste").get_json()
    return answer["idle"], answer["whole"]


def test_without_a_session_nothing_is_left(browser):
    assert left(browser) == (0, 0)


@pytest.mark.parametrize("seconds", [0, 59, IDLE - 1])
def test_asking_is_no_use_of_the_session(browser, clock, seconds):
    browser.logs_in()
    clock.advance(seconds=seconds)

    assert left(browser) == (IDLE - seconds, LIFE - seconds)
    assert left(browser) == (IDLE - seconds, LIFE - seconds)

    clock.advance(seconds=IDLE - seconds)
    assert left(browser) == (0, 0)
    assert not browser.is_logged_in()


def test_a_use_of_the_session_gives_it_its_half_hour_again(browser, clock):
    browser.logs_in()
    clock.advance(minutes=29)

    assert browser.is_logged_in()

    assert left(browser) == (IDLE, LIFE - 29 * 60)


def test_no_use_makes_it_longer_than_twelve_hours(browser, clock):
    browser.logs_in()
    for _ in range(35):
        clock.advance(minutes=20)
        assert browser.is_logged_in()

    assert left(browser) == (20 * 60, 20 * 60)

    clock.advance(minutes=20)
    assert left(browser) == (0, 0)


def test_a_page_that_tells_of_a_fault_does_not_ask(app, browser):
    browser.logs_in()
    db = app.extensions["broker"][Database]
    with db.transaction():
        db.execute(text("ALTER TABLE session RENAME TO lost"))

    answer = browser.client.get("/mon-compte")

    assert answer.status_code == 500
    assert "Le service rencontre un problème" in answer.text

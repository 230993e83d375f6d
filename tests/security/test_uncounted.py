"""A try that cannot be counted is not compared: right or wrong, nobody gets in."""

import pytest
from sqlalchemy import text

from broker.base.db import Database


@pytest.fixture
def counts_are_lost(app):
    """Return a function that takes the table of the counters away."""

    def lose() -> None:
        db = app.extensions["broker"][Database]
        with db.transaction():
            db.execute(text("ALTER TABLE limit_counter RENAME TO limit_lost"))

    return lose


def test_a_login_that_cannot_be_counted_is_refused(browser, counts_are_lost):
    browser.logs_in(se_souvenir="oui")
    browser.posts("/deconnexion")
    counts_are_lost()

    right = browser.gives_password()
    wrong = browser.gives_password("Autre&Violon7")

    assert (right.status_code, wrong.status_code) == (500, 500)
    assert not browser.is_logged_in()


def test_a_code_that_cannot_be_counted_is_refused(browser, counts_are_lost):
    asked = browser.gives_password()
    code = browser.mailed_code()
    counts_are_lost()

    assert browser.gives_code(asked, code).status_code == 500
    assert not browser.is_logged_in()

"""What the trail cannot record does not happen, and what would have been used up is not."""

import pytest
from sqlalchemy import text

from broker.base.db import Database


@pytest.fixture
def trail(app):
    """Return a function that takes the table of events away, or brings it back."""
    db = app.extensions["broker"][Database]

    def take(*, gone: bool) -> None:
        start, end = ("audit_event", "lost") if gone else ("lost", "audit_event")
        with db.transaction():
            db.execute(text(f"ALTER TABLE {start} RENAME TO {end}"))

    return take


def test_no_token_is_issued_that_the_trail_does_not_know(app, partner, holder, trail):
    holder.logs_in()
    code = partner.code()
    db = app.extensions["broker"][Database]
    tokens = text("SELECT count(*) FROM oidc_access_token")
    before = db.scalar(tokens)

    trail(gone=True)
    refused = partner.redeems(code)
    during = db.scalar(tokens)
    trail(gone=False)
    answered = partner.redeems(code)

    assert (refused.status_code, refused.get_json()["error"]) == (500, "server_error")
    assert during == before
    assert answered.status_code == 200


def test_no_session_is_opened_that_the_trail_does_not_know(browser, trail):
    asked = browser.gives_password()
    code = browser.mailed_code()

    trail(gone=True)
    refused = browser.gives_code(asked, code)
    inside = browser.is_logged_in()
    trail(gone=False)
    answered = browser.gives_code(asked, code)

    assert (refused.status_code, inside) == (500, False)
    assert answered.status_code == 303
    assert browser.is_logged_in()

"""What a person recognises a remembered browser by."""

import pytest
from flask import render_template

from broker.sessions.memory import label

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.mark.parametrize(("agent", "shown"), [(FIREFOX, "Firefox, Windows"), ("curl/8", "")])
def test_a_browser_is_named_by_its_maker_and_system(agent, shown):
    assert label(agent) == shown


def test_the_account_page_says_that_it_does_not_know_a_browser(app):
    browser = {"label": "", "since": "1", "until": "2", "id": "x", "current": False}

    with app.test_request_context("/mon-compte"):
        page = render_template(
            "sessions/account.html",
            person={"given_names": "A", "family_name": "B"},
            masked_email="a***",
            undelivered=None,
            last_login=None,
            tied_since=None,
            browsers=[browser],
            status=200,
        )

    assert "Navigateur inconnu" in page

"""Logging in for another service: what it may ask, and where the person goes on to."""

import pytest

from broker.sessions.model import LoginRequest
from broker.sessions.requests import LoginRequests
from broker.sessions.sessions import Sessions
from tests.unit.sessions.conftest import LoginPage


def asked_by(app, browser: LoginPage, **changes) -> str:
    """Open a request of a partner in that browser; return its id."""
    requests = app.extensions["broker"][LoginRequests]
    values = {
        "id": "demande-1",
        "requester": "Ma retraite",
        "client_id": "retraite",
        "return_to": "/authorize/suite?demande=demande-1",
        "cancel_to": "/authorize/annulation?demande=demande-1",
        "browser": browser.ref(),
        "created_at": requests.clock(),
    }
    requests.open(LoginRequest(**{**values, **changes}))
    return "demande-1"


def session_of(app, browser: LoginPage):
    return app.extensions["broker"][Sessions].of(browser.session_cookie())


def test_a_login_goes_back_to_the_request_it_was_made_for(app, browser):
    demande = asked_by(app, browser)

    answer = browser.gives_code(browser.gives_password(demande=demande))

    assert answer.headers["Location"] == "/authorize/suite?demande=demande-1"
    assert session_of(app, browser).login_request_id == demande
    assert session_of(app, browser).amr == ("pwd", "otp")
    assert session_of(app, browser).acr == "eidas1"


def test_the_page_names_who_asks_and_offers_to_give_up(app, browser):
    demande = asked_by(app, browser)

    page = browser.client.get(f"/connexion?demande={demande}").get_data(as_text=True)
    left = browser.posts("/connexion/annuler", demande=demande)

    assert "Annuler et revenir à Ma retraite" in page
    assert left.headers["Location"] == "/authorize/annulation?demande=demande-1"


def test_giving_up_is_offered_at_the_code_too(app, browser):
    asked = browser.gives_password(demande=asked_by(app, browser))
    attempt = asked.headers["Location"].split("tentative=")[1]

    left = browser.posts("/connexion/annuler", tentative=attempt)

    assert left.headers["Location"] == "/authorize/annulation?demande=demande-1"


@pytest.mark.parametrize(
    ("changes", "code"),
    [({}, False), ({"code": "always"}, True), ({"from_franceconnect": True}, True)],
    ids=["usual", "always", "franceconnect"],
)
def test_who_asks_decides_whether_a_remembered_browser_gives_a_code(
    app, browser, clock, changes, code
):
    browser.logs_in(se_souvenir="oui")
    clock.advance(seconds=1)

    answer = browser.gives_password(demande=asked_by(app, browser, **changes))

    assert ("/connexion/code" in answer.headers["Location"]) is code


def test_franceconnect_is_not_offered_to_whoever_comes_from_it(app, browser):
    demande = asked_by(app, browser, from_franceconnect=True, offers_franceconnect=False)

    page = browser.client.get(f"/connexion?demande={demande}").get_data(as_text=True)
    answer = browser.posts("/connexion/franceconnect", demande=demande)

    assert "Se connecter avec FranceConnect" not in page
    assert "Retourner sur FranceConnect" in page
    assert answer.status_code == 410


def test_a_request_is_of_no_use_in_another_browser(app, browser, another_browser):
    demande = asked_by(app, browser)

    assert another_browser.client.get(f"/connexion?demande={demande}").status_code == 410
    assert another_browser.gives_password(demande=demande).status_code == 410


@pytest.mark.parametrize(("seconds", "status"), [(3_599, 200), (3_600, 410)])
def test_a_request_waits_one_hour(app, browser, clock, seconds, status):
    demande = asked_by(app, browser)
    clock.advance(seconds=seconds)

    assert browser.client.get(f"/connexion?demande={demande}").status_code == status

"""Who opens a page of the account without being logged in lands there after the login."""

import re

import pytest
from sqlalchemy import select

from broker.base.db import Database
from broker.sessions.account_pages import AccountPages
from broker.sessions.tables import REQUEST

PAGES = AccountPages(
    frozenset({"/mon-compte/connexions", "/mon-compte", "/connexion", "/mon-compte/<token>"})
)
OURS = [
    "/mon-compte/connexions/fermer?connexion=a-B_c",
    "/mon-compte/services/arreter?service=caf%3A1",
    "/mon-compte/recus?page=2",
    "/mon-compte/franceconnect",
    "/mon-compte/mes-donnees",
]
NOT_OURS = [
    "",
    "https://ailleurs.example/mon-compte/connexions",
    "//ailleurs.example/mon-compte/connexions",
    "/\\ailleurs.example",
    "javascript:alert(1)",
    "mon-compte/connexions",
    "/mon-compte/../deconnexion",
    "/mon-compte/connexions/../../deconnexion",
    "/mon-compte/%2e%2e/deconnexion",
    "/mon-compte//ailleurs.example",
    "/mon-compte/connexions@ailleurs.example",
    "/mon-compte/connexions#ailleurs",
    "/mon-compte/connexions\r\nSet-Cookie: a=b",
    "/mon-compte/connexions\n",
    "/mon-compte/connexions?a=\r\nSet-Cookie: a=b",
    "/mon-compte/connexions?retour=https://ailleurs.example",
    " /mon-compte/connexions",
    "/Mon-compte/connexions",
    "/mon-compte/connexions/",
    "/mon-compte/nulle-part",
    "/connexion",
    "/deconnexion",
    "/authorize?client_id=a",
    "/mon-compte/connexions?" + "a" * 201,
]


@pytest.mark.parametrize("address", OURS)
def test_the_login_goes_on_to_the_page_asked(browser, address):
    asked = browser.client.get(address)
    page = browser.client.get(asked.headers["Location"]).get_data(as_text=True)
    (towards,) = set(re.findall(r'name="vers" value="([^"]+)"', page))

    answer = browser.gives_code(browser.gives_password(vers=towards))

    assert answer.headers["Location"] == address
    assert browser.is_logged_in()


def test_a_wrong_password_first_changes_nothing_of_it(browser):
    refused = browser.gives_password("Autre&Chose12", vers="/mon-compte/connexions")
    (demande,) = set(re.findall(r'name="demande" value="([^"]+)"', refused.get_data(as_text=True)))

    answer = browser.gives_code(browser.gives_password(demande=demande))

    assert answer.headers["Location"] == "/mon-compte/connexions"


@pytest.mark.parametrize("address", NOT_OURS)
def test_no_other_address_is_a_page_of_the_account(address):
    assert PAGES.asked(address) is None


@pytest.mark.parametrize(
    "address",
    ["//ailleurs.example/mon-compte/recus", "/mon-compte/recus\n", "/mon-compte/navigateurs"],
)
def test_a_login_goes_nowhere_but_to_a_page_of_the_account(browser, address):
    page = browser.client.get("/connexion", query_string={"vers": address})

    answer = browser.gives_code(browser.gives_password(vers=address))

    assert 'name="vers"' not in page.get_data(as_text=True)
    assert answer.headers["Location"] == "/mon-compte"


def test_the_account_itself_needs_no_address(browser):
    assert browser.client.get("/mon-compte?a=b").headers["Location"] == "/connexion"


def test_opening_the_login_page_keeps_nothing(app, browser):
    browser.client.get("/mon-compte/recus", follow_redirects=True)

    assert app.extensions["broker"][Database].all(select(REQUEST)) == []


@pytest.mark.parametrize("seconds", [3_599, 3_600])
def test_once_the_login_has_waited_too_long_it_is_asked_by_the_page_again(browser, clock, seconds):
    attempt = browser.gives_password(vers="/mon-compte/recus")
    clock.advance(seconds=seconds)

    page = browser.client.get(attempt.headers["Location"])

    assert page.status_code == (200 if seconds < 3_600 else 410)
    assert ('href="/mon-compte/recus"' in page.get_data(as_text=True)) is (seconds == 3_600)


@pytest.mark.parametrize(("length", "taken"), [(200, True), (201, False)])
def test_what_follows_the_question_mark_has_its_length(length, taken):
    address = "/mon-compte/connexions?" + "a" * length

    assert PAGES.asked(address) == (address if taken else None)


def test_an_address_that_takes_values_is_none_of_them():
    assert PAGES.asked("/mon-compte/<token>") is None

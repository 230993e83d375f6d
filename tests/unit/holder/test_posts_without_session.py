"""A form of the account that is sent after the end of the session: said, and a way back to it."""

import re
from html import unescape

import pytest

from tests.unit.ties.conftest import words

BACK = re.compile(r'<a class="button" href="([^"]+)">Recommencer la connexion</a>')
POSTED = [
    "/mon-compte/adresse-e-mail",
    "/mon-compte/connexions/fermer",
    "/mon-compte/coordonnees",
    "/mon-compte/fermeture",
    "/mon-compte/franceconnect",
    "/mon-compte/mes-donnees",
    "/mon-compte/mot-de-passe",
    "/mon-compte/navigateurs",
    "/mon-compte/pas-moi",
    "/mon-compte/services",
]
WITHOUT_PAGE = {"/mon-compte/navigateurs"}  # its button stands on the first page of the account


@pytest.fixture
def posts(browser):
    """Return a function that sends a form without being logged in, from a page of that address."""

    def send(path: str, referrer: str | None = None):
        browser.client.environ_base["HTTP_REFERER"] = referrer
        answer = browser.posts(path)
        del browser.client.environ_base["HTTP_REFERER"]
        return answer

    return send


def way_back(answer) -> str:
    (address,) = BACK.findall(answer.text)
    return unescape(address)


def test_every_form_of_the_account_is_tried(app):
    rules = app.url_map.iter_rules()
    found = {
        rule.rule for rule in rules if "POST" in rule.methods and rule.rule.startswith("/mon-")
    }

    assert sorted(found) == POSTED


@pytest.mark.parametrize("path", POSTED)
def test_it_says_so_and_the_login_goes_on_to_the_page_of_the_form(browser, path):
    answer = browser.posts(path)
    login = browser.client.get(way_back(answer))
    towards = dict.fromkeys(re.findall(r'name="vers" value="([^"]+)"', login.text))

    assert answer.status_code == 401
    assert "ce que vous venez d'envoyer n'a pas été enregistré" in words(answer)
    assert list(towards) == ([] if path in WITHOUT_PAGE else [path])


def test_the_way_back_keeps_what_the_page_was_about(posts, browser):
    shown = "http://localhost/mon-compte/connexions/fermer?connexion=a-B_c"

    back = way_back(posts("/mon-compte/connexions/fermer", shown))
    page = browser.client.get(back).text

    assert 'name="vers" value="/mon-compte/connexions/fermer?connexion=a-B_c"' in page


@pytest.mark.parametrize(
    "shown",
    [
        "https://ailleurs.example/",
        "https://ailleurs.example//ailleurs.example/mon-compte",
        "x",
        "[",
    ],
)
def test_no_other_address_is_led_back_to(posts, shown):
    assert (
        way_back(posts("/mon-compte/fermeture", shown)) == "/connexion?vers=/mon-compte/fermeture"
    )

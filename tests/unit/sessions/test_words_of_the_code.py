"""What is said around a code by site, app and mail: where it went, until when, how often."""

import email
import email.policy
import re
from html import unescape

import pytest
from sqlalchemy import select

from broker.foundation import Foundation
from broker.mail.store import MAIL
from tests.conftest import test_settings
from tests.unit.sessions.conftest import NIR, PASSWORD, LoginPage
from tests.unit.sessions.test_login_requests import asked_by
from tests.unit.signup.visitor import words

PLACES = pytest.mark.parametrize("place", ["/connexion", "/app/connexion"], ids=["site", "app"])
PHONE = "Mozilla/5.0 (Android 14; Mobile; rv:128.0) Gecko/128.0 Firefox/128.0"
MADE_UP = "Votre conseiller, appelez le 01 23 45 67 89"
LAST = re.compile(r"Il vous reste [^.]+\.")


@pytest.fixture
def settings(sqlite_url):
    return test_settings(
        sqlite_url, BROKER_LIMIT_CODE_TRIES="5", BROKER_LIMIT_CODE_RESEND_WAIT="60"
    )


def asks(browser: LoginPage, place: str) -> str:
    """Give the right password; return the address of the page of the code."""
    return browser.posts(place, nir=NIR, mot_de_passe=PASSWORD).location


def tries(browser: LoginPage, asked: str, times: int) -> str:
    """Type a wrong code that many times; return the last page as it is read."""
    address, attempt = asked.split("?tentative=")
    wrong = "000000" if browser.mailed_code() != "000000" else "111111"
    for _ in range(times):
        answer = browser.posts(address, tentative=attempt, code=wrong)
    return unescape(words(answer))


@PLACES
@pytest.mark.parametrize(
    ("wrong", "warned"),
    [
        (1, []),
        (2, ["Il vous reste 3 essais avec ce code."]),
        (4, ["Il vous reste 1 essai avec ce code."]),
        (5, []),
    ],
)
def test_the_last_three_tries_are_told(browser, place, wrong, warned):
    asked = asks(browser, place)

    page = tries(browser, asked, wrong)

    assert LAST.findall(page) == warned
    assert ("il ne sert plus" in page) == (wrong == 5)
    assert ("<details open>" in page) == (wrong == 5)


@PLACES
def test_the_page_tells_where_the_code_is_until_when_and_what_if_none_comes(browser, place):
    page = unescape(words(browser.client.get(asks(browser, place))))

    form, help_below = page.index('name="code"'), page.index("<details>")
    assert form < help_below
    for told in ("6 chiffres", "p***@e***.fr", "12:10", "courriers indésirables"):
        assert told in page[:form]
    for told in ("Un problème avec le code ?", "12:01", "Je n'ai plus accès à cette", "36 46"):
        assert told in page[help_below:]
    assert f'action="{place}/code/renvoyer"' in page[help_below:]


@PLACES
def test_each_sending_shows_its_time(browser, clock, place):
    asked = asks(browser, place)
    first = words(browser.client.get(asked))
    clock.advance(seconds=120)

    browser.posts(f"{place}/code/renvoyer", tentative=asked.split("?tentative=")[1])

    again = words(browser.client.get(asked))
    assert ", à 12:00." in first
    assert ", à 12:02." in again
    assert ", à 12:00." not in again


@pytest.mark.parametrize("part", ["plain", "html"])
@pytest.mark.parametrize(
    "named", ["votre compte ameli", "Ma retraite"], ids=["the account", "a partner"]
)
def test_the_mail_says_who_asks_when_until_when_and_what_if_one_asked_nothing(
    app, browser, part, named
):
    asked = {"demande": asked_by(app, browser)} if named == "Ma retraite" else {}
    browser.gives_password(**asked)

    mail = mailed(app, part)

    for said in (
        rf"pour {named}, demandé le \d\d/\d\d/\d{{4}} à 12:00 :",
        r"valable jusqu'à 12:10 et ne sert qu'une fois",
        r"Ne le communiquez à personne",
        r"Vous n'avez rien demandé \?",
        r"changez votre mot de passe",
    ):
        assert re.search(said, mail), said


@pytest.mark.parametrize("part", ["plain", "html"])
@pytest.mark.parametrize(
    ("agent", "said"),
    [(PHONE, "12:00, depuis Firefox sur Android."), (MADE_UP, "12:00. Le code")],
    ids=["known", "made up"],
)
def test_the_mail_names_the_browser_in_our_words_alone(app, browser, agent, said, part):
    browser.client.environ_base["HTTP_USER_AGENT"] = agent
    browser.gives_password()

    mail = mailed(app, part)

    assert f"Demande reçue : 02/03/2026 à {said}" in mail
    assert "conseiller, appelez" not in mail


def test_another_code_names_the_browser_too(app, browser, clock):
    browser.client.environ_base["HTTP_USER_AGENT"] = PHONE
    asked = browser.gives_password()
    clock.advance(seconds=60)

    browser.posts("/connexion/code/renvoyer", tentative=asked.location.split("tentative=")[1])

    assert "12:01, depuis Firefox sur Android." in mailed(app, "plain")


def mailed(app, part: str) -> str:
    """Return that part of the only mail, as it is read."""
    f = app.extensions["broker"][Foundation]
    (row,) = f.db.all(select(MAIL).where(MAIL.c.content.is_not(None)))
    message = email.message_from_string(
        f.vault.open(MAIL.c.content, row.content), policy=email.policy.default
    )
    text = re.sub(r"<[^>]+>", "", message.get_body((part,)).get_content())
    return " ".join(unescape(text).split())

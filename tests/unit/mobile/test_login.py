"""Logging in with the app: the one message, then the code, into the same session as the site's."""

import re

import pytest
from flask import Flask

from broker.sessions.login import Login
from tests.unit.sessions.conftest import NIR, PASSWORD, LoginPage, account, browser
from tests.unit.signup.visitor import words

__all__ = ["account", "browser"]
LOGIN, CODE = "/app/connexion", "/app/connexion/code"


def attempt_of(answer) -> str:
    assert answer.location.startswith(f"{CODE}?tentative=")
    return answer.location.split("=")[1]


def gives_password(browser: LoginPage, password: str = PASSWORD, nir: str = NIR):
    return browser.posts(LOGIN, nir=nir, mot_de_passe=password)


def test_the_password_then_the_code_open_the_account(browser):
    attempt = attempt_of(gives_password(browser))
    screen = words(browser.client.get(f"{CODE}?tentative={attempt}"))
    assert "p***@e***.fr" in screen
    assert f'action="{CODE}"' in screen

    answer = browser.posts(CODE, tentative=attempt, code=browser.mailed_code())

    assert answer.location == "/mon-compte"
    assert browser.is_logged_in()
    assert browser.client.get("/app").location == "/mon-compte"


@pytest.mark.parametrize(("password", "nir"), [("Autre&Mot7", NIR), (PASSWORD, "2640531555999")])
def test_wrong_and_unknown_are_one_answer(browser, password, nir):
    answer = gives_password(browser, password, nir)

    assert answer.status_code == 422
    shown = words(answer).replace(nir, "NIR")
    assert "Votre numéro de sécurité sociale ou votre mot de passe est incorrect." in shown
    other = words(gives_password(browser, "Encore&Autre7", nir)).replace(nir, "NIR")
    assert without_token(shown) == without_token(other)


def test_a_wrong_code_is_told_and_emptied(browser):
    attempt = attempt_of(gives_password(browser))
    wrong = "000000" if browser.mailed_code() != "000000" else "111111"

    answer = browser.posts(CODE, tentative=attempt, code=wrong)

    assert answer.status_code == 422
    assert "est pas le bon. Vérifiez" in words(answer)
    assert wrong not in answer.text


def test_another_code_can_be_sent(browser, clock):
    attempt = attempt_of(gives_password(browser))
    first = browser.mailed_code()
    clock.advance(seconds=61)

    answer = browser.posts(f"{CODE}/renvoyer", tentative=attempt)

    assert attempt_of(answer) == attempt
    second = browser.mailed_code()
    refused = first != second and browser.posts(CODE, tentative=attempt, code=first)
    assert not refused or refused.status_code == 422
    assert browser.posts(CODE, tentative=attempt, code=second).location == "/mon-compte"


def test_a_login_that_is_over_begins_again_in_the_app(browser):
    answer = browser.client.get(f"{CODE}?tentative=unknown")

    assert answer.status_code == 410
    assert f'href="{LOGIN}"' in answer.text


def test_failures_in_the_app_slow_the_site_too(app: Flask, browser):
    login = app.extensions["broker"][Login]
    limits = login.limits.model_copy(update={"login_pair_count": 1, "login_pair_wait": 900})
    throttle = login.throttle.__class__(**{**vars(login.throttle), "limits": limits})
    app.extensions["broker"][Login] = login.__class__(**{**vars(login), "throttle": throttle})
    gives_password(browser, "Autre&Mot7")

    assert browser.gives_password().status_code == 429
    assert gives_password(browser).status_code == 429


def without_token(page: str) -> str:
    return re.sub(r'(?<=name="jeton_formulaire" value=")[^"]*', "", page)

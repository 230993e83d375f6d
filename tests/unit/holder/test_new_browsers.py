"""Logins from unknown browsers are told together, at the address that the account had."""

import json
import re

import pytest

from broker.accounts.new_browsers import LOGIN, NewBrowsers
from broker.accounts.protection import Protection
from broker.audit.store import AuditStore
from broker.base.db import Database
from tests.conftest import test_settings
from tests.unit.sessions.conftest import PASSWORD
from tests.unit.ties.test_parallel_ties import at_once

KIND = "new_browser"


@pytest.fixture
def settings(database_url):
    return test_settings(database_url, BROKER_LIMIT_NEW_BROWSER_MAIL_WAIT="300")


@pytest.fixture
def logs_in(browser, another_browser):
    """Return a function that logs in from an unknown browser; the first login asks its code."""
    browser.logs_in_here(se_souvenir="oui")

    def log_in() -> str:
        another_browser.logs_in_here()
        return another_browser.session().auth_event_id

    return log_in


@pytest.fixture
def tell(bench):
    return bench.of(NewBrowsers).tell


def text(mail: str) -> str:
    plain = mail.partition("Content-Type: text/html")[0]
    return plain.replace("=\r\n", "").replace("=\n", "")


@pytest.mark.parametrize(("seconds", "told"), [(299, 0), (300, 1)])
def test_a_login_is_told_five_minutes_later(bench, logs_in, tell, clock, seconds, told):
    login = logs_in()

    clock.advance(seconds=seconds)

    assert (tell(), tell()) == (told, 0)
    assert [login in text(mail) for mail in bench.mails(KIND)] == [True] * told


def test_those_that_follow_are_told_in_the_same_mail(bench, logs_in, tell, clock):
    logins = []
    for _ in range(3):
        logins.append(logs_in())
        clock.advance(minutes=1)
    clock.advance(minutes=2)

    assert tell() == 1
    clock.advance(minutes=10)
    assert tell() == 0

    (mail,) = bench.mails(KIND)
    assert (
        re.findall(r"^- le .* r=C3=A9f=C3=A9rence (\S+?)\r?$", text(mail), re.MULTILINE) == logins
    )
    assert "Subject: Nouvelles connexions" in mail


def test_each_reference_of_the_mail_is_known_to_the_trail(bench, logs_in, tell, clock):
    first, second = logs_in(), logs_in()
    clock.advance(minutes=5)
    tell()

    (mail,) = bench.mails(KIND)
    for login in (first, second):
        assert login in mail
        found = bench.of(AuditStore).search(term=login)  # as an adviser asks it
        assert {"otp.ok", "session.created"} <= {json.loads(body)["type"] for body in found}


def test_several_workers_send_one_mail(bench, logs_in, tell, clock):
    logs_in()
    logs_in()
    clock.advance(minutes=6)

    sent = at_once(lambda _number: tell(), 8)

    assert sum(sent) == 1
    assert len(bench.mails(KIND)) == 1


def test_a_changed_address_is_told_at_the_former_one(
    bench, browser, another_browser, logs_in, tell, clock
):
    logs_in()
    another_browser.posts(
        "/mon-compte/adresse-e-mail",
        email="intrus@exemple.fr",
        email_confirmation="intrus@exemple.fr",
        mot_de_passe_actuel=PASSWORD,
    )
    another_browser.client.get(f"/adresse-e-mail/{bench.link('address_confirm').reveal()}")
    assert another_browser.posts("/adresse-e-mail").status_code == 303
    clock.advance(minutes=5)

    tell()

    (mail,) = bench.mails(KIND)
    assert "To: claire@exemple.fr" in mail
    browser.client.get(f"/pas-moi/{bench.link(KIND).reveal()}")
    assert browser.posts("/pas-moi").status_code == 303
    assert not another_browser.is_logged_in()


def test_once_the_account_was_taken_back_nothing_more_is_told(bench, logs_in, tell, clock):
    logs_in()
    clock.advance(minutes=5)
    tell()
    logs_in()

    bench.of(Protection).report(bench.link(KIND))
    clock.advance(minutes=5)

    assert tell() == 0
    assert bench.of(Database).all(LOGIN.select()) == []


def test_a_closed_account_is_told_nothing(bench, browser, another_browser, logs_in, tell, clock):
    logs_in()
    another_browser.posts("/mon-compte/fermeture", mot_de_passe_actuel=PASSWORD, fermer="oui")
    clock.advance(minutes=5)

    assert tell() == 0
    assert len(bench.mails("account_closed")) == 1
    assert not browser.is_logged_in()

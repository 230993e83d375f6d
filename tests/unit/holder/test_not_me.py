"""«Ce n'est pas moi»: a holder who has not done what a mail tells of takes the account back."""

import pytest

from broker.accounts.accounts import Accounts
from broker.accounts.model import DeadLink
from broker.accounts.passwords import Passwords
from broker.accounts.protection import Protection
from broker.base.crypto import Secret
from broker.cases.cases import Cases
from tests.unit.accounts.builders import NIR
from tests.unit.sessions.conftest import PASSWORD
from tests.unit.ties.conftest import words
from tests.unit.ties.test_parallel_ties import at_once

PAGE = "/pas-moi"
HERE = "/mon-compte/pas-moi"


@pytest.fixture
def intruder(browser, another_browser):
    """Somebody who logs in from a browser that the account has never seen."""
    browser.logs_in_here(se_souvenir="oui")
    another_browser.logs_in_here(se_souvenir="oui")
    return another_browser


@pytest.fixture
def link(bench, intruder):
    assert intruder.is_logged_in()
    return bench.link("new_browser").reveal()


def test_opening_the_link_changes_nothing(browser, intruder, link):
    landed = browser.client.get(f"{PAGE}/{link}")

    assert landed.location == PAGE
    page = words(browser.client.get(PAGE))
    assert "Ce n'était pas vous ?" in page
    assert "redevient" not in page
    assert intruder.is_logged_in()


def test_its_button_throws_the_intruder_out_and_asks_for_a_new_password(
    bench, browser, intruder, link, account
):
    login = intruder.session().auth_event_id
    browser.client.get(f"{PAGE}/{link}")

    assert browser.posts(PAGE).location == "/nouveau-mot-de-passe"
    assert not intruder.is_logged_in()
    assert not bench.of(Passwords).verify(bench.of(Accounts).get(account.id), Secret(PASSWORD))
    (report,) = bench.events("account.intrusion.reported")
    (case,) = bench.of(Cases).every()
    assert report["auth_event_id"] == case.auth_event_id == login
    assert report["subject_ref"] == case.subject_ref
    new = {"mot_de_passe": "Cerises&Piano8", "mot_de_passe_confirmation": "Cerises&Piano8"}
    assert browser.posts("/nouveau-mot-de-passe", **new).location == "/mot-de-passe-change"
    step = browser.gives_password("Cerises&Piano8", NIR.value)
    assert step.location.startswith("/connexion/code")


def test_what_an_intruder_tied_is_untied(browser, intruder, link, opened):
    intruder.ties()
    browser.client.get(f"{PAGE}/{link}")

    browser.posts(PAGE)

    assert opened() is None


@pytest.mark.usefixtures("intruder")
def test_a_new_password_of_the_intruder_does_not_kill_the_link(intruder, browser, link):
    intruder.posts(
        "/mon-compte/mot-de-passe",
        mot_de_passe_actuel=PASSWORD,
        mot_de_passe="Intrus&Piano8",
        mot_de_passe_confirmation="Intrus&Piano8",
    )

    assert browser.client.get(f"{PAGE}/{link}").location == PAGE
    assert browser.posts(PAGE).status_code == 303


def test_the_link_works_for_a_week_and_once(browser, link, clock):
    clock.advance(days=7)
    browser.client.get(f"{PAGE}/{link}")
    assert browser.posts(PAGE).status_code == 303
    assert browser.client.get(f"{PAGE}/{link}").status_code == 410


def test_after_a_week_it_is_dead(browser, link, clock):
    clock.advance(days=7, seconds=1)

    assert browser.client.get(f"{PAGE}/{link}").status_code == 410


def test_of_parallel_reports_one_has_an_effect(bench, link):
    protection = bench.of(Protection)

    def report(_number):
        try:
            return protection.report(Secret(link))
        except DeadLink:
            return None

    answers = at_once(report, 8)

    assert len([answer for answer in answers if answer]) == 1
    assert len(bench.events("account.intrusion.reported")) == 1


def test_from_the_account_page_everything_else_ends(bench, browser, intruder):
    assert "Quelqu'un d'autre utilise votre compte ?" in words(browser.client.get(HERE))
    assert intruder.is_logged_in()

    answer = browser.posts(HERE)

    assert answer.location == "/mon-compte/pas-moi/signale"
    said = words(browser.client.get(answer.location))
    assert "Nous avons reçu votre signalement" in said
    assert 'href="/mon-compte/mot-de-passe"' in said
    assert browser.is_logged_in()
    assert not intruder.is_logged_in()
    assert len(bench.events("account.intrusion.reported")) == 1

"""A holder sees which browsers are logged in, and ends those that are not this one."""

import re

import pytest

from broker.base.db import Database
from broker.sessions.sessions import Sessions
from tests.unit.sessions.conftest import PASSWORD
from tests.unit.ties.conftest import words

PAGE = "/mon-compte/connexions"
END = f"{PAGE}/fermer"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile Safari/604.1"
DESK = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def both(browser, another_browser, clock):
    """Two browsers that are logged in: this one since noon, a phone five minutes later."""
    browser.client.environ_base["HTTP_USER_AGENT"] = DESK
    another_browser.client.environ_base["HTTP_USER_AGENT"] = PHONE
    browser.logs_in_here()
    clock.advance(minutes=5)
    another_browser.logs_in_here(se_souvenir="oui")
    return browser, another_browser


def test_each_browser_is_named_with_its_times_and_this_one_is_marked(browser, both, clock):
    clock.advance(minutes=2)

    page = words(browser.client.get(PAGE))

    lines = re.findall(
        r"<strong>(.*?)</strong>(.*?)<br>\s*<span class=\"hint\">(.*?)</span>", page
    )
    assert lines == [
        (
            "Firefox sur Windows",
            " (celle-ci)",
            "Ouverte le 02/03/2026, 12:00. Dernière activité le 02/03/2026, 12:07.",
        ),
        (
            "Safari sur iPhone",
            "",
            "Ouverte le 02/03/2026, 12:05. Dernière activité le 02/03/2026, 12:05.",
        ),
    ]
    assert both[1].ref() not in page


def test_the_page_that_asks_ends_nothing(browser, both):
    page = words(browser.client.get(END, query_string={"connexion": both[1].session().sid}))

    assert "Fermer cette connexion ?" in page
    assert "Safari sur iPhone" in page
    assert both[1].is_logged_in()


@pytest.mark.parametrize("named", [True, False], ids=["one", "all others"])
def test_the_other_one_ends_and_this_one_goes_on(bench, browser, both, named):
    ended = both[1].session()

    answer = browser.posts(END, connexion=ended.sid if named else "", mot_de_passe=PASSWORD)

    assert answer.location == PAGE
    assert browser.is_logged_in()
    assert not both[1].is_logged_in()
    (event,) = (e for e in bench.events("session.ended") if e["reason_code"] == "ended_by_holder")
    assert event["auth_event_id"] == ended.auth_event_id
    assert "nulle part ailleurs" in words(browser.client.get(PAGE))


@pytest.mark.parametrize(("minutes", "status"), [(4, 303), (5, 422)])
def test_the_password_is_asked_once_the_login_is_five_minutes_old(
    browser, another_browser, clock, minutes, status
):
    another_browser.logs_in_here()
    browser.logs_in_here()
    clock.advance(minutes=minutes)

    asked = "Votre mot de passe" in words(browser.client.get(END))
    answer = browser.posts(END)

    assert asked is (status == 422)
    assert answer.status_code == status
    assert another_browser.is_logged_in() is (status == 422)


def test_a_wrong_password_ends_nothing_and_says_so(browser, both):
    answer = browser.posts(END, mot_de_passe="Autre&Violon7")

    assert answer.status_code == 422
    assert "Ce mot de passe n'est pas le bon." in words(answer)
    assert both[1].is_logged_in()


def test_a_remembered_browser_stays_so_when_its_session_ends(browser, both):
    browser.posts(END, mot_de_passe=PASSWORD)

    assert "celui-ci" not in words(browser.client.get("/mon-compte"))
    assert both[1].logs_in_without_code()


def test_a_login_that_waits_for_its_code_ends_with_all_others(browser, another_browser):
    browser.logs_in_here()
    waiting = another_browser.waits_for_code()

    browser.posts(END)

    assert another_browser.gives_code(waiting).status_code == 410


def test_neither_this_session_nor_a_stranger_s_can_be_named(bench, browser, both):
    mine, gone = browser.session().sid, both[1].session()
    browser.posts(END, connexion=mine, mot_de_passe=PASSWORD)
    browser.posts(END, connexion="unknown", mot_de_passe=PASSWORD)
    with bench.of(Database).transaction():
        bench.of(Sessions).end(gone, "logout")

    again = browser.client.get(END, query_string={"connexion": gone.sid})

    assert browser.is_logged_in()
    assert again.location == PAGE
    assert [e["reason_code"] for e in bench.events("session.ended")] == ["logout"]


@pytest.mark.usefixtures("both")
def test_a_session_that_ran_out_is_not_listed(browser, clock):
    clock.advance(minutes=20)
    browser.client.get(PAGE)
    clock.advance(minutes=10)

    page = words(browser.client.get(PAGE))

    assert "Safari sur iPhone" not in page
    assert "Firefox sur Windows" in page


def test_all_remembered_browsers_are_forgotten_at_once(bench, browser, another_browser):
    browser.logs_in_here(se_souvenir="oui")
    another_browser.logs_in_here(se_souvenir="oui")

    answer = browser.posts("/mon-compte/navigateurs", navigateur="tous")

    assert answer.location == "/mon-compte"
    assert "Aucun navigateur n'est mémorisé" in words(browser.client.get("/mon-compte"))
    assert not another_browser.logs_in_without_code()
    assert len(bench.events("browser.forgotten")) == 2


def test_nobody_else_may_look_or_post(another_browser):
    assert another_browser.client.get(PAGE).location == f"/connexion?vers={PAGE}"
    assert another_browser.client.get(END).location == f"/connexion?vers={END}"
    assert another_browser.posts(END).status_code == 401

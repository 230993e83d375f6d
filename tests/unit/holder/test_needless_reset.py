"""Who logs in with the password needs no link to choose another: the one that waits is dead."""

import pytest

from broker.sessions.sessions import Sessions
from tests.unit.accounts.builders import NIR

WRONG = ("000000", "000001")  # one of them at least is not the code


@pytest.fixture
def forgets(bench, another_browser):
    """Return a function that asks for a link, and returns one that tells whether it is alive."""

    def ask():
        another_browser.posts("/mot-de-passe-oublie", nir=NIR.value, date_naissance="14/07/1985")
        link = f"/mot-de-passe-oublie/{bench.link('reset').reveal()}"

        def is_alive() -> bool:
            status = another_browser.client.get(link, follow_redirects=True).status_code
            assert status in {200, 410}
            return status == 200

        return is_alive

    return ask


def test_the_code_of_a_login_kills_the_link_and_its_mail(bench, browser, forgets):
    is_alive = forgets()
    waiting = browser.waits_for_code()
    assert is_alive()

    browser.gives_code(waiting)

    assert not is_alive()
    assert bench.mails("reset") == []


def test_in_a_remembered_browser_the_password_alone_kills_it(browser, forgets):
    browser.logs_in_here(se_souvenir="oui")
    is_alive = forgets()

    assert browser.logs_in_without_code()

    assert not is_alive()


def test_who_does_not_get_in_kills_nothing(browser, forgets):
    is_alive = forgets()

    browser.gives_password("Tulipes&Violon8", nir=NIR.value)
    waiting = browser.waits_for_code()
    browser.gives_code(waiting, WRONG[browser.mailed_code() == WRONG[0]])

    assert is_alive()


def test_who_comes_by_franceconnect_may_still_choose_a_password(browser, forgets):
    browser.ties()
    browser.posts("/deconnexion")
    is_alive = forgets()
    browser.of(Sessions).clock.advance(seconds=1)

    browser.gives_code(browser.comes_back())

    assert browser.is_logged_in()
    assert is_alive()

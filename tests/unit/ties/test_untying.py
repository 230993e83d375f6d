"""The account page tells whether FranceConnect is tied, and a fresh or proven holder unties it."""

import pytest

from tests.conftest import test_settings
from tests.unit.sessions.conftest import PASSWORD
from tests.unit.ties.conftest import words

PAGE = "/mon-compte/franceconnect"


@pytest.fixture
def settings(database_url):
    return test_settings(
        database_url,
        BROKER_LIMIT_LOGIN_PAIR_COUNT="2",
        BROKER_LIMIT_LOGIN_PAIR_WAIT="900",
    )


@pytest.fixture
def tied(browser, account):
    browser.ties()
    return account


def shown(browser, path="/mon-compte"):
    return words(browser.client.get(path))


def test_the_account_page_tells_whether_franceconnect_is_tied(browser):
    browser.logs_in_here()
    before = shown(browser)
    browser.ties()

    assert "FranceConnect n'est pas relié à votre compte." in before
    assert "FranceConnect est relié à votre compte depuis le 02/03/2026" in shown(browser)


@pytest.mark.usefixtures("tied")
def test_opening_the_page_changes_nothing(browser, opened):
    page = shown(browser, PAGE)

    assert "Ne plus relier FranceConnect à votre compte ?" in page
    assert "mot_de_passe" not in page
    assert opened() is not None


@pytest.mark.usefixtures("tied")
def test_a_fresh_login_unties(bench, browser, opened):
    answer = browser.posts(PAGE)

    assert answer.location == "/mon-compte"
    assert opened() is None
    (event,) = bench.events("fc.unlinked")
    assert event["auth_event_id"] == browser.session().auth_event_id
    assert len(bench.mails("franceconnect_untied")) == 1
    assert "FranceConnect n'est pas relié" in shown(browser)


@pytest.mark.usefixtures("tied")
@pytest.mark.parametrize(("seconds", "asked"), [(299, False), (300, True)])
def test_the_password_is_asked_five_minutes_after_the_login(browser, clock, seconds, asked):
    clock.advance(seconds=seconds)

    assert ('name="mot_de_passe"' in shown(browser, PAGE)) is asked
    assert (browser.posts(PAGE).status_code == 422) is asked


@pytest.mark.usefixtures("tied")
def test_the_right_password_unties_and_a_wrong_one_does_not(bench, browser, clock, opened):
    clock.advance(minutes=10)

    wrong = browser.posts(PAGE, mot_de_passe="Autre&Violon7")
    assert wrong.status_code == 422
    assert "Ce mot de passe n'est pas le bon." in words(wrong)
    assert opened() is not None
    (refused,) = bench.events("login.password.failed")
    assert refused["reason_code"] == "password"

    assert browser.posts(PAGE, mot_de_passe=PASSWORD).location == "/mon-compte"
    assert opened() is None


@pytest.mark.usefixtures("tied")
def test_passwords_are_not_guessed_there_either(browser, clock, opened):
    clock.advance(minutes=10)
    for _ in range(2):
        browser.posts(PAGE, mot_de_passe="Autre&Violon7")

    answer = browser.posts(PAGE, mot_de_passe=PASSWORD)

    assert answer.status_code == 429
    assert opened() is not None


@pytest.mark.usefixtures("tied")
def test_untying_again_is_harmless(bench, browser):
    browser.posts(PAGE)

    assert browser.posts(PAGE).location == "/mon-compte"
    assert "il n'y a rien à faire" in shown(browser, PAGE)
    assert len(bench.mails("franceconnect_untied")) == 1


@pytest.mark.usefixtures("tied")
def test_a_login_through_franceconnect_that_waits_for_its_code_ends(browser, another_browser):
    begun = another_browser.comes_back()
    code = another_browser.mailed_code()

    browser.posts(PAGE)

    assert another_browser.gives_code(begun, code).status_code == 410
    assert another_browser.is_offered()


@pytest.mark.usefixtures("tied")
def test_nobody_unties_without_a_session(browser, another_browser, opened):
    assert another_browser.client.get(PAGE).location == f"/connexion?vers={PAGE}"
    assert another_browser.posts(PAGE).status_code == 401
    assert opened() is not None
    assert browser.session()


@pytest.mark.usefixtures("tied")
def test_an_untied_account_can_be_tied_again(browser, opened):
    browser.posts(PAGE)

    browser.ties()

    assert opened() is not None

"""Whoever knows the password chooses another one; everything else that was open is closed."""

import pytest

from broker.accounts.accounts import Accounts
from broker.accounts.passwords import Passwords
from broker.base.crypto import Secret
from tests.unit.accounts.builders import NIR
from tests.unit.sessions.conftest import PASSWORD
from tests.unit.ties.conftest import words

PAGE = "/mon-compte/mot-de-passe"
NEW = "Cerises&Piano8"


@pytest.fixture
def changes(browser):
    browser.logs_in_here()

    def post(present=PASSWORD, new=NEW, again=None):
        return browser.posts(
            PAGE,
            mot_de_passe_actuel=present,
            mot_de_passe=new,
            mot_de_passe_confirmation=new if again is None else again,
        )

    return post


def opens(bench, account, password) -> bool:
    found = bench.of(Accounts).get(account.id)
    return bench.of(Passwords).verify(found, Secret(password))


def test_the_new_password_opens_the_account_and_the_former_one_does_not(
    bench, browser, account, changes
):
    answer = changes()

    assert answer.location == f"{PAGE}/change"
    assert "Votre mot de passe est changé" in words(browser.client.get(answer.location))
    assert opens(bench, account, NEW)
    assert not opens(bench, account, PASSWORD)
    (event,) = bench.events("credential.password.changed")
    assert event["auth_event_id"] == browser.session().auth_event_id
    assert len(bench.mails("password_changed")) == 1


def test_this_session_goes_on_and_every_other_one_ends(browser, another_browser, changes):
    another_browser.logs_in_here(se_souvenir="oui")

    changes()

    assert browser.is_logged_in()
    assert not another_browser.is_logged_in()


def test_a_remembered_browser_is_forgotten(another_browser, changes):
    another_browser.logs_in_here(se_souvenir="oui")
    changes()

    step = another_browser.gives_password(NEW, NIR.value)

    assert step.location.startswith("/connexion/code")


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"present": "Autre&Violon7"}, "Ce mot de passe n'est pas le bon."),
        ({"present": ""}, "Saisissez votre mot de passe."),
        ({"again": "Cerises&Piano9"}, "Les deux mots de passe sont différents."),
        ({"new": "court1A"}, "Le mot de passe doit comporter entre 8 et 50 caractères."),
        ({"new": "Piano1985Cerise"}, "votre date de naissance ou une partie de celle-ci."),
    ],
)
def test_nothing_changes_and_the_page_says_why(bench, account, changes, given, says):
    answer = changes(**given)

    assert answer.status_code == 422
    page = words(answer)
    assert says in page
    assert NEW not in page
    assert opens(bench, account, PASSWORD)
    assert bench.events("credential.password.changed") == []


def test_every_field_that_is_empty_is_named_at_once(browser, changes):
    changes(present="")
    page = words(browser.posts(PAGE))

    assert "Saisissez votre mot de passe." in page
    assert "Saisissez un mot de passe." in page


def test_a_link_to_choose_a_password_that_was_under_way_is_dead(bench, browser, changes):
    browser.posts("/mot-de-passe-oublie", nir=NIR.value, date_naissance="14/07/1985")
    token = bench.link("reset").reveal()
    changes()

    assert browser.client.get(f"/mot-de-passe-oublie/{token}").status_code == 410


def test_a_visitor_is_led_to_the_login_and_may_post_nothing(another_browser):
    assert another_browser.client.get(PAGE).location == f"/connexion?vers={PAGE}"
    assert another_browser.posts(PAGE).status_code == 401

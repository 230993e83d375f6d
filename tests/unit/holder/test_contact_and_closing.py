"""Telephones and answers are changed by their holder; an account is closed for good."""

import pytest

from broker.accounts.accounts import Accounts
from broker.accounts.contact_change import ContactChange
from broker.accounts.creation import Creation
from broker.accounts.model import Status
from tests.unit.accounts.builders import NIR, a_new_account
from tests.unit.sessions.conftest import PASSWORD
from tests.unit.ties.conftest import words

CONTACT, CLOSING = "/mon-compte/coordonnees", "/mon-compte/fermeture"
ANSWERS = {
    "telephone_portable": "06 39 98 12 34",
    "telephone_fixe": "",
    "consentement_email": "non",
    "consentement_telephone": "non",
    "consentement_sms": "oui",
}


@pytest.fixture
def page(browser):
    browser.logs_in_here()
    return browser


def test_the_page_shows_what_was_answered_and_keeps_what_is_changed(bench, page, account):
    answer = page.posts(CONTACT, **ANSWERS)
    assert "sont enregistrés" in words(page.client.get(answer.location))

    shown = words(page.client.get(CONTACT))
    assert 'value="06 39 98 12 34"' in shown
    assert 'name="consentement_sms" value="oui" checked' in shown
    present = bench.of(ContactChange).present(account.id)
    assert present.landline is None
    assert {one.purpose for one in present.consents if one.given} == {"studies_sms"}
    event = bench.events("account.contact.changed")[-1]
    assert "mobile" in event["fields"]


def test_the_same_answers_again_leave_no_event(bench, page):
    page.posts(CONTACT, **ANSWERS)
    page.posts(CONTACT, **ANSWERS)

    assert len(bench.events("account.contact.changed")) == 1


def test_a_number_that_cannot_be_read_is_shown_again(page):
    answer = page.posts(CONTACT, **{**ANSWERS, "telephone_portable": "06 12"})

    assert answer.status_code == 422
    assert 'value="06 12"' in words(answer)


@pytest.mark.parametrize(("seconds", "status"), [(299, 303), (300, 422)])
def test_the_password_is_asked_five_minutes_after_the_login(page, clock, seconds, status):
    clock.advance(seconds=seconds)

    assert page.posts(CONTACT, **ANSWERS).status_code == status
    assert page.posts(CONTACT, **ANSWERS, mot_de_passe_actuel=PASSWORD).status_code == 303


def test_closing_ends_everything_and_frees_the_number(
    bench, page, another_browser, account, opened
):
    page.ties()
    another_browser.logs_in_here()

    answer = page.posts(CLOSING, mot_de_passe_actuel=PASSWORD, fermer="oui")

    assert answer.location == "/compte-ferme"
    assert "Votre compte ameli est fermé" in words(page.client.get(answer.location))
    closed = bench.of(Accounts).get(account.id)
    assert closed.status is Status.CLOSED
    assert (closed.reachable, closed.has_password) == (False, False)
    assert bench.of(Accounts).telephones(account.id) == (None, None)
    assert bench.of(ContactChange).present(account.id).consents == ()
    assert opened() is None
    assert not page.is_logged_in()
    assert not another_browser.is_logged_in()
    assert len(bench.mails("account_closed")) == 1
    assert len(bench.events("account.closed")) == 1
    again = bench.of(Creation).open_pending(a_new_account(account.insured_id))
    assert again.id != account.id


def test_a_closed_account_is_refused_like_an_unknown_one(page, another_browser):
    page.posts(CLOSING, mot_de_passe_actuel=PASSWORD, fermer="oui")

    answer = another_browser.gives_password(nir=NIR.value)

    assert answer.status_code == 422
    assert "est incorrect" in words(answer)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"mot_de_passe_actuel": PASSWORD}, "cochez la case"),
        ({"fermer": "oui"}, "Saisissez votre mot de passe."),
        (
            {"fermer": "oui", "mot_de_passe_actuel": "Autre&Violon7"},
            "Ce mot de passe n'est pas le bon.",
        ),
    ],
)
def test_without_box_and_password_nothing_is_closed(bench, page, account, given, says):
    answer = page.posts(CLOSING, **given)

    assert answer.status_code == 422
    assert says in words(answer)
    assert bench.of(Accounts).get(account.id).may_log_in

"""For three days after a change of address, what the former address could not undo waits."""

import pytest

from broker.accounts.accounts import Accounts
from broker.accounts.address_change import AddressChange
from broker.accounts.address_wait import AddressWait
from broker.accounts.email_address import EmailAddress
from broker.accounts.model import AddressTooNew, Status
from broker.accounts.passwords import Passwords
from broker.accounts.protection import Protection
from broker.base.crypto import Secret
from tests.conftest import test_settings
from tests.unit.accounts.builders import NIR
from tests.unit.sessions.conftest import PASSWORD
from tests.unit.ties.conftest import words

CLOSING, COPY = "/mon-compte/fermeture", "/mon-compte/mes-donnees"
FORMER, NEW, NEWER = "claire@exemple.fr", "intrus@exemple.fr", "intrus.bis@exemple.fr"
CHOSEN = {"mot_de_passe": "Cerises&Piano8", "mot_de_passe_confirmation": "Cerises&Piano8"}
UNTIL = "05/03/2026 à 12:00"  # three days after noon, when every test begins
TOO_SOON = {"days": 2, "hours": 23, "minutes": 59, "seconds": 59}


@pytest.fixture
def settings(database_url):
    return test_settings(database_url, BROKER_LIMIT_NEW_ADDRESS_WAIT="259200")


@pytest.fixture
def changes(bench, account, clock):
    """Return a function that gives the account another address."""

    def change(email=NEW):
        bench.of(AddressChange).request(account.id, EmailAddress.parse(email), "login")
        bench.of(AddressChange).confirm(bench.links("address_confirm")[-1])
        clock.advance(seconds=1)  # so that the newest mail is known

    return change


@pytest.fixture
def changed(changes, clock):
    """Change the address, and go back to that second."""
    changes()
    clock.advance(seconds=-1)


@pytest.fixture
def status(bench, account):
    return lambda: bench.of(Accounts).get(account.id).status


def closes(browser):
    return browser.posts(CLOSING, mot_de_passe_actuel=PASSWORD, fermer="oui")


def copies(browser):
    return browser.posts(COPY, mot_de_passe_actuel=PASSWORD)


@pytest.mark.usefixtures("changed")
@pytest.mark.parametrize(
    ("page", "act", "reason"), [(CLOSING, closes, "closing"), (COPY, copies, "data_copy")]
)
def test_what_cannot_be_undone_is_postponed_and_the_page_says_until_when_and_why(
    bench, browser, status, page, act, reason
):
    browser.logs_in_here()

    looked, asked = browser.client.get(page), act(browser)

    assert (looked.status_code, asked.status_code) == (200, 409)
    for shown in (words(looked), words(asked)):
        assert f"à partir du <strong>{UNTIL}</strong>" in shown
        assert "quelqu'un d'autre avait changé cette adresse" in shown
        assert "mot_de_passe_actuel" not in shown
    assert status() is Status.ACTIVE
    assert bench.events("account.data.copied") == []
    (event,) = bench.events("account.act.postponed")
    assert (event["outcome"], event["reason_code"]) == ("failure", reason)
    assert event["auth_event_id"] == browser.session().auth_event_id


@pytest.mark.usefixtures("changed")
@pytest.mark.parametrize("act", [closes, copies], ids=["closing", "copy"])
def test_it_waits_to_the_last_second_of_three_days(browser, clock, act):
    clock.advance(**TOO_SOON)
    browser.logs_in_here()
    clock.advance(seconds=-1)  # what the login took
    assert act(browser).status_code == 409

    clock.advance(seconds=1)

    assert act(browser).status_code in {200, 303}


@pytest.mark.parametrize("act", [closes, copies], ids=["closing", "copy"])
def test_an_address_that_was_never_changed_lets_nothing_wait(browser, act):
    browser.logs_in_here()

    assert act(browser).status_code in {200, 303}


@pytest.mark.usefixtures("changed")
def test_franceconnect_is_not_tied_by_a_code_of_the_new_address(bench, browser, opened):
    waiting = browser.accepts(browser.is_offered())

    refused, again = browser.gives_code(waiting), browser.gives_code(waiting)

    for answer in (refused, again):
        assert answer.status_code == 409
        assert f"relier FranceConnect à partir du <strong>{UNTIL}</strong>" in words(answer)
    assert opened() is None
    assert not browser.is_logged_in()
    (event,) = bench.events("fc.link.refused")
    assert event["reason_code"] == "address_too_new"


@pytest.mark.usefixtures("changed")
def test_three_days_later_franceconnect_is_tied(browser, account, opened, clock):
    clock.advance(days=3)

    browser.ties()

    assert opened() == account.id


@pytest.mark.usefixtures("changed")
def test_the_honest_person_logs_in_and_chooses_passwords_all_the_same(
    bench, browser, account, another_browser
):
    browser.logs_in_here()
    assert browser.is_logged_in()

    another_browser.posts("/mot-de-passe-oublie", nir=NIR.value, date_naissance="14/07/1985")
    another_browser.client.get(f"/mot-de-passe-oublie/{bench.link('reset').reveal()}")

    assert another_browser.posts("/nouveau-mot-de-passe", **CHOSEN).status_code == 303
    found = bench.of(Accounts).get(account.id)
    assert bench.of(Passwords).verify(found, Secret(CHOSEN["mot_de_passe"]))


@pytest.mark.usefixtures("changed")
def test_the_former_address_may_be_set_again_by_who_can_log_in(bench, account, changes):
    changes(FORMER)

    assert bench.of(Accounts).get(account.id).email.reveal() == FORMER


@pytest.mark.usefixtures("changed")
def test_an_intruder_who_tried_to_close_the_account_loses_it(bench, browser, account, clock):
    browser.logs_in_here()
    closes(browser)
    clock.advance(days=2)

    bench.of(Protection).report(bench.link("address_changed"))

    found = bench.of(Accounts).get(account.id)
    assert (found.email.reveal(), found.has_password) == (FORMER, False)
    assert not browser.is_logged_in()


def test_a_report_by_the_intruder_does_not_end_the_wait(bench, account, changes):
    changes(NEW)
    changes(NEWER)
    intruders = bench.links("address_changed")[-1]  # mailed to the first of the two

    bench.of(Protection).report(intruders)

    assert bench.of(Accounts).get(account.id).email.reveal() == NEW
    with pytest.raises(AddressTooNew):
        bench.of(AddressWait).require_over(account.id, "closing", "login")

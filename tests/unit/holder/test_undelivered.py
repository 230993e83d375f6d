"""A message that the mail server refused is told at the next occasion, the address masked."""

import pytest

from broker.accounts.mailing import AccountMails
from broker.mail.delivery import Delivery
from broker.mail.model import State
from tests.unit.sessions.conftest import PASSWORD
from tests.unit.ties.conftest import words

SAYS = "Le message à c***@e***.fr n'a pas pu être remis"


@pytest.fixture
def ends(bench, clock):
    """Return a function that ends every mail that waits in that way."""

    def end(state: State, status: int | None = None) -> None:
        clock.advance(seconds=1)
        delivery = bench.of(Delivery)
        while mail := delivery.store.claim(clock(), lease=clock() - clock()):
            delivery._end(mail, state, status)

    return end


def test_the_account_page_tells_of_a_message_that_was_refused(browser, ends):
    browser.logs_in_here()
    assert "pas pu être remis" not in words(browser.client.get("/mon-compte"))

    ends(State.REFUSED, 550)

    assert SAYS in words(browser.client.get("/mon-compte"))


def test_it_no_longer_does_once_another_one_was_taken(browser, ends):
    browser.logs_in_here()
    ends(State.REFUSED, 550)

    browser.waits_for_code()
    ends(State.SENT)

    assert "pas pu être remis" not in words(browser.client.get("/mon-compte"))


def test_the_page_of_the_code_tells_that_this_code_was_refused(browser, ends):
    asked = browser.waits_for_code()
    assert "pas pu être remis" not in words(browser.client.get(asked.location))

    ends(State.REFUSED, 550)

    assert SAYS in words(browser.client.get(asked.location))


def test_the_page_of_a_newer_code_does_not_tell_of_the_one_before(browser, ends):
    browser.waits_for_code()
    ends(State.REFUSED, 550)

    asked = browser.waits_for_code()

    assert "pas pu être remis" not in words(browser.client.get(asked.location))


@pytest.mark.parametrize("state", [State.EXPIRED, State.CANCELLED])
def test_what_nobody_tried_to_deliver_was_not_refused(browser, ends, state):
    browser.logs_in_here()

    ends(state)

    assert "pas pu être remis" not in words(browser.client.get("/mon-compte"))


def test_closing_the_account_forgets_the_address(bench, account, browser, ends):
    browser.logs_in_here()
    ends(State.REFUSED, 550)
    assert bench.of(AccountMails).undelivered(account.id)

    browser.posts("/mon-compte/fermeture", mot_de_passe_actuel=PASSWORD, fermer="oui")

    assert bench.of(AccountMails).undelivered(account.id) is None


def test_each_mail_shows_a_reference_that_the_trail_knows(bench, browser, ends):
    browser.posts("/mot-de-passe-oublie", nir="2850729019001", date_naissance="14/07/1985")
    (mail,) = bench.mails("reset")

    ends(State.SENT)

    told = {event["txn"] for event in bench.events("mail.sent") if event["kind"] == "reset"}
    assert len(told) == 1
    assert all(reference in mail for reference in told)

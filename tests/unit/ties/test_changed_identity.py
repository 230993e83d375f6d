"""A person whose sub has changed: tied anew after the same proofs, knowingly, never silently."""

import pytest

from broker.accounts.tying import Tying
from tests.unit.signup.test_by_franceconnect import ISS
from tests.unit.ties.conftest import SUB, words

AFTER = "sub-after-marriage"


@pytest.fixture
def tied(browser, account):
    browser.ties()
    return account


def test_the_page_says_that_the_identity_changed_before_the_code(browser, tied, opened):
    asked = browser.accepts(browser.is_offered(sub=AFTER))

    page = browser.client.get(asked.location)

    assert "Votre compte est déjà relié à FranceConnect" in words(page)
    assert "Ce code remplace l'ancienne identité par la nouvelle." in words(page)
    assert opened() == tied.id
    assert opened(AFTER) is None


def test_the_new_identity_replaces_the_former_one(bench, browser, tied, opened):
    former = bench.of(Tying).present(tied.id, ISS)

    browser.ties(sub=AFTER)

    assert (opened(), opened(AFTER)) == (None, tied.id)
    (changed,) = (event for event in bench.events("fc.linked") if "replaced" in event)
    assert changed["replaced"] == former
    assert changed["upstream"]["sub_ref"] != former
    assert {SUB, AFTER}.isdisjoint(str(bench.events("")).split("'"))
    mails = bench.mails("franceconnect_tied")
    assert sum("a chang=C3=A9" in mail or "a changé" in mail for mail in mails) == 1


@pytest.mark.usefixtures("tied")
def test_the_former_identity_opens_nothing_afterwards(browser, another_browser):
    browser.ties(sub=AFTER)

    assert another_browser.is_offered(sub=SUB)


@pytest.mark.usefixtures("tied")
def test_a_login_that_the_former_identity_had_begun_ends(browser, another_browser, clock):
    begun = another_browser.comes_back(sub=SUB)
    code = another_browser.mailed_code()
    clock.advance(seconds=1)

    browser.ties(sub=AFTER)

    assert another_browser.gives_code(begun, code).status_code == 410
    assert not another_browser.is_logged_in()


def test_a_tie_that_changed_after_the_page_was_shown_is_not_replaced(bench, browser, tied, opened):
    asked = browser.accepts(browser.is_offered(sub=AFTER))
    code = browser.mailed_code()
    with bench.of(Tying).ties.db.transaction():
        bench.of(Tying).untie(tied, auth_event_id="K7TP-4WQD-2M")

    answer = browser.gives_code(asked, code)

    assert answer.status_code == 409
    assert "ce qui était affiché a changé entre-temps" in words(answer)
    assert opened(AFTER) is None
    (event,) = bench.events("fc.link.refused")
    assert event["reason_code"] == "changed_meanwhile"


def test_another_civil_status_than_the_registers_is_refused(bench, browser, tied, opened):
    claims = {
        "family_name": "FAVREAU",
        "given_name": "Claire",
        "birthdate": "1985-07-14",
        "gender": "female",
        "birthplace": "29019",
        "birthcountry": "99100",
    }

    answer = browser.ties(sub=AFTER, claims=claims)

    assert answer.status_code == 409
    assert "appelez votre caisse au 36 46" in words(answer)
    assert opened() == tied.id
    assert len(bench.mails("franceconnect_tied")) == 1

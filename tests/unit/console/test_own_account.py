"""An analyst's own account: another password, another application, each proved by the present."""

import re
import threading
from typing import Any

import pyotp
import pytest
from flask import Flask

from broker.base.crypto import Secret
from broker.base.errors import Refusal
from broker.console.own_account import OwnAccount
from broker.console.sessions import AnalystSessions
from tests.conftest import test_settings
from tests.support.page_rules import broken_rules
from tests.unit.console.conftest import OPERATOR, PASSWORD, AnalystAtWork

ANOTHER = "Violon&Tulipes8"
MANY = 8
PASSWORD_PAGE = "/audit/mon-compte/mot-de-passe"
APPLICATION, NEW = "/audit/mon-compte/application", "/audit/mon-compte/application/nouvelle"


@pytest.fixture
def settings(database_url):
    return test_settings(
        database_url,
        BROKER_LIMIT_ANALYST_PAIR_COUNT="5",
        BROKER_LIMIT_ANALYST_PAIR_WAIT="900",
        BROKER_LIMIT_ANALYST_CODE_COUNT="10",
    )


def changes(analyst: AnalystAtWork, **typed: str):
    usual = {
        "mot_de_passe_actuel": PASSWORD,
        "mot_de_passe": ANOTHER,
        "mot_de_passe_confirmation": ANOTHER,
    }
    return analyst.posts(PASSWORD_PAGE, **{**usual, "code": analyst.next_code(), **typed})


def asks(analyst: AnalystAtWork, **typed: str):
    usual = {"mot_de_passe_actuel": PASSWORD, "code": analyst.next_code()}
    return analyst.posts(APPLICATION, **{**usual, **typed})


def shown_secret(analyst: AnalystAtWork) -> str:
    return re.search(r'class="secret">([A-Z2-7 ]+)<', analyst.opens(NEW).text)[1].replace(" ", "")


def now(analyst: AnalystAtWork, secret: str) -> str:
    return pyotp.TOTP(secret).at(analyst.clock())


@pytest.fixture
def elsewhere(alice):
    """Alice, logged in by another browser of hers too."""
    other = alice.elsewhere("192.0.2.44")
    assert other.logs_in().status_code == 303
    return other


def test_another_password_counts_at_once_and_ends_the_other_sessions(alice, elsewhere, trail):
    before = alice.cookie()

    answer = changes(alice)

    assert answer.location == "/audit/mon-compte?fait=mot-de-passe"
    assert "Votre mot de passe est changé" in alice.opens(answer.location).text
    assert (alice.is_in(), elsewhere.is_in()) == (True, False)
    assert alice.cookie() != before
    assert elsewhere.logs_in().status_code == 422
    assert elsewhere.logs_in(password=ANOTHER).status_code == 303
    (event,) = trail("console.password.changed")
    assert event["actor"] == {"kind": "analyst", "ref": "alice"}
    assert [e["reason_code"] for e in trail("console.session.ended")] == ["password_changed"] * 2


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"mot_de_passe_actuel": ANOTHER}, "Le mot de passe actuel ou le code est incorrect"),
        ({"code": "000000"}, "Le mot de passe actuel ou le code est incorrect"),
        ({"mot_de_passe": "tulipes", "mot_de_passe_confirmation": "tulipes"}, "doit comporter"),
        ({"mot_de_passe_confirmation": PASSWORD}, "sont différents"),
        ({"mot_de_passe_actuel": "", "code": ""}, "Saisissez le code affiché"),
    ],
)
def test_what_does_not_fit_changes_nothing(alice, elsewhere, typed, message):
    refused = changes(alice, **typed)

    assert refused.status_code == 422
    assert message in refused.text
    assert PASSWORD not in refused.text
    assert ANOTHER not in refused.text
    assert broken_rules(refused.text) == []
    assert elsewhere.is_in()
    assert elsewhere.elsewhere().logs_in().status_code == 303


def test_the_code_of_a_change_opens_no_login_and_the_one_of_a_login_no_change(alice, trail):
    used = alice.next_code()
    assert alice.elsewhere().logs_in(code=used).status_code == 303

    assert changes(alice, code=used).status_code == 422
    code = alice.next_code()
    assert changes(alice, code=code).status_code == 303

    assert alice.elsewhere().logs_in(password=ANOTHER, code=code).status_code == 422
    assert [e["reason_code"] for e in trail("console.proof.failed")] == ["code_used"]


def test_wrong_passwords_count_with_those_of_the_login(alice, trail):
    for _ in range(3):
        assert changes(alice, mot_de_passe_actuel=ANOTHER).status_code == 422
    for _ in range(2):
        assert alice.logs_in(password=ANOTHER).status_code == 422

    assert changes(alice).status_code == 429
    assert asks(alice).status_code == 429
    assert [e["reason_code"] for e in trail("console.proof.throttled")] == ["password"] * 2
    assert [e["reason_code"] for e in trail("console.proof.failed")] == ["password"] * 3


def test_wrong_codes_count_with_those_of_the_login(alice, trail):
    for number in range(6):
        stranger = alice.elsewhere(f"192.0.{number}.1")
        assert stranger.logs_in(code="000000").status_code == 422
    for number in range(4):
        alice.address = f"198.51.{number}.1"
        assert asks(alice, code="000000").status_code == 422

    alice.address = "198.51.99.1"
    assert asks(alice).status_code == 429
    assert {e["reason_code"] for e in trail("console.proof.throttled")} == {"code"}


def parallel(act) -> list[Any]:
    outcomes: list[Any] = []

    def once() -> None:
        try:
            outcomes.append(act())
        except Refusal as refusal:
            outcomes.append(refusal)

    threads = [threading.Thread(target=once) for _ in range(MANY)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def session_of(app: Flask, analyst: AnalystAtWork):
    return app.extensions["broker"][AnalystSessions].of(Secret(analyst.cookie()))


def test_one_code_at_many_places_at_once_changes_once(app, alice, trail):
    account: OwnAccount = app.extensions["broker"][OwnAccount]
    session, code = session_of(app, alice), alice.next_code()

    outcomes = parallel(
        lambda: account.change_password(session, Secret(PASSWORD), code, Secret(ANOTHER))
    )

    assert len(outcomes) == MANY
    assert sum(isinstance(outcome, Secret) for outcome in outcomes) == 1
    assert len(trail("console.password.changed")) == 1


def test_another_application_counts_from_its_first_code_on(alice, elsewhere, trail):
    former = alice.secret
    assert asks(alice).location == NEW
    secret = shown_secret(alice)
    assert elsewhere.elsewhere().logs_in().status_code == 303  # the former still counts

    code = now(alice, secret)
    answer = alice.posts(NEW, code=code)

    assert answer.location == "/audit/mon-compte?fait=application"
    assert elsewhere.logs_in(code=code).status_code == 422  # it served
    assert (alice.is_in(), elsewhere.is_in()) == (True, False)
    assert elsewhere.logs_in().status_code == 422
    elsewhere.secret = secret
    assert elsewhere.logs_in().status_code == 303
    assert secret != former
    assert len(trail("console.application.asked")) == 1
    assert len(trail("console.application.changed")) == 1
    assert {e["reason_code"] for e in trail("console.session.ended")} == {"application_changed"}


def test_a_wrong_first_code_leaves_both_as_they_are(alice, trail):
    asks(alice)
    secret = shown_secret(alice)

    refused = alice.posts(NEW, code="000000")

    assert refused.status_code == 422
    assert "pas celui de votre application" in refused.text
    assert broken_rules(refused.text) == []
    assert [e["reason_code"] for e in trail("console.application.refused")] == ["code"]
    assert shown_secret(alice) == secret
    assert alice.posts(NEW, code=now(alice, secret)).status_code == 303


def test_the_new_secret_is_shown_to_nobody_who_did_not_prove_the_former(alice, elsewhere):
    assert asks(alice, code="000000").status_code == 422
    assert alice.opens(NEW).status_code == 410
    asks(alice)

    assert alice.opens(NEW).status_code == 200
    assert elsewhere.opens(NEW).status_code == 410


@pytest.mark.parametrize(("seconds", "status"), [(599, 303), (600, 410)])
def test_it_waits_ten_minutes(alice, clock, seconds, status):
    asks(alice)
    secret = shown_secret(alice)
    clock.advance(seconds=seconds)

    assert alice.posts(NEW, code=now(alice, secret)).status_code == status


def test_an_operator_who_invites_anew_ends_what_waits(alice, analysts):
    asks(alice)
    secret = shown_secret(alice)
    link = f"/audit/invitation/{analysts.invite('alice', OPERATOR).token.reveal()}"

    assert alice.posts(NEW, code=now(alice, secret)).status_code == 401
    alice.follows(link)
    assert alice.secret != secret


def test_a_first_code_at_many_places_at_once_changes_once(app, alice, trail):
    account: OwnAccount = app.extensions["broker"][OwnAccount]
    asks(alice)
    session, code = session_of(app, alice), now(alice, shown_secret(alice))

    outcomes = parallel(lambda: account.confirm_application(session, code))

    assert sum(isinstance(outcome, Secret) for outcome in outcomes) == 1
    assert len(trail("console.application.changed")) == 1


def test_the_pages_keep_the_rules(alice):
    asks(alice)

    pages = [alice.opens(path) for path in ("/audit/mon-compte", PASSWORD_PAGE, APPLICATION, NEW)]

    assert {page.status_code for page in pages} == {200}
    assert [rule for page in pages for rule in broken_rules(page.text)] == []
    assert "style=" not in pages[-1].text

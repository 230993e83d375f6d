"""Name, password and a code that serves once; failures of strangers stop nobody."""

import threading

import pytest

from broker.accounts.passwords import Passwords
from broker.base.crypto import Secret
from broker.base.db import Database
from broker.base.errors import Throttled
from broker.console.login import AnalystLogin
from broker.console.model import AnalystRefused
from broker.console.tables import ANALYST
from tests.conftest import test_settings
from tests.support.page_rules import broken_rules
from tests.unit.console.conftest import OPERATOR, PASSWORD

MANY = 8


@pytest.fixture
def settings(database_url):
    return test_settings(
        database_url,
        BROKER_LIMIT_ANALYST_PAIR_COUNT="5",
        BROKER_LIMIT_ANALYST_PAIR_WAIT="900",
        BROKER_LIMIT_ANALYST_SITE_COUNT="9",
        BROKER_LIMIT_ANALYST_PREFIX_COUNT="40",
        BROKER_LIMIT_ANALYST_CODE_COUNT="10",
    )


@pytest.fixture
def away(alice):
    """Alice in a browser that is not logged in."""
    return alice.elsewhere()


def test_all_three_open_the_console(away, trail):
    answer = away.logs_in()

    assert (answer.status_code, answer.headers["Location"]) == (303, "/audit")
    assert away.is_in()
    (event,) = trail("console.login.ok")
    assert event["actor"] == {"kind": "analyst", "ref": "alice"}


def test_whatever_is_wrong_the_answer_is_the_same_and_the_trail_knows(away, analysts, trail):
    analysts.add("bernard", "reader", OPERATOR)
    wrong = [
        away.logs_in(password="Tulipes&Violon8"),
        away.logs_in(code="000000"),
        away.logs_in(identifiant="personne"),
        away.logs_in(identifiant="pas un nom @"),
        away.logs_in(identifiant="bernard"),
    ]

    shown = {
        page.text.split("<main")[1].split("</form>")[0].partition("erreurs")[2].split("</div>")[0]
        for page in wrong
    }

    assert {page.status_code for page in wrong} == {422}
    assert len(shown) == 1
    assert PASSWORD not in "".join(page.text for page in wrong)
    assert [e["reason_code"] for e in trail("console.login.failed")] == [
        "password", "code", "unknown", "unknown", "invited",
    ]  # fmt: skip


def test_what_was_typed_as_a_name_is_not_in_the_trail(away, trail):
    away.logs_in(identifiant="tulipes-violon7")

    (event,) = trail("console.login.failed")

    assert "ref" not in event["actor"]


def test_an_empty_form_says_what_is_missing_and_keeps_the_rules(client, away):
    empty = away.posts("/audit/connexion")

    assert empty.status_code == 422
    assert broken_rules(empty.text) + broken_rules(client.get("/audit/connexion").text) == []


@pytest.mark.parametrize("step", [-1, 0, 1])
def test_a_code_one_step_away_is_right(away, step, clock):
    clock.advance(seconds=300)

    assert away.logs_in(code=away.code(step)).status_code == 303


@pytest.mark.parametrize("step", [-2, 2])
def test_a_code_two_steps_away_is_wrong(away, step, clock):
    clock.advance(seconds=300)

    assert away.logs_in(code=away.code(step)).status_code == 422


def test_a_code_serves_once_and_none_before_it_serves_again(away, alice, trail, clock):
    clock.advance(seconds=300)
    code, former = away.code(), away.code(-1)
    assert away.logs_in(code=code).status_code == 303

    again = [alice.elsewhere().logs_in(code=each) for each in (code, former)]

    assert [page.status_code for page in again] == [422, 422]
    assert [e["reason_code"] for e in trail("console.login.failed")] == ["code_used"] * 2


def test_the_code_of_the_invitation_does_not_serve_again(alice):
    assert alice.elsewhere().logs_in(code=alice.code()).status_code == 422


def test_one_code_at_many_places_at_once_opens_one_session(app, away):
    login: AnalystLogin = app.extensions["broker"][AnalystLogin]
    code, outcomes = away.next_code(), []

    def enter() -> None:
        try:
            outcomes.append(login.enter("alice", Secret(PASSWORD), code, None))
        except (AnalystRefused, Throttled) as refusal:
            outcomes.append(refusal)

    threads = [threading.Thread(target=enter) for _ in range(MANY)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(outcomes) == MANY
    assert sum(isinstance(outcome, Secret) for outcome in outcomes) == 1


def test_failures_slow_a_network_and_no_other(away, alice, trail):
    for _ in range(5):
        assert away.logs_in(password="Tulipes&Violon8").status_code == 422

    assert away.logs_in().status_code == 429
    assert alice.elsewhere("192.0.2.44").logs_in().status_code == 303
    assert [e["reason_code"] for e in trail("console.login.throttled")] == ["password"]


def test_who_waited_may_try_again(away, clock):
    for _ in range(5):
        away.logs_in(password="Tulipes&Violon8")
    clock.advance(seconds=899)
    assert away.logs_in(code=away.code()).status_code == 429

    clock.advance(seconds=1)

    assert away.logs_in().status_code == 303


def test_a_name_that_nobody_has_is_slowed_alike(away):
    tries = [away.logs_in(identifiant="personne").status_code for _ in range(6)]

    assert tries == [422] * 5 + [429]


def test_a_network_that_tries_many_names_must_wait(away):
    tries = [away.logs_in(identifiant=f"personne{n}").status_code for n in range(41)]

    assert tries == [422] * 40 + [429]


def test_the_networks_of_one_site_of_ipv6_count_together_for_one_name(alice, trail):
    def wrong(site: str, number: int) -> int:
        away = alice.elsewhere(f"2001:db8:{site}:{number:x}::7")
        return away.logs_in(password="Tulipes&Violon8").status_code

    assert [wrong("a", n) for n in range(9)] == [422] * 9

    assert wrong("a", 9) == 429
    assert alice.elsewhere("2001:db8:a:ffff::7").logs_in().status_code == 429
    assert wrong("b", 0) == 422
    assert alice.elsewhere("2001:db8:b:1::7").logs_in().status_code == 303
    assert {e["reason_code"] for e in trail("console.login.throttled")} == {"password"}


def test_a_login_starts_the_count_of_its_site_anew(alice):
    for number in range(4):
        alice.elsewhere(f"2001:db8:a:{number}::7").logs_in(password="Tulipes&Violon8")
    assert alice.elsewhere("2001:db8:a:5::7").logs_in().status_code == 303

    tries = [
        alice.elsewhere(f"2001:db8:a:{number}::7").logs_in(password="Tulipes&Violon8").status_code
        for number in range(10, 20)
    ]

    assert tries == [422] * 9 + [429]


def test_many_names_count_for_the_whole_site_of_ipv6(alice):
    def wrong(site: str, number: int) -> int:
        away = alice.elsewhere(f"2001:db8:{site}:{number:x}::7")
        return away.logs_in(identifiant=f"personne{number}").status_code

    assert [wrong("a", n) for n in range(41)] == [422] * 40 + [429]
    assert wrong("b", 0) == 422


def test_ten_wrong_codes_from_anywhere_stop_codes_whatever_logs_in_between(alice, trail):
    def wrong(number: int) -> int:
        return alice.elsewhere(f"192.0.{number}.1").logs_in(code="000000").status_code

    assert [wrong(n) for n in range(5)] == [422] * 5
    assert alice.elsewhere("198.51.100.1").logs_in().status_code == 303
    assert [wrong(n) for n in range(5, 10)] == [422] * 5

    assert wrong(10) == 429
    assert alice.elsewhere("198.51.100.2").logs_in().status_code == 429
    assert {e["reason_code"] for e in trail("console.login.throttled")} == {"code"}


def test_strangers_without_the_password_never_stop_codes(alice):
    for number in range(30):
        stranger = alice.elsewhere(f"192.0.{number}.1")
        stranger.logs_in(password="Tulipes&Violon8", code="000000")

    assert alice.elsewhere("198.51.100.1").logs_in().status_code == 303


def test_an_analyst_who_is_disabled_is_out_at_once_and_does_not_come_back(alice, analysts, trail):
    analysts.disable("alice", OPERATOR)

    assert alice.opens().status_code == 303
    assert alice.logs_in().status_code == 422
    assert [e["reason_code"] for e in trail("console.session.ended")] == ["disabled"]
    assert [e["reason_code"] for e in trail("console.login.failed")] == ["disabled"]


def test_a_password_from_before_there_were_keys_gets_one_once_all_three_were_right(
    app, away, alice
):
    services = app.extensions["broker"]
    db, passwords = services[Database], services[Passwords]
    keyless = passwords.hasher.hash(PASSWORD)
    with db.transaction():
        db.execute(ANALYST.update().values(password_hash=keyless))

    wrong = away.logs_in(code="000000")
    assert wrong.status_code == 422
    assert db.one(ANALYST.select()).password_hash == keyless

    assert away.logs_in().status_code == 303
    assert db.one(ANALYST.select()).password_hash.startswith("secret-key$argon2id$")
    assert alice.elsewhere().logs_in().status_code == 303

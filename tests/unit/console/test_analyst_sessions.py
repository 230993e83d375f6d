"""The session of an analyst: short, of the console alone, never that of a planted cookie."""

import re
from datetime import datetime, timedelta

import pytest

from broker.app import create_app
from broker.console.model import Role
from broker.console.sessions import AnalystSessions
from tests.conftest import test_settings
from tests.support.page_rules import broken_rules
from tests.unit.console.conftest import COOKIE, OPERATOR, AnalystAtWork

IDLE, LIFE = 15 * 60, 8 * 3_600


def test_a_session_ends_after_fifteen_idle_minutes(alice, clock, trail):
    clock.advance(minutes=14, seconds=59)
    assert alice.is_in()
    clock.advance(minutes=14, seconds=59)
    assert alice.is_in()

    clock.advance(minutes=15)

    assert not alice.is_in()
    assert [e["reason_code"] for e in trail("console.session.ended")] == ["idle"]


def test_a_session_ends_after_eight_hours_however_busy(alice, clock, trail):
    for _ in range(8 * 60 // 10 - 1):
        clock.advance(minutes=10)
        assert alice.is_in()

    clock.advance(minutes=10)

    assert not alice.is_in()
    assert [e["reason_code"] for e in trail("console.session.ended")] == ["expired"]


def test_the_worker_ends_what_nobody_came_back_to(app, alice, clock, trail):
    sessions = app.extensions["broker"][AnalystSessions]
    assert sessions.end_overdue() == 0
    clock.advance(minutes=15)

    assert sessions.end_overdue() == 1

    assert [e["reason_code"] for e in trail("console.session.ended")] == ["idle"]
    assert not alice.is_in()


def test_the_logout_ends_the_session_for_every_holder_of_the_cookie(alice, trail):
    copied = alice.elsewhere()
    copied.client.set_cookie(COOKIE, str(alice.cookie()), path="/audit")
    assert copied.is_in()

    answer = alice.posts("/audit/deconnexion")

    assert answer.headers["Location"] == "/audit/connexion"
    assert not copied.is_in()
    assert [e["reason_code"] for e in trail("console.session.ended")] == ["logout"]


def test_a_cookie_that_was_planted_before_the_login_opens_nothing(alice):
    victim = alice.elsewhere()
    victim.client.set_cookie(COOKIE, "planted", path="/audit")
    attacker = alice.elsewhere("192.0.2.1")
    attacker.client.set_cookie(COOKIE, "planted", path="/audit")

    victim.logs_in()

    assert victim.is_in()
    assert victim.cookie() != "planted"
    assert not attacker.is_in()


def test_a_login_ends_the_session_that_the_browser_had(alice, trail):
    former = alice.cookie()
    copied = alice.elsewhere()
    copied.client.set_cookie(COOKIE, str(former), path="/audit")

    alice.logs_in()

    assert alice.cookie() != former
    assert not copied.is_in()
    assert [e["reason_code"] for e in trail("console.session.ended")] == ["replaced"]


@pytest.mark.parametrize(
    ("issuer", "beginning"),
    [
        ("http://localhost:8000", "ameli_analyste="),
        ("https://compte-ameli.example", "__Secure-ameli_analyste="),
    ],
)
def test_the_cookie_is_of_the_console_alone(sqlite_url, clock, issuer, beginning):
    app = create_app(test_settings(sqlite_url, BROKER_ISSUER=issuer), clock=clock)
    answer = app.test_client().get("/audit/invitation/x", base_url=issuer)

    cookie = answer.headers["Set-Cookie"].replace("invitation", "analyste")

    assert cookie.startswith(beginning)
    assert {"HttpOnly", "Path=/audit", "SameSite=Strict"} <= set(cookie.split("; "))
    assert ("Secure" in cookie.split("; ")) == issuer.startswith("https")


def test_a_session_of_a_person_is_none_of_the_console_nor_the_other_way_round(alice, client):
    client.set_cookie("ameli_session", str(alice.cookie()))
    client.set_cookie(COOKIE, str(alice.cookie()), path="/")

    assert client.get("/mon-compte").headers["Location"] == "/connexion"


@pytest.mark.parametrize("path", ["/audit/connexion", "/audit/deconnexion", "/audit/invitation"])
def test_a_form_of_another_site_changes_nothing(alice: AnalystAtWork, path: str):
    answer = alice.client.post(path, data={"identifiant": "alice"})
    foreign = alice.client.post(
        path,
        data={"jeton_formulaire": alice.token()},
        headers={"Origin": "https://ailleurs.example"},
    )

    assert (answer.status_code, foreign.status_code) == (400, 400)
    assert alice.is_in()


def left(analyst) -> tuple[int, int]:
    answer = analyst.opens("/audit/reste").get_json()
    return answer["idle"], answer["whole"]


@pytest.mark.parametrize("seconds", [0, 29, IDLE - 1])
def test_asking_how_long_the_session_lasts_is_no_use_of_it(alice, clock, seconds):
    clock.advance(seconds=seconds)

    assert left(alice) == left(alice) == (IDLE - seconds, LIFE - seconds)

    clock.advance(seconds=IDLE - seconds)
    assert left(alice) == (0, 0)
    assert not alice.is_in()


def test_without_a_session_nothing_is_left(alice, analysts):
    assert left(alice.elsewhere()) == (0, 0)

    analysts.disable("alice", OPERATOR)

    assert left(alice) == (0, 0)


def test_each_page_tells_without_a_script_when_the_session_ends(alice, clock):
    def told() -> tuple[datetime, datetime]:
        found = re.search(r"<strong>(\d\d:\d\d)</strong>.*à (\d\d:\d\d)\.", alice.opens().text)
        return tuple(datetime.strptime(each, "%H:%M") for each in found.groups())

    idle, latest = told()
    clock.advance(minutes=10)

    assert told() == (idle + timedelta(minutes=10), latest)
    assert latest - idle == timedelta(hours=7, minutes=45)


def test_what_was_sent_after_the_end_is_given_back_but_no_number(enrolled, clock):
    irene = enrolled("irene", Role.INVESTIGATOR)
    clock.advance(minutes=15)

    told = irene.posts("/audit/personne", numero="1 62 12 28 010 001", dossier="SOC-2026-118")
    bare = irene.posts("/audit/personne", numero="1 62 12 28 010 001")

    assert {page.status_code for page in (told, bare)} == {401}
    assert '<input type="hidden" name="dossier" value="SOC-2026-118">' in told.text
    assert "Envoyer à nouveau" not in bare.text
    assert "28 010" not in told.text + bare.text
    assert broken_rules(told.text) + broken_rules(bare.text) == []


def test_what_was_given_back_is_taken_after_another_login(enrolled, clock):
    alice = enrolled("alice2")
    clock.advance(minutes=15)
    given_back = alice.posts("/audit/recherche", type="console.login")
    alice.logs_in()

    again = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', given_back.text))

    assert alice.client.post("/audit/recherche", data=again).location == (
        "/audit/evenements?type=console.login"
    )

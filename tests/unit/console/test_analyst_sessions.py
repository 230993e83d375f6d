"""The session of an analyst: short, of the console alone, never that of a planted cookie."""

import pytest

from broker.app import create_app
from broker.console.sessions import AnalystSessions
from tests.conftest import test_settings
from tests.unit.console.conftest import COOKIE, AnalystAtWork


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

"""How long tokens live, and what ends them: RFC 9700 §4.14.2, OpenID Connect Core §11."""

from dataclasses import replace

import pytest

from broker.accounts.administration import Administration
from broker.base.crypto import Secret, new_token
from broker.base.metrics import Metrics
from broker.clients.administration import ClientAdministration
from broker.oidc.consents.agreements import Consents
from broker.sessions.model import BrowserKnown, Proof
from broker.sessions.sessions import Sessions
from tests.support.partner import (
    OPERATOR,
    REFRESHING,
    callback,
    error_of,
    events,
    sample_account,
)

REFUSED = (400, "invalid_grant")


@pytest.fixture
def logs_in_there(app, holder):
    """Return a function that logs an account in, in the browser where the holder is logged in."""

    def login(account_id: str) -> None:
        sessions = app.extensions["broker"][Sessions]
        present = sessions.of(Secret(holder.client.get_cookie("ameli_session").value))
        session = replace(present, sid=new_token().reveal(), account_id=account_id)
        proof = Proof(auth_event_id="login", acr="eidas1", amr=("pwd",))
        with sessions.db.transaction():
            sessions.open(session, new_token(), None, proof, BrowserKnown.REMEMBERED)

    return login


@pytest.mark.parametrize(
    ("idle", "status"), [({"seconds": 1_799}, 200), ({"seconds": 1_800}, 400)], ids=str
)
def test_in_a_session_a_token_lives_half_an_hour_unused(refreshing, clock, idle, status):
    token = refreshing.tokens()["refresh_token"]
    clock.advance(minutes=20)
    refreshing.refreshes(token)
    clock.advance(**idle)

    assert refreshing.refreshes(token).status_code == status


@pytest.mark.parametrize(("last", "status"), [(-1, 200), (0, 400)])
def test_in_a_session_a_token_lives_twelve_hours_after_the_login(
    refreshing, clock, app, last, status
):
    clock.advance(minutes=5)
    token = refreshing.tokens()["refresh_token"]
    for _ in range(12 * 3 - 1):
        clock.advance(minutes=20)
        refreshing.refreshes(token)
    clock.advance(minutes=15, seconds=last)

    response = refreshing.refreshes(token)

    assert response.status_code == status
    if status == 400:
        assert [event["reason_code"] for event in events(app, "refresh.expired")] == ["expired"]


@pytest.mark.parametrize(("seconds", "status"), [(-1, 200), (0, 400)])
def test_an_offline_token_lives_thirty_days_unused(refreshing, clock, seconds, status):
    token = refreshing.tokens(scope="openid offline_access")["refresh_token"]
    clock.advance(days=20)
    refreshing.refreshes(token)
    clock.advance(days=30, seconds=seconds)

    assert refreshing.refreshes(token).status_code == status


@pytest.mark.parametrize(("seconds", "status"), [(-1, 200), (0, 400)])
def test_an_offline_token_lives_ninety_days_in_all(refreshing, clock, seconds, status):
    token = refreshing.tokens(scope="openid offline_access")["refresh_token"]
    for _ in range(8):
        clock.advance(days=10)
        refreshing.refreshes(token)
    clock.advance(days=10, seconds=seconds)

    assert refreshing.refreshes(token).status_code == status


def test_nothing_outlives_the_end_of_its_grant(refreshing, clock):
    token = refreshing.tokens(scope="openid offline_access")["refresh_token"]
    for _ in range(8):
        clock.advance(days=10)
        refreshing.refreshes(token)
    clock.advance(days=10, seconds=-60)

    last = refreshing.refreshes(token).get_json()

    assert last["expires_in"] == 60
    clock.advance(seconds=60)
    assert refreshing.userinfo(last["access_token"]).status_code == 401


def logs_out(holder):
    page = holder.client.get("/deconnexion").get_data(as_text=True)
    token = page.split('name="jeton_formulaire" value="')[1].split('"')[0]
    return holder.client.post("/deconnexion", data={"jeton_formulaire": token})


@pytest.mark.parametrize("where", ["here", "at the partner"])
def test_a_logout_ends_what_the_session_gave_but_for_offline_access(
    refreshing, a_partner, holder, where, app
):
    other = a_partner(client_id="autre", **REFRESHING)
    in_session = [refreshing.tokens(), other.tokens()]
    offline = refreshing.tokens(scope="openid offline_access")

    if where == "here":
        logs_out(holder)
    else:
        hint = {"id_token_hint": in_session[0]["id_token"]}
        holder.client.get("/end-session", query_string=hint)

    for partner, tokens in zip((refreshing, other), in_session, strict=True):
        assert error_of(partner.refreshes(tokens["refresh_token"])) == REFUSED
        assert partner.userinfo(tokens["access_token"]).status_code == 401
    assert refreshing.refreshes(offline["refresh_token"]).status_code == 200
    assert refreshing.userinfo(offline["access_token"]).status_code == 200
    assert {e["reason_code"] for e in events(app, "token.revoked")} == {"logout"}
    exposed, _ = app.extensions["broker"][Metrics].exposition()
    assert b'broker_families_ended_total{reason="logout"} 2.0' in exposed


def test_a_logout_in_another_browser_ends_nothing_here(refreshing, holder, app):
    token = refreshing.tokens()["refresh_token"]
    elsewhere = type(holder)(app, holder.account_id)
    elsewhere.client.get("/connexion")
    elsewhere.logs_in()

    logs_out(elsewhere)

    assert refreshing.refreshes(token).status_code == 200


def test_a_new_login_of_the_same_person_ends_nothing(refreshing, holder, logs_in_there):
    token = refreshing.tokens()["refresh_token"]

    logs_in_there(holder.account_id)

    assert refreshing.refreshes(token).status_code == 200


def test_a_login_of_somebody_else_in_the_browser_ends_what_the_first_one_had(
    refreshing, app, logs_in_there
):
    token = refreshing.tokens()["refresh_token"]

    logs_in_there(sample_account(app, 2))

    assert error_of(refreshing.refreshes(token)) == REFUSED


def test_a_suspended_account_loses_offline_access_for_good(refreshing, holder, app):
    token = refreshing.tokens(scope="openid offline_access")["refresh_token"]
    administration = app.extensions["broker"][Administration]

    administration.disable(holder.account_id, operator="test", reason="fraud")
    administration.enable(holder.account_id, operator="test", reason="clear")

    assert error_of(refreshing.refreshes(token)) == REFUSED


def test_the_person_is_told_of_offline_access_and_ends_it(a_partner, holder, app):
    holder.logs_in()
    partner = a_partner(new=True, **REFRESHING)

    asked = partner.sends(scope="openid email offline_access")
    page = holder.client.get(asked.location)
    answer = callback(holder.client.post("/authorize/suite", data=callback(page)))
    tokens = partner.redeems(answer["code"]).get_json()
    (service,) = app.extensions["broker"][Consents].authorized(holder.account_id)
    app.extensions["broker"][Consents].withdraw(holder.account_id, "partenaire")

    assert "après votre déconnexion" in page.get_data(as_text=True)
    assert tokens["scope"] == "openid email offline_access"
    assert "offline_access" in service.data
    assert error_of(partner.refreshes(tokens["refresh_token"])) == REFUSED
    assert partner.userinfo(tokens["access_token"]).status_code == 401
    assert [e["reason_code"] for e in events(app, "token.revoked")] == ["consent_revoked"]


def test_a_partner_that_was_switched_off_loses_what_it_held_for_good(refreshing, app, clock):
    tokens = refreshing.tokens(scope="openid offline_access")
    code = refreshing.code()
    clock.advance(seconds=1)
    administration = app.extensions["broker"][ClientAdministration]

    administration.disable("partenaire", OPERATOR)
    off = refreshing.refreshes(tokens["refresh_token"])
    administration.enable("partenaire", OPERATOR)
    clock.advance(seconds=1)

    assert error_of(off) == (401, "invalid_client")
    assert error_of(refreshing.refreshes(tokens["refresh_token"])) == REFUSED
    assert error_of(refreshing.redeems(code)) == REFUSED
    assert refreshing.userinfo(tokens["access_token"]).status_code == 401
    assert refreshing.refreshes(refreshing.tokens()["refresh_token"]).status_code == 200


def test_a_code_that_is_replayed_ends_the_refresh_token(refreshing):
    code = refreshing.code(scope="openid offline_access")
    tokens = refreshing.redeems(code).get_json()

    refreshing.redeems(code)

    assert error_of(refreshing.refreshes(tokens["refresh_token"])) == REFUSED

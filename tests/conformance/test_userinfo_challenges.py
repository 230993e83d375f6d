"""What userinfo says to who may not read: RFC 6750 §3, RFC 9449 §7.1, RFC 9470 §3."""

import pytest
from sqlalchemy import update
from werkzeug.datastructures import MultiDict

from broker.base.db import Database
from broker.oidc.grants.tables import GRANT
from broker.oidc.tokens.tables import ACCESS
from tests.support.partner import PUBLIC, REFRESHING, Partner, events


@pytest.fixture
def partner(a_partner, holder) -> Partner:
    holder.logs_in()
    return a_partner(**REFRESHING)


def challenge(response) -> tuple[int, str]:
    return response.status_code, response.headers["WWW-Authenticate"]


DPOP = 'DPoP algs="ES256 PS256 Ed25519"'


def test_without_a_token_the_schemes_are_told_and_no_error(app):
    assert challenge(app.test_client().get("/userinfo")) == (401, f"Bearer, {DPOP}")


def test_another_scheme_is_told_which_ones_are_meant(app):
    response = app.test_client().get("/userinfo", headers={"Authorization": "Basic eDp4"})

    assert challenge(response) == (401, f"Bearer, {DPOP}")


def test_a_token_in_two_ways_is_a_malformed_request(partner, app):
    token = partner.tokens()["access_token"]

    response = app.test_client().post(
        "/userinfo", data={"access_token": token}, headers={"Authorization": f"Bearer {token}"}
    )

    status, told = challenge(response)
    assert status == 400
    assert told.startswith('Bearer error="invalid_request"')


@pytest.mark.parametrize("twice", ["access_token", "other"])
def test_a_parameter_that_comes_twice_is_a_malformed_request(partner, app, twice):
    sent = [("access_token", partner.tokens()["access_token"]), (twice, "x"), (twice, "y")]

    response = app.test_client().post("/userinfo", data=MultiDict(sent))

    status, told = challenge(response)
    assert status == 400
    assert told.startswith('Bearer error="invalid_request"')


def test_a_token_that_is_worth_nothing_is_invalid(partner, app, clock):
    token = partner.tokens()["access_token"]
    clock.advance(seconds=300)

    status, told = challenge(partner.userinfo(token))

    assert status == 401
    assert told.startswith('Bearer error="invalid_token"')
    (refused,) = events(app, "userinfo.read")
    assert (refused["outcome"], refused["reason_code"]) == ("failure", "expired")


def test_a_token_without_the_scope_openid_is_not_enough(partner, app):
    refresh_token = partner.tokens(scope="openid email")["refresh_token"]
    narrow = partner.refreshes(refresh_token, scope="email").get_json()

    status, told = challenge(partner.userinfo(narrow["access_token"]))

    assert status == 403
    assert told.startswith('Bearer error="insufficient_scope"')
    assert told.endswith(f'scope="openid", {DPOP}')
    assert events(app, "userinfo.read")[0]["reason_code"] == "insufficient_scope"


def test_a_login_below_a_raised_minimum_must_be_repeated(partner, a_partner):
    token = partner.tokens()["access_token"]
    a_partner(**REFRESHING, ameli={"minimum_acr": "eidas2"})

    status, told = challenge(partner.userinfo(token))

    assert status == 401
    assert told.startswith('Bearer error="insufficient_user_authentication"')
    assert told.endswith(f'acr_values="eidas2", {DPOP}')


@pytest.mark.parametrize(("age", "status"), [(600, 200), (601, 401)])
def test_refreshing_does_not_get_round_the_age_that_a_partner_wants(
    partner, a_partner, clock, age, status
):
    a_partner(**REFRESHING, default_max_age=600)
    token = partner.tokens()["refresh_token"]
    clock.advance(seconds=age)
    access_token = partner.refreshes(token).get_json()["access_token"]

    response = partner.userinfo(access_token)

    assert response.status_code == status
    if status == 401:
        assert challenge(response)[1].endswith(f'max_age="600", {DPOP}')


def test_the_first_token_and_offline_access_are_not_asked_their_age(partner, a_partner, clock):
    a_partner(**REFRESHING, default_max_age=60)
    first = partner.tokens(scope="openid offline_access")
    clock.advance(seconds=120)

    assert partner.userinfo(first["access_token"]).status_code == 200
    refreshed = partner.refreshes(first["refresh_token"]).get_json()
    assert partner.userinfo(refreshed["access_token"]).status_code == 200


def test_an_access_token_that_is_bound_to_a_key_serves_no_bearer(partner, app):
    token = partner.tokens()["access_token"]
    binds(app, ACCESS)

    status, told = challenge(partner.userinfo(token))

    assert (status, told.split(",")[0]) == (401, 'Bearer error="invalid_token"')


@pytest.mark.parametrize("registered", [REFRESHING, PUBLIC], ids=["confidential", "public"])
def test_a_grant_that_is_bound_to_a_key_is_refreshed_by_no_bearer(
    a_partner, holder, app, registered
):
    holder.logs_in()
    partner = a_partner(**registered)
    first = partner.tokens()["refresh_token"]
    second = partner.refreshes(first).get_json()["refresh_token"]
    binds(app, GRANT)

    answers = [partner.refreshes(token) for token in (first, second)]

    assert [answer.get_json()["error"] for answer in answers] == ["invalid_grant"] * 2
    assert {e["reason_code"] for e in events(app, "refresh.refused")} == {"key"}
    assert events(app, "refresh.reuse") == []


def binds(app, table) -> None:
    db = app.extensions["broker"][Database]
    with db.transaction():
        db.execute(update(table).values(confirmation="t" * 43))

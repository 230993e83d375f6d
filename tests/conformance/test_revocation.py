"""Revocation (RFC 7009)."""

import pytest

from tests.support.partner import PUBLIC, REFRESHING, Partner, events


@pytest.fixture
def partner(a_partner, holder) -> Partner:
    holder.logs_in()
    return a_partner(**REFRESHING)


def test_revoking_the_refresh_token_ends_the_family(partner, app):
    first = partner.tokens()
    second = partner.refreshes(first["refresh_token"]).get_json()

    response = partner.revokes(first["refresh_token"])

    assert (response.status_code, response.get_data()) == (200, b"")
    assert response.headers["Cache-Control"] == "no-store"
    assert partner.refreshes(first["refresh_token"]).get_json()["error"] == "invalid_grant"
    for tokens in (first, second):
        assert partner.userinfo(tokens["access_token"]).status_code == 401
    (event,) = events(app, "token.revoked")
    assert (event["reason_code"], event["token"]["kind"]) == ("client", "family")


def test_revoking_an_access_token_ends_it_alone(partner, app):
    first = partner.tokens()
    second = partner.refreshes(first["refresh_token"]).get_json()

    response = partner.revokes(first["access_token"])

    assert response.status_code == 200
    assert partner.userinfo(first["access_token"]).status_code == 401
    assert partner.userinfo(second["access_token"]).status_code == 200
    assert partner.refreshes(first["refresh_token"]).status_code == 200
    (event,) = events(app, "token.revoked")
    assert event["token"]["kind"] == "access"
    assert event["token"]["family_id"] == event["code_ref"]


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_another_partners_token_lives_on(partner, a_partner, app, kind):
    thief = a_partner(client_id="autre", **REFRESHING)
    tokens = partner.tokens()

    response = thief.revokes(tokens[kind])

    assert (response.status_code, response.get_data()) == (200, b"")
    assert partner.userinfo(tokens["access_token"]).status_code == 200
    assert partner.refreshes(tokens["refresh_token"]).status_code == 200
    assert events(app, "token.revoked") == []
    assert events(app, "token.revocation.refused")[0]["reason_code"] == "client"


@pytest.mark.parametrize("token", ["x", "é", "A" * 108, "2640531555982"])
def test_an_unknown_token_gets_the_same_answer(partner, app, token):
    response = partner.revokes(token)

    assert (response.status_code, response.get_data()) == (200, b"")
    assert events(app, "token.revocation.refused")[0]["reason_code"] == "unknown"


def test_revoking_twice_is_harmless(partner, app):
    tokens = partner.tokens()
    for kind in ("access_token", "refresh_token"):
        assert partner.revokes(tokens[kind]).status_code == 200

    assert partner.revokes(tokens["refresh_token"]).status_code == 200
    assert len(events(app, "token.revoked")) == 2


def test_the_hint_is_only_a_hint(partner):
    tokens = partner.tokens()

    partner.calls("/revoke", {"token": tokens["refresh_token"], "token_type_hint": "access_token"})

    assert partner.userinfo(tokens["access_token"]).status_code == 401


def test_a_token_that_was_rotated_ends_the_family_too(a_partner, holder):
    holder.logs_in()
    public = a_partner(**PUBLIC)
    first = public.tokens()
    second = public.refreshes(first["refresh_token"]).get_json()

    public.revokes(first["refresh_token"])

    assert public.refreshes(second["refresh_token"]).get_json()["error"] == "invalid_grant"
    assert public.refreshes(first["refresh_token"]).get_json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("form", "secret", "status", "error"),
    [({}, None, 400, "invalid_request"), ({"token": "x"}, "wrong" * 8, 401, "invalid_client")],
)
def test_the_revocation_endpoint_names_the_error(partner, form, secret, status, error):
    response = partner.calls("/revoke", form, **({"secret": secret} if secret else {}))

    assert (response.status_code, response.get_json()["error"]) == (status, error)

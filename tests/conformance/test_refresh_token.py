"""Refresh tokens: RFC 6749 §6, RFC 9700 §4.14.2, OpenID Connect Core §12."""

import itertools
import sqlite3

import pytest

from tests.support.partner import PUBLIC, REFRESHING, error_of, events

REFUSED = (400, "invalid_grant")


def test_a_refreshed_id_token_tells_the_same_login(refreshing, clock):
    first = refreshing.tokens(scope="openid profile")
    clock.advance(seconds=1)

    response = refreshing.refreshes(first["refresh_token"])

    second = response.get_json()
    before, after = refreshing.id_token(first), refreshing.id_token(second)
    assert response.status_code == 200
    assert response.mimetype == "application/json"
    assert response.headers["Cache-Control"] == "no-store"
    assert (second["token_type"], second["expires_in"]) == ("Bearer", 300)
    for claim in ("iss", "sub", "aud", "auth_time", "acr", "amr", "sid"):
        assert after[claim] == before[claim]
    assert after["iat"] == before["iat"] + 1
    assert "nonce" in before
    assert "nonce" not in after  # OpenID Connect Core §12.2
    assert second["access_token"] != first["access_token"]
    assert refreshing.userinfo(second["access_token"]).status_code == 200
    assert refreshing.userinfo(first["access_token"]).status_code == 200


def test_a_partner_that_registered_no_refresh_gets_none(partner, holder):
    holder.logs_in()

    tokens = partner.tokens(scope="openid offline_access")

    assert "refresh_token" not in tokens
    assert tokens["scope"] == "openid"


def test_a_partner_that_registered_no_refresh_may_not_ask_one(refreshing, a_partner):
    refresh_token = refreshing.tokens()["refresh_token"]
    partner = a_partner(grant_types=["authorization_code"])

    assert error_of(partner.refreshes(refresh_token)) == (400, "unauthorized_client")


@pytest.mark.parametrize(
    "damage",
    [
        lambda _: "",
        lambda token: token[:-1],
        lambda token: token[:-1] + ("A" if token[-1] != "A" else "B"),
        lambda token: token[:50] + ("A" if token[50] != "A" else "B") + token[51:],
        lambda token: token + "A",
        lambda _: "é" * 108,
        lambda _: "A" * 10_000,
    ],
)
def test_a_damaged_token_is_refused_and_ends_nothing(public, app, damage):
    tokens = public.tokens()

    response = public.refreshes(damage(tokens["refresh_token"]))

    assert response.get_json()["error"] in {"invalid_grant", "invalid_request"}
    assert public.refreshes(tokens["refresh_token"]).status_code == 200
    assert events(app, "refresh.reuse") == []


def test_a_confidential_client_keeps_its_token(refreshing, clock):
    """Without rotation: the token of before still works (FAPI 2.0 SP §5.3.2.1, 9)."""
    refresh_token = refreshing.tokens()["refresh_token"]

    answers = []
    for _ in range(3):
        clock.advance(seconds=30)
        answers.append(refreshing.refreshes(refresh_token).get_json())

    assert {answer["refresh_token"] for answer in answers} == {refresh_token}
    assert len({answer["access_token"] for answer in answers}) == 3


def test_a_confidential_client_proves_itself(refreshing, app):
    form = {"grant_type": "refresh_token", "refresh_token": refreshing.tokens()["refresh_token"]}

    without = app.test_client().post("/token", data=form)
    wrong = refreshing.calls("/token", form, secret="wrong" * 10)

    assert error_of(without) == error_of(wrong) == (401, "invalid_client")


def test_the_token_of_a_public_client_serves_once(public, app):
    first = public.tokens()

    second = public.refreshes(first["refresh_token"]).get_json()
    third = public.refreshes(second["refresh_token"]).get_json()

    tokens = {answer["refresh_token"] for answer in (first, second, third)}
    assert len(tokens) == 3
    assert len(events(app, "refresh.rotated")) == 2


@pytest.mark.parametrize(("seconds", "again"), [(0, True), (9, True), (10, False)])
def test_a_repeated_refresh_gets_the_same_answer_for_ten_seconds(
    public, clock, app, seconds, again
):
    token = public.tokens()["refresh_token"]
    answer = public.refreshes(token).get_json()
    clock.advance(seconds=seconds)

    repeated = public.refreshes(token)

    if again:
        assert repeated.get_json() == answer
        assert len(events(app, "refresh.repeated")) == 1
        assert public.refreshes(answer["refresh_token"]).status_code == 200
    else:
        assert error_of(repeated) == REFUSED
        assert [e["token"]["family_id"] for e in events(app, "refresh.reuse")] == [
            events(app, "code.issued")[0]["code_ref"]
        ]


def test_a_repeated_refresh_gets_the_same_answer_after_its_successor_was_used(public, clock):
    token = public.tokens()["refresh_token"]
    answer = public.refreshes(token).get_json()
    clock.advance(seconds=5)
    public.refreshes(answer["refresh_token"])

    assert public.refreshes(token).get_json() == answer


def test_reuse_ends_the_whole_family(public, clock, app):
    first = public.tokens()
    second = public.refreshes(first["refresh_token"]).get_json()
    clock.advance(seconds=11)
    third = public.refreshes(second["refresh_token"]).get_json()

    reused = public.refreshes(first["refresh_token"])

    assert error_of(reused) == REFUSED
    assert error_of(public.refreshes(third["refresh_token"])) == REFUSED
    for tokens in (first, second, third):
        assert public.userinfo(tokens["access_token"]).status_code == 401
    (revoked,) = events(app, "token.revoked")
    assert revoked["reason_code"] == "refresh_reuse"
    assert events(app, "refresh.refused")[-1]["reason_code"] == "revoked"


def test_another_family_of_the_same_person_lives_on(public, clock):
    lost, kept = public.tokens(), public.tokens()
    public.refreshes(lost["refresh_token"])
    clock.advance(seconds=11)

    public.refreshes(lost["refresh_token"])

    assert public.refreshes(kept["refresh_token"]).status_code == 200


def test_somebody_elses_client_ends_nothing_by_reuse(public, a_partner, clock):
    other = a_partner(client_id="autre", **PUBLIC)
    first = public.tokens()
    second = public.refreshes(first["refresh_token"]).get_json()
    clock.advance(seconds=11)

    stolen = other.refreshes(first["refresh_token"])

    assert error_of(stolen) == REFUSED
    assert public.refreshes(second["refresh_token"]).status_code == 200


def test_a_successor_is_never_kept_in_clear(public, sqlite_url):
    token = public.tokens()["refresh_token"]
    answer = public.refreshes(token).get_json()

    with sqlite3.connect(sqlite_url.removeprefix("sqlite:///")) as connection:
        whole = "\n".join(connection.iterdump())

    sealed = [line for line in whole.splitlines() if 'INTO "oidc_rotated_token"' in line]
    assert len(sealed) == 1
    for secret in (token, answer["refresh_token"], answer["access_token"], answer["id_token"]):
        assert secret not in whole
        assert secret.encode().hex() not in whole.lower()


def test_a_refresh_may_ask_fewer_scopes_and_later_all_again(refreshing):
    token = refreshing.tokens(scope="openid profile email")["refresh_token"]

    narrow = refreshing.refreshes(token, scope="openid email").get_json()
    whole = refreshing.refreshes(token).get_json()

    assert narrow["scope"] == "openid email"
    told = refreshing.userinfo(narrow["access_token"]).get_json()
    assert told.keys() == {"sub", "email", "email_verified"}
    assert whole["scope"] == "openid profile email"
    assert "family_name" in refreshing.userinfo(whole["access_token"]).get_json()


def test_a_narrowed_token_tells_nothing_that_was_asked_by_name(refreshing):
    claims = '{"userinfo":{"name":null},"id_token":{"name":null}}'
    token = refreshing.tokens(scope="openid email", claims=claims)["refresh_token"]

    narrow = refreshing.refreshes(token, scope="openid").get_json()
    whole = refreshing.refreshes(token).get_json()

    assert refreshing.userinfo(narrow["access_token"]).get_json().keys() == {"sub"}
    assert "name" not in refreshing.id_token(narrow)
    assert "name" in refreshing.userinfo(whole["access_token"]).get_json()
    assert "name" in refreshing.id_token(whole)


@pytest.mark.parametrize("scope", ["openid phone", "openid offline_access", "nir", "x"])
def test_a_refresh_may_not_ask_more_scopes(public, scope, app):
    token = public.tokens(scope="openid")["refresh_token"]

    refused = public.refreshes(token, scope=scope)

    assert error_of(refused) == (400, "invalid_scope")
    assert public.refreshes(token).status_code == 200  # the wish did not use it up
    assert events(app, "refresh.refused")[-1]["reason_code"] == "invalid_scope"


def test_without_the_scope_openid_there_is_no_id_token(refreshing):
    token = refreshing.tokens(scope="openid email")["refresh_token"]

    answer = refreshing.refreshes(token, scope="email").get_json()

    assert "id_token" not in answer


def test_what_a_partner_may_no_longer_ask_is_no_longer_given(refreshing, a_partner):
    first = refreshing.tokens(scope="openid profile email")
    a_partner(**REFRESHING | {"scope": "openid email"})

    answer = refreshing.refreshes(first["refresh_token"]).get_json()

    assert answer["scope"] == "openid email"
    for tokens in (first, answer):
        told = refreshing.userinfo(tokens["access_token"]).get_json()
        assert told.keys() == {"sub", "email", "email_verified"}


def test_the_lineage_of_a_family_can_be_told(public, app, clock):
    answer = public.tokens(scope="openid")
    for _ in range(2):
        clock.advance(minutes=4)
        answer = public.refreshes(answer["refresh_token"]).get_json()

    issued = [event["token"] for event in events(app, "token.issued")]

    refresh = [token for token in issued if token["kind"] == "refresh"]
    assert [token["generation"] for token in refresh] == [0, 1, 2]
    assert "parent_jti" not in refresh[0]
    for parent, child in itertools.pairwise(refresh):
        assert child["parent_jti"] == parent["hash_prefix"]
    access = [token for token in issued if token["kind"] == "access"]
    assert [t.get("parent_jti") for t in access[1:]] == [t["hash_prefix"] for t in refresh[:2]]
    assert len({token["family_id"] for token in issued}) == 1
    rotated = [event["token"]["hash_prefix"] for event in events(app, "refresh.rotated")]
    assert rotated == [token["hash_prefix"] for token in refresh[:2]]

"""PROVIDER.md D.1: the modules of oidcc-basic-certification-test-plan, by their names."""

import math
from collections import Counter

import pytest

from tests.support.partner import Partner, events, header, parse

SILENT_ERRORS = {
    "login_required",
    "interaction_required",
    "account_selection_required",
    "consent_required",
}


def entropy_in_bits(text: str) -> float:
    counts = Counter(text).values()
    return -sum(n * math.log2(n / len(text)) for n in counts)


def test_oidcc_server(partner, holder):
    holder.logs_in()

    answer = partner.receives(partner.sends())
    redeemed = partner.redeems(answer["code"])

    tokens = redeemed.get_json()
    claims = partner.id_token(tokens)
    assert set(answer) == {"code", "state", "iss"}
    assert answer["state"] == "s" * 128
    assert answer["iss"] == "http://localhost:8000"
    assert entropy_in_bits(answer["code"]) > 96
    assert redeemed.headers["Cache-Control"] == "no-store"
    assert tokens["token_type"] == "Bearer"
    assert tokens["expires_in"] == 300
    assert claims["iss"] == answer["iss"]
    assert claims["aud"] == "partenaire"
    assert claims["nonce"] == "n-0S6_WzA2Mj"
    assert claims["exp"] > claims["iat"] >= claims["auth_time"]
    assert (claims["acr"], claims["amr"]) == ("eidas1", ["pwd"])
    assert set(claims) == {
        *("iss", "sub", "aud", "exp", "iat", "auth_time", "nonce"),
        *("acr", "amr", "sid", "at_hash"),
    }


@pytest.mark.parametrize("response_mode", [None, "form_post"])
def test_oidcc_response_type_missing(partner, holder, response_mode):
    holder.logs_in()

    response = partner.sends(response_type=None, response_mode=response_mode)

    answer = partner.receives(response)
    assert response.status_code == (200 if response_mode else 303)
    assert answer["error"] == "invalid_request"
    assert answer["iss"] == "http://localhost:8000"
    assert answer["state"] == "s" * 128


def test_oidcc_idtoken_signature(a_partner, holder):
    partner = a_partner(id_token_signed_response_alg=None)
    holder.logs_in()

    id_token = partner.tokens()["id_token"]

    assert header(id_token)["alg"] == "RS256"
    assert header(id_token)["kid"]
    assert partner.verified(id_token)["aud"] == "partenaire"


def test_oidcc_userinfo_get(partner, holder):
    holder.logs_in()
    tokens = partner.tokens(scope="openid profile")

    response = partner.userinfo(tokens["access_token"])

    assert response.mimetype == "application/json"
    assert response.headers["Cache-Control"] == "no-store"
    assert response.get_json()["sub"] == partner.id_token(tokens)["sub"]
    assert response.get_json()["family_name"] == "BRISSON"


def test_oidcc_userinfo_post_header(partner, holder, app):
    holder.logs_in()
    access_token = partner.tokens()["access_token"]

    response = app.test_client().post(
        "/userinfo", headers={"Authorization": f"Bearer {access_token}"}
    )

    assert response.status_code == 200


def test_oidcc_userinfo_post_body(partner, holder, app):
    holder.logs_in()
    access_token = partner.tokens()["access_token"]

    response = app.test_client().post("/userinfo", data={"access_token": access_token})

    assert response.status_code == 200


def test_oidcc_ensure_request_without_nonce_succeeds_for_code_flow(partner, holder):
    holder.logs_in()

    tokens = partner.tokens(nonce=None)

    assert "nonce" not in partner.id_token(tokens)


@pytest.mark.parametrize(
    ("scope", "claims"),
    [
        (
            "profile",
            {"name", "given_name", "family_name", "preferred_username", "gender", "birthdate"},
        ),
        ("email", {"email", "email_verified"}),
        ("address", {"address"}),
        ("phone", set()),
        ("birth", {"birthplace", "birthcountry"}),
        ("birthdate", {"birthdate"}),
    ],
)
def test_oidcc_scope(partner, holder, scope, claims):
    holder.logs_in()
    tokens = partner.tokens(scope=f"openid {scope}")

    userinfo = partner.userinfo(tokens["access_token"]).get_json()

    assert userinfo.keys() - {"sub"} == claims - {"preferred_username"}
    assert tokens["scope"] == f"openid {scope}"


def test_oidcc_alternate_happy_flow(partner, holder):
    holder.logs_in()
    request = dict(reversed(partner.request(scope="email openid").items()))

    response = holder.client.get("/authorize", query_string=request)

    assert partner.redeems(partner.receives(response)["code"]).status_code == 200


@pytest.mark.parametrize(
    "parameter",
    [
        {"display": "page"},
        {"display": "popup"},
        {"ui_locales": "se"},
        {"claims_locales": "se"},
        {"acr_values": "eidas2 1 2"},
        {"login_hint": "somebody"},
        {"extra": "foobar"},
    ],
    ids=str,
)
def test_oidcc_ensure_request_with_parameter_succeeds(partner, holder, parameter):
    holder.logs_in()

    tokens = partner.tokens(**parameter)

    assert partner.id_token(tokens)["acr"] == "eidas1"


def test_oidcc_prompt_login(partner, holder, clock):
    holder.logs_in()
    first = partner.id_token(partner.tokens())
    clock.advance(seconds=1)

    asked = partner.sends(prompt="login")
    answer = partner.receives(holder.goes_on(asked))

    second = partner.id_token(partner.redeems(answer["code"]).get_json())
    assert asked.location.startswith("/connexion?demande=")
    assert second["auth_time"] == first["auth_time"] + 1
    assert second["sub"] == first["sub"]


@pytest.mark.parametrize("response_mode", [None, "form_post"])
def test_oidcc_prompt_none_not_logged_in(partner, response_mode):
    answer = partner.receives(partner.sends(prompt="none", response_mode=response_mode))

    assert answer["error"] in SILENT_ERRORS
    assert answer["state"] == "s" * 128
    assert "code" not in answer


def test_oidcc_prompt_none_logged_in(partner, holder, clock):
    holder.logs_in()
    first = partner.id_token(partner.tokens())
    clock.advance(seconds=5)

    second = partner.id_token(partner.tokens(prompt="none"))

    assert (second["sub"], second["auth_time"]) == (first["sub"], first["auth_time"])


def test_oidcc_max_age_1(partner, holder, clock):
    holder.logs_in()
    first = partner.id_token(partner.tokens())
    clock.advance(seconds=2)

    answer = partner.receives(holder.goes_on(partner.sends(max_age="1")))

    second = partner.id_token(partner.redeems(answer["code"]).get_json())
    assert second["auth_time"] == first["auth_time"] + 2


def test_oidcc_max_age_10000(partner, holder, clock):
    holder.logs_in()
    first = partner.id_token(partner.tokens(max_age="15000"))
    clock.advance(seconds=2)

    second = partner.id_token(partner.tokens(max_age="10000"))

    assert (second["sub"], second["auth_time"]) == (first["sub"], first["auth_time"])


def test_oidcc_id_token_hint(partner, holder, clock):
    holder.logs_in()
    first = partner.tokens()
    clock.advance(minutes=20)

    second = partner.tokens(prompt="none", id_token_hint=first["id_token"])

    assert partner.id_token(second)["sub"] == partner.id_token(first)["sub"]


def test_oidcc_codereuse_30seconds(partner, holder, clock, app):
    holder.logs_in()
    code = partner.code()
    access_token = partner.redeems(code).get_json()["access_token"]
    clock.advance(seconds=30)

    again = partner.redeems(code)

    assert (again.status_code, again.get_json()["error"]) == (400, "invalid_grant")
    assert partner.userinfo(access_token).status_code == 401
    assert [event["outcome"] for event in events(app, "code.replayed")] == ["failure"]
    assert len(events(app, "token.revoked")) == 1


@pytest.mark.parametrize("suffix", ["/x", "?x=1", "#x", "/", "%00"])
def test_oidcc_ensure_registered_redirect_uri(partner, holder, suffix):
    holder.logs_in()

    response = partner.sends(redirect_uri=partner.registered["redirect_uris"][0] + suffix)

    assert response.status_code == 400
    assert "Location" not in response.headers
    assert "partenaire.test" not in response.get_data(as_text=True)


def test_oidcc_ensure_post_request_succeeds(partner, holder):
    holder.logs_in()

    kept = holder.client.post("/authorize", data=partner.request())
    answer = partner.receives(holder.client.get(kept.location))

    assert kept.status_code == 303
    assert partner.redeems(answer["code"]).status_code == 200


def test_oidcc_server_client_secret_post(a_partner, holder):
    partner = a_partner(token_endpoint_auth_method="client_secret_post")
    holder.logs_in()

    assert partner.tokens()["access_token"]


@pytest.mark.parametrize(
    ("parameter", "error"),
    [
        ({"request": "eyJhbGciOiJub25lIn0.e30."}, "request_not_supported"),
        ({"request_uri": "https://partenaire.test/r"}, "request_uri_not_supported"),
    ],
)
def test_oidcc_request_objects_are_refused(partner, holder, parameter, error):
    holder.logs_in()

    answer = partner.receives(partner.sends(**parameter))

    assert answer["error"] == error


def test_oidcc_claims_essential(partner, holder):
    holder.logs_in()
    tokens = partner.tokens(claims='{"userinfo":{"name":{"essential":true}}}')

    userinfo = partner.userinfo(tokens["access_token"]).get_json()

    assert userinfo["name"] == "ANNIE BRISSON"
    assert "name" not in partner.id_token(tokens)


def test_oidcc_ensure_request_object_with_redirect_uri(partner, holder):
    holder.logs_in()

    response = partner.sends(redirect_uri="https://autre.test/", request="e30.e30.")

    assert response.status_code == 400
    assert "Location" not in response.headers


def test_oidcc_ensure_request_without_pkce_succeeds_where_a_file_lifts_it(a_partner, holder):
    partner = a_partner(ameli={"compatibility": [{"name": "no_pkce", "until": "2026-03-02"}]})
    holder.logs_in()

    answer = partner.receives(partner.sends(code_challenge=None, code_challenge_method=None))

    assert partner.redeems(answer["code"], code_verifier=None).status_code == 200


def test_the_exception_ends_with_its_last_day(a_partner, holder):
    partner = a_partner(ameli={"compatibility": [{"name": "no_pkce", "until": "2026-03-01"}]})
    holder.logs_in()

    answer = partner.receives(partner.sends(code_challenge=None, code_challenge_method=None))

    assert answer["error"] == "invalid_request"


def test_a_form_post_answer_goes_to_the_partner_alone(partner: Partner, holder):
    holder.logs_in()

    response = partner.sends(response_mode="form_post")

    policy = response.headers["Content-Security-Policy"]
    assert "form-action 'self' https://partenaire.test;" in policy
    assert partner.redeems(partner.receives(response)["code"]).status_code == 200


def test_a_query_of_the_redirect_uri_is_kept(a_partner, holder):
    partner = a_partner(redirect_uris=["https://partenaire.test/retour?a=b"])
    holder.logs_in()

    answer = parse(partner.sends().location)

    assert answer["a"] == "b"
    assert answer["code"]

"""What sites receive: the code, the tokens, the claims."""

import re

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

ISSUER = "https://fc.test/api/v2"
SECRET = "a-secret-of-at-least-thirty-two-characters"


def test_discovery_describes_the_low_platform(site):
    metadata = site.browser.get("/api/v2/.well-known/openid-configuration").json

    assert metadata["issuer"] == ISSUER
    assert metadata["response_types_supported"] == ["code"]
    assert metadata["subject_types_supported"] == ["pairwise"]
    assert metadata["acr_values_supported"] == ["eidas1"]
    assert metadata["code_challenge_methods_supported"] == ["S256"]
    assert metadata["claims_parameter_supported"] is True
    assert metadata["authorization_response_iss_parameter_supported"] is True


def test_the_keys_are_public_and_may_be_kept_ten_minutes(site):
    answer = site.browser.get("/api/v2/jwks")

    assert answer.headers["Cache-Control"] == "public, max-age=600"
    assert all("d" not in key and key["kid"] for key in answer.json["keys"])


def test_the_callback_carries_code_state_and_iss(site):
    answer = site.returns()

    assert answer.keys() == {"code", "state", "iss"}
    assert answer["state"] == "s" * 32
    assert answer["iss"] == ISSUER


def test_the_token_answer_has_no_refresh_token(site):
    tokens = site.tokens()

    assert tokens.keys() == {"access_token", "expires_in", "id_token", "scope", "token_type"}
    assert len(tokens["access_token"]) == 43
    assert tokens["expires_in"] == 60
    assert tokens["token_type"] == "Bearer"


def test_the_id_token_has_exactly_the_claims_of_franceconnect(site):
    id_token = site.id_token()

    assert id_token.header.keys() == {"alg", "kid"}
    assert id_token.claims.keys() == {
        "sub", "auth_time", "acr", "nonce", "aud", "exp", "iat", "iss",
    }  # fmt: skip
    assert id_token.claims["nonce"] == "n" * 32
    assert id_token.claims["aud"] == "site"
    assert id_token.claims["exp"] == id_token.claims["iat"] + 60


def test_amr_comes_only_when_claims_asks_for_it(site):
    id_token = site.id_token(claims='{"id_token":{"amr":{"essential":true}}}')

    assert id_token.claims["amr"] == ["fc", "pwd"]


def test_userinfo_is_a_signed_jwt_for_this_site(site):
    answer = site.userinfo(site.tokens()["access_token"])

    claims = site.verifies(answer.text).claims
    assert answer.mimetype == "application/jwt"
    assert claims["iss"] == ISSUER
    assert claims["aud"] == "site"
    assert claims["exp"] == claims["iat"] + 60


def test_userinfo_holds_what_the_scopes_give(site):
    claims = site.claims(scope="openid birth")

    assert claims.keys() == {"sub", "birthplace", "birthcountry", "aud", "exp", "iat", "iss"}


def test_profile_gives_all_first_names_also_as_a_list(site):
    claims = site.claims()

    assert claims["given_name"] == "Angela Claire Louise"
    assert claims["given_name_array"] == ["Angela", "Claire", "Louise"]
    assert claims["family_name"] == "DUBOIS"
    assert "preferred_username" not in claims


def test_the_account_that_was_used_is_told_to_who_may_know(site):
    claims = site.claims(scope="openid idp_id amr")

    assert claims["idp_id"] == "impots"
    assert claims["amr"] == ["fc", "pwd"]


def test_a_site_with_rs256_receives_rs256(rsa_site):
    tokens = rsa_site.tokens()

    assert rsa_site.verifies(tokens["id_token"], "RS256").claims["aud"] == "site"


def test_a_legacy_site_with_hs256_receives_hs256(site):
    site.client_id = "hmac"

    tokens = site.tokens(scope="openid")

    key = OctKey.import_key(SECRET)
    assert jwt.decode(tokens["id_token"], key, ["HS256"]).claims["aud"] == "hmac"


def test_the_sub_is_64_hexadecimal_digits_and_v1(site):
    sub = site.id_token().claims["sub"]

    assert re.fullmatch(r"[0-9a-f]{64}v1", sub)


def test_sites_of_one_entity_see_the_same_sub(site):
    here = site.id_token().claims["sub"]
    site.client_id = "sibling"

    there = site.id_token().claims["sub"]

    assert here == there


def test_sites_of_two_entities_see_two_subs(site):
    here = site.id_token(login="piv-1").claims["sub"]
    site.client_id = "other"

    there = site.id_token(login="piv-1").claims["sub"]

    assert here != there


def test_a_recorded_identity_keeps_its_sub_where_the_site_says_so(site, recorded):
    site.client_id = "other"

    claims = site.claims(login="piv-1", scope="openid profile birth email idp_birthdate")

    assert {name: claims[name] for name in recorded} == recorded


def test_the_start_of_a_recorded_sub_is_a_login_too(site, recorded):
    claims = site.claims(login=recorded["sub"][:12])

    assert claims["email"] == recorded["email"]


def test_a_code_works_for_30_seconds(site):
    code = site.returns()["code"]
    site.clock.advance(29)

    answer = site.redeems(code)

    assert answer.status_code == 200


def test_a_code_stops_working_after_30_seconds(site):
    code = site.returns()["code"]
    site.clock.advance(30)

    answer = site.redeems(code)

    assert answer.status_code == 400
    assert answer.json["error"] == "invalid_grant"


def test_a_replayed_code_kills_the_access_token(site):
    code = site.returns()["code"]
    tokens = site.redeems(code).json

    answer = site.redeems(code)

    assert answer.json["error"] == "invalid_grant"
    refused = site.userinfo(tokens["access_token"])
    assert refused.status_code == 401
    assert refused.json["error"] == "invalid_token"


def test_an_access_token_lives_60_seconds(site):
    access_token = site.tokens()["access_token"]
    site.clock.advance(59)
    assert site.userinfo(access_token).status_code == 200

    site.clock.advance(1)

    assert site.userinfo(access_token).status_code == 401


def test_a_bad_secret_is_refused(site):
    code = site.returns()["code"]

    answer = site.redeems(code, client_secret="wrong")

    assert answer.status_code == 401
    assert answer.json["error"] == "invalid_client"
    assert answer.json["error_uri"]


@pytest.mark.parametrize(
    "flaw",
    [
        {"code": "unknown"},
        {"redirect_uri": "https://site.test/elsewhere"},
        {"redirect_uri": None},
        {"client_id": "sibling"},
    ],
)
def test_a_code_goes_with_its_site_and_redirect_uri(site, flaw):
    code = site.returns()["code"]

    answer = site.redeems(**({"code": code} | flaw))

    assert answer.status_code == 400
    assert answer.json["error"] == "invalid_grant"


def test_a_refresh_token_grant_is_unsupported(site):
    answer = site.redeems("any", grant_type="refresh_token")

    assert answer.status_code == 400
    assert answer.json["error"] == "unsupported_grant_type"


def test_an_unknown_bearer_is_refused(site):
    answer = site.userinfo("unknown")

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'


def test_a_revoked_access_token_is_refused(site):
    access_token = site.tokens()["access_token"]
    form = {"client_id": "site", "client_secret": SECRET, "token": access_token}

    answer = site.browser.post("/api/v2/token/revocation", data=form)

    assert answer.status_code == 200
    assert site.userinfo(access_token).status_code == 401


def test_a_site_cannot_revoke_the_token_of_another(site):
    access_token = site.tokens()["access_token"]
    form = {"client_id": "other", "client_secret": SECRET, "token": access_token}

    site.browser.post("/api/v2/token/revocation", data=form)

    assert site.userinfo(access_token).status_code == 200

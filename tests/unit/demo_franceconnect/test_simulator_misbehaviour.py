"""Each misbehaviour alters one artefact of one login."""

import base64
import json
from pathlib import Path

import pytest
from joserfc import jwt
from joserfc.errors import JoseError

from demo.franceconnect.misbehaviour import MISBEHAVIOURS

ISSUER = "https://fc.test/api/v2"


def unverified(token: str, part: int = 1) -> dict[str, object]:
    encoded = token.split(".")[part]
    return json.loads(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)))


@pytest.mark.parametrize(
    ("name", "claim", "wrong"),
    [
        ("bad_iss", "iss", "https://elsewhere.example"),
        ("bad_aud", "aud", "another-site"),
        ("bad_nonce", "nonce", "0" * 64),
        ("low_acr", "acr", "eidas0"),
        ("missing_nonce", "nonce", None),
        ("missing_sub", "sub", None),
        ("missing_iat", "iat", None),
        ("missing_acr", "acr", None),
    ],
)
def test_a_claim_of_a_well_signed_id_token_is_wrong(site, name, claim, wrong):
    tokens = site.tokens(misbehaviour=name)

    assert site.verifies(tokens["id_token"]).claims.get(claim) == wrong


def test_an_expired_id_token_is_an_hour_old(site):
    claims = site.verifies(site.tokens(misbehaviour="expired")["id_token"]).claims

    assert claims["exp"] < site.clock.now


def test_an_id_token_may_come_from_the_future(site):
    claims = site.verifies(site.tokens(misbehaviour="issued_in_the_future")["id_token"]).claims

    assert claims["iat"] > site.clock.now


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("bad_signature", {"alg": "ES256"}),
        ("alg_none", {"alg": "none"}),
        ("hs256_public_key", {"alg": "HS256"}),
        ("jwk_in_header", {"alg": "ES256"}),
        ("unknown_key", {"alg": "ES256"}),
    ],
)
def test_an_id_token_that_does_not_verify(site, name, header):
    id_token = site.tokens(misbehaviour=name)["id_token"]

    assert unverified(id_token, part=0).items() >= header.items()
    assert unverified(id_token)["nonce"] == "n" * 32
    with pytest.raises((JoseError, ValueError)):
        site.verifies(id_token)


def test_a_key_in_the_header_verifies_with_itself(site):
    header = unverified(site.tokens(misbehaviour="jwk_in_header")["id_token"], part=0)

    assert header["jwk"]["kty"] == "EC"
    assert "d" not in header["jwk"]


def test_the_id_token_may_be_missing(site):
    tokens = site.tokens(misbehaviour="missing_id_token")

    assert "id_token" not in tokens
    assert "access_token" in tokens


def test_the_token_endpoint_may_fail(site):
    answer = site.redeems(site.returns(misbehaviour="server_error")["code"])

    assert answer.status_code == 500


def test_the_token_endpoint_may_be_slow(site):
    site.tokens(misbehaviour="slow")

    assert site.slept == [30]


def test_userinfo_may_speak_of_somebody_else(site):
    tokens = site.tokens(misbehaviour="bad_sub")

    userinfo = site.verifies(site.userinfo(tokens["access_token"]).text).claims
    assert userinfo["sub"] != site.verifies(tokens["id_token"]).claims["sub"]


def test_userinfo_may_be_for_another_site(site):
    tokens = site.tokens(misbehaviour="bad_userinfo_aud")

    userinfo = site.verifies(site.userinfo(tokens["access_token"]).text).claims
    assert userinfo["aud"] == "another-site"


def test_userinfo_may_be_badly_signed(site):
    tokens = site.tokens(misbehaviour="bad_userinfo_signature")

    with pytest.raises(JoseError):
        site.verifies(site.userinfo(tokens["access_token"]).text)


def test_userinfo_may_have_the_wrong_content_type(site):
    answer = site.userinfo(site.tokens(misbehaviour="wrong_content_type")["access_token"])

    assert answer.mimetype == "text/html"
    assert isinstance(site.verifies(answer.text), jwt.Token)


def test_userinfo_may_be_plain_json(site):
    answer = site.userinfo(site.tokens(misbehaviour="unsigned_userinfo")["access_token"])

    assert answer.mimetype == "application/json"
    assert answer.json["family_name"] == "DUBOIS"


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("missing_state", {"state": None}),
        ("wrong_state", {"state": "0" * 64}),
        ("wrong_iss_parameter", {"iss": "https://elsewhere.example"}),
        ("missing_iss_parameter", {"iss": None}),
        ("callback_server_error", {"code": None, "error": "server_error"}),
        ("callback_temporarily_unavailable", {"error": "temporarily_unavailable"}),
    ],
)
def test_the_callback_may_be_wrong(site, name, changed):
    answer = site.returns(misbehaviour=name)

    assert {key: answer.get(key) for key in changed} == changed


def test_an_order_applies_to_the_next_login_only(site):
    site.browser.post("/simulator/misbehaviour", json={"next": "missing_state"})

    first, second = site.returns(), site.returns()

    assert "state" not in first
    assert "state" in second


def test_an_order_may_be_taken_back(site):
    site.browser.post("/simulator/misbehaviour", json={"next": "missing_state"})

    answer = site.browser.post("/simulator/misbehaviour", json={"next": None})

    assert answer.json == {"next": None}
    assert "state" in site.returns()


@pytest.mark.parametrize("body", [{"next": "unknown"}, {"next": []}, {}, []])
def test_an_order_that_is_not_understood_is_refused(site, body):
    answer = site.browser.post("/simulator/misbehaviour", json=body)

    assert answer.status_code == 400


def test_the_names_are_listed_for_programs_and_people(site):
    listed = site.browser.get("/simulator/misbehaviour").json["available"]
    page = site.browser.get(f"{site.reaches_choice()}/account/impots").text

    assert listed == sorted(MISBEHAVIOURS)
    assert all(f'value="{name}"' in page for name in listed)


def test_an_unknown_name_on_the_login_page_is_lawful_behaviour(site):
    answer = site.returns(misbehaviour="unknown")

    assert answer["iss"] == ISSUER


def test_every_name_is_in_the_readme():
    readme = (Path(__file__).parents[3] / "demo/franceconnect/README.md").read_text()

    assert [name for name in MISBEHAVIOURS if f"`{name}`" not in readme] == []

"""fapi2-security-profile-final-test-plan: discovery, whole flows, what a request may hold."""

import json

import pytest

from tests.conformance.fapi import STRONG, code, flow, received, request_uri, tokens
from tests.support.key_partner import ISSUER
from tests.support.partner import callback, parse


def test_discovery_end_point_verification(app):
    document = app.test_client().get("/.well-known/openid-configuration").get_json()

    assert document["issuer"] == ISSUER
    assert document["authorization_response_iss_parameter_supported"] is True
    assert document["pushed_authorization_request_endpoint"] == f"{ISSUER}/par"
    assert isinstance(document["require_pushed_authorization_requests"], bool)
    assert document["response_types_supported"] == ["code"]
    assert document["code_challenge_methods_supported"] == ["S256"]
    assert "private_key_jwt" in document["token_endpoint_auth_methods_supported"]
    for name in ("id_token", "token_endpoint_auth", "dpop", "userinfo"):
        assert STRONG & set(document[f"{name}_signing_alg_values_supported"])
    assert document["dpop_signing_alg_values_supported"] == ["ES256", "PS256", "Ed25519"]


@pytest.mark.parametrize("algorithm", ["ES256", "PS256", "Ed25519"])
def test_happy_flow(a_fapi_partner, algorithm):
    fapi = a_fapi_partner(algorithm, algorithm)
    other = a_fapi_partner(algorithm, algorithm, client_id="autre")

    first = flow(fapi, state="s", nonce="n")
    second = flow(other, state="t" * 43, nonce="m" * 43, dpop_jkt=other.dpop.thumbprint)

    assert fapi.id_token(first)["nonce"] == "n"
    assert fapi.id_token(first)["sub"] == other.id_token(second)["sub"]
    assert first["access_token"] != second["access_token"]
    in_query = fapi.app.test_client().get(f"/userinfo?access_token={first['access_token']}")
    assert in_query.status_code == 401


def test_user_rejects_authentication(fapi, app, holder):
    holder.client = app.test_client()  # nobody is logged in there
    waiting = fapi.opens(request_uri(fapi))
    request_id = parse(waiting.location)["demande"]

    answer = callback(holder.client.get(f"/authorize/annulation?demande={request_id}"))

    assert (answer["error"], answer["state"], answer["iss"]) == (
        "access_denied",
        "s" * 128,
        ISSUER,
    )


def test_ensure_authorization_request_without_state_success(fapi):
    answer = flow(fapi, state=None)

    assert "s_hash" not in fapi.id_token(answer)


def test_ensure_authorization_request_without_nonce_success(fapi):
    assert "nonce" not in fapi.id_token(flow(fapi, nonce=None))


def test_ensure_authorization_request_with_64_char_nonce_success(fapi):
    assert fapi.id_token(flow(fapi, nonce="n" * 64))["nonce"] == "n" * 64


def test_ensure_other_scope_order_succeeds(fapi):
    answer = flow(fapi, scope="email profile openid")

    assert set(answer["scope"].split()) == {"openid", "profile", "email"}


def test_test_claims_parameter_identity_claims(fapi, app):
    supported = app.test_client().get("/.well-known/openid-configuration").get_json()
    asked = dict.fromkeys((*supported["claims_supported"], "unknown_claim"))

    answer = flow(fapi, claims=json.dumps({"id_token": asked, "userinfo": asked}))

    told = fapi.reads(answer["access_token"]).get_json()
    assert {"email", "birthdate", "given_name"} <= told.keys()
    assert "unknown_claim" not in told
    assert "unknown_claim" not in fapi.id_token(answer)


def test_ensure_different_nonce_inside_and_outside_request_object(fapi):
    pushed = request_uri(fapi, nonce="inside")

    answer = received(fapi.opens(pushed, nonce="outside"))

    assert fapi.id_token(tokens(fapi, fapi.redeems(answer["code"])))["nonce"] == "inside"


def test_ensure_different_state_inside_and_outside_request_object(fapi):
    pushed = request_uri(fapi, state="inside")

    assert "code" in received(fapi.opens(pushed, state="outside"), state="inside")


def test_state_only_outside_request_object_not_used(fapi):
    pushed = request_uri(fapi, state=None)

    assert "code" in received(fapi.opens(pushed, state="outside"), state=None)


def test_ensure_authorization_request_with_long_nonce(fapi):
    assert fapi.id_token(flow(fapi, nonce="n" * 384))["nonce"] == "n" * 384


def test_ensure_authorization_request_with_long_state(fapi):
    assert code(fapi, state="s" * 1000)


def test_par_without_duplicate_parameters(fapi):
    """The address of the browser holds client_id and request_uri alone."""
    assert "code" in received(fapi.opens(request_uri(fapi)))

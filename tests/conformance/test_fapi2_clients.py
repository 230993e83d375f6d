"""fapi2-security-profile-final-test-plan: who calls, with which assertion, code and token."""

import pytest
from joserfc.jwk import RSAKey

from tests.conformance.fapi import code, flow, is_refused, tokens
from tests.support.key_partner import ISSUER, DPoPKey

UNPROVED = {"statuses": (400, 401)}


@pytest.fixture
def other(a_fapi_partner):
    return a_fapi_partner("PS256", client_id="autre")


def test_ensure_client_id_in_token_endpoint(fapi, other):
    """The client_id of another client, with the assertion of this one."""
    response = fapi.redeems(code(fapi), client_id=other.registered["client_id"])

    assert is_refused(response, "invalid_client", **UNPROVED)


def test_ensure_authorization_code_is_bound_to_client(fapi, other):
    granted = code(fapi)
    other.verifier = fapi.verifier

    assert is_refused(other.redeems(granted), "invalid_grant")
    assert fapi.redeems(granted).status_code == 200


def test_attempt_reuse_authorization_code_after_one_second(fapi, clock):
    granted = code(fapi)
    token = tokens(fapi, fapi.redeems(granted))["access_token"]
    clock.advance(seconds=1)

    assert is_refused(fapi.redeems(granted), "invalid_grant")
    assert fapi.reads(token).status_code == 401


@pytest.mark.parametrize(("age", "status"), [(59, 200), (60, 400), (62, 400)])
def test_ensure_token_endpoint_fails_with_expired_auth_code(fapi, clock, age, status):
    granted = code(fapi)
    clock.advance(seconds=age)

    response = fapi.redeems(granted)

    assert response.status_code == status
    assert status == 200 or is_refused(response, "invalid_grant")


def test_ensure_signed_client_assertion_with_rs256_fails(fapi):
    rs256 = fapi.assertion(algorithm="RS256", key=RSAKey.generate_key(2048))

    assert is_refused(
        fapi.redeems(code(fapi), client_assertion=rs256), "invalid_client", **UNPROVED
    )


def test_ensure_client_assertion_in_token_endpoint(fapi):
    bare = {"client_assertion": None, "client_assertion_type": None, "client_id": "partenaire"}

    assert is_refused(fapi.redeems(code(fapi), **bare), "invalid_client", **UNPROVED)


def test_ensure_client_assertion_with_exp_is_5_minutes_in_past_fails(fapi):
    refuses_assertion(fapi, exp=-300)


def test_ensure_client_assertion_with_wrong_aud_fails(fapi):
    refuses_assertion(fapi, aud="https://other.example")


def test_ensure_client_assertion_with_no_sub_fails(fapi):
    refuses_assertion(fapi, sub=None)


def test_par_test_array_as_audience_fails(fapi):
    refuses_assertion(fapi, aud=[ISSUER])


def test_par_test_par_endpoint_url_as_audience_fails(fapi):
    refuses_assertion(fapi, aud=f"{ISSUER}/par")


def test_par_test_token_endpoint_url_as_audience_fails(fapi):
    refuses_assertion(fapi, aud=f"{ISSUER}/token")


def refuses_assertion(fapi, **flaw):
    """Check that PAR and the token endpoint refuse it, and that the code is not spent."""
    granted = code(fapi)
    flawed = fapi.redeems(granted, client_assertion=fapi.assertion(**flaw))
    assert is_refused(flawed, "invalid_client", **UNPROVED)
    assert is_refused(fapi.pushes(fapi.assertion(**flaw)), "invalid_client", **UNPROVED)
    assert fapi.redeems(granted).status_code == 200


@pytest.mark.parametrize("lead", [8, 10])
def test_par_ensure_jwt_client_assertions_nbf_8_seconds_in_the_future_is_accepted(fapi, lead):
    assert fapi.pushes(fapi.assertion(nbf=lead)).status_code == 201


def test_par_ensure_jwt_client_assertions_nbf_over_60_seconds_in_the_future_fails(fapi):
    assert is_refused(fapi.pushes(fapi.assertion(nbf=61)), "invalid_client", **UNPROVED)


def test_ensure_pkce_code_verifier_required(fapi):
    assert is_refused(fapi.redeems(code(fapi), code_verifier=None), "invalid_grant")


def test_incorrect_pkce_code_verifier_rejected(fapi):
    granted = code(fapi)

    assert is_refused(fapi.redeems(granted, code_verifier="v" * 43), "invalid_grant")
    assert fapi.redeems(granted).status_code == 200


def test_refresh_token(fapi, other, clock):
    first = flow(fapi, scope="openid offline_access")
    clock.advance(seconds=1)

    second = tokens(fapi, fapi.refreshes(first["refresh_token"]))

    before, after = fapi.id_token(first), fapi.id_token(second)
    assert [before[n] for n in SAME] == [after[n] for n in SAME]
    assert after["iat"] > before["iat"]
    assert second["refresh_token"] == first["refresh_token"]  # SP §5.3.2.1-9: no rotation
    assert fapi.reads(second["access_token"]).status_code == 200
    refuses_strangers(fapi, other, first["refresh_token"])
    clock.advance(seconds=30)
    fapi.dpop = DPoPKey()  # a client that proves itself may change its key (RFC 9449 §5)
    third = tokens(fapi, fapi.refreshes(first["refresh_token"]))
    assert fapi.reads(third["access_token"]).status_code == 200


SAME = ("iss", "sub", "aud", "auth_time")


def refuses_strangers(fapi, other, refresh_token):
    bare = {"client_assertion": None, "client_assertion_type": None, "client_id": "partenaire"}
    assert is_refused(fapi.refreshes(refresh_token, **bare), "invalid_client", **UNPROVED)
    assert is_refused(fapi.refreshes(refresh_token, proof=None), "invalid_dpop_proof")
    assert is_refused(other.refreshes(refresh_token), "invalid_grant")

"""Nonces of the server in DPoP proofs (RFC 9449 §8 and §9), for clients whose file asks it."""

import pytest

from tests.conformance.fapi import is_refused, tokens
from tests.support.partner import events

ASKED = {"ameli": {"profile": "fapi2", "dpop_nonce": True}}


@pytest.fixture
def fapi(a_fapi_partner):
    return a_fapi_partner(**ASKED)


def nonce_of(response):
    return response.headers["DPoP-Nonce"]


def learns_nonce(fapi):
    return nonce_of(fapi.pushes(proof=fapi.proof("/par")))


def token(fapi, nonce):
    proof = fapi.proof("/token", nonce=nonce)
    return tokens(fapi, fapi.redeems(fapi.code(), proof=proof))["access_token"]


def reads(fapi, token, **changes):
    return fapi.reads(token, proof=fapi.proof("/userinfo", method="GET", token=token, **changes))


def test_each_endpoint_asks_for_its_nonce_and_takes_it(fapi, app):
    code = fapi.code()

    at_par = fapi.pushes(proof=fapi.proof("/par"))
    at_token = fapi.redeems(code)
    redeemed = fapi.redeems(code, proof=fapi.proof("/token", nonce=nonce_of(at_token)))
    access_token = tokens(fapi, redeemed)["access_token"]
    at_userinfo = reads(fapi, access_token)

    assert is_refused(at_par, "use_dpop_nonce")
    assert is_refused(at_token, "use_dpop_nonce")
    assert is_refused(at_userinfo, "use_dpop_nonce", statuses=(401,))
    assert at_userinfo.headers["WWW-Authenticate"] == (
        'DPoP error="use_dpop_nonce",'
        ' error_description="the DPoP proof must hold the nonce of DPoP-Nonce",'
        ' algs="ES256 PS256 Ed25519"'
    )
    proof = fapi.proof("/par", nonce=nonce_of(at_par))
    assert fapi.pushes(proof=proof).status_code == 201
    assert reads(fapi, access_token, nonce=nonce_of(at_userinfo)).status_code == 200
    assert events(app, "dpop.proof.refused") == []  # to be asked is no fault
    assert [e["outcome"] for e in events(app, "userinfo.read")] == ["success"]


@pytest.mark.parametrize("nonce", ["", "guess", 7, None])
def test_no_other_nonce_will_do(fapi, nonce):
    response = fapi.pushes(proof=fapi.proof("/par", nonce=nonce))

    assert is_refused(response, "use_dpop_nonce")


def test_the_nonce_dates_the_proof_whatever_the_clients_clock_says(fapi):
    nonce = learns_nonce(fapi)

    for error in (-3_600, 3_600):
        proof = fapi.proof("/par", nonce=nonce, iat=error)
        assert fapi.pushes(proof=proof).status_code == 201
        assert is_refused(fapi.pushes(proof=proof), "invalid_dpop_proof")  # once, all the same


@pytest.mark.parametrize(("age", "good"), [(150, True), (299, True), (300, False)])
def test_a_nonce_is_good_for_a_while_and_replaced_before_it_is_not(fapi, clock, age, good):
    """The clock of the tests begins with a slot."""
    nonce = learns_nonce(fapi)
    clock.advance(seconds=age)

    response = fapi.pushes(proof=fapi.proof("/par", nonce=nonce))

    assert response.status_code == (201 if good else 400)
    assert nonce_of(response) != nonce
    assert fapi.pushes(proof=fapi.proof("/par", nonce=nonce_of(response))).status_code == 201


def test_the_present_nonce_is_not_sent_again(fapi):
    nonce = learns_nonce(fapi)

    response = fapi.pushes(proof=fapi.proof("/par", nonce=nonce))

    assert "DPoP-Nonce" not in response.headers


def test_the_next_nonce_comes_with_userinfo_too(fapi, clock):
    nonce = learns_nonce(fapi)
    access_token = token(fapi, nonce)
    clock.advance(seconds=150)

    response = reads(fapi, access_token, nonce=nonce)

    assert response.status_code == 200
    assert nonce_of(response) != nonce


def test_a_node_whose_clock_is_ahead_is_believed(fapi, clock):
    clock.advance(seconds=20)
    ahead = learns_nonce(fapi)
    clock.advance(seconds=-40)

    assert fapi.pushes(proof=fapi.proof("/par", nonce=ahead)).status_code == 201


def test_who_is_not_asked_for_a_nonce_gets_none(a_fapi_partner):
    plain = a_fapi_partner()

    response = plain.pushes(proof=plain.proof("/par"))

    assert response.status_code == 201
    assert "DPoP-Nonce" not in response.headers

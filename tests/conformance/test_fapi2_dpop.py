"""fapi2-security-profile-final-test-plan: proofs of the key that tokens are bound to."""

import base64
import json
import secrets

import pytest
from joserfc.jwk import ECKey, RSAKey

from tests.conformance.fapi import code, flow, is_refused, tokens
from tests.support.key_partner import ISSUER, DPoPKey
from tests.support.partner import header

MISMATCH = ("invalid_request", "invalid_grant", "invalid_dpop_proof")


def succeeds_with(fapi, **changes):
    """Go the whole way with such proofs at PAR, token endpoint and resource."""
    pushed = fapi.pushes(proof=fapi.proof("/par", **changes))
    assert pushed.status_code == 201
    answer = fapi.receives(fapi.opens(pushed.get_json()["request_uri"]))
    redeemed = fapi.redeems(answer["code"], proof=fapi.proof("/token", **changes))
    token = tokens(fapi, redeemed)["access_token"]
    proof = fapi.proof("/userinfo", method="GET", token=token, **changes)
    assert fapi.reads(token, proof=proof).status_code == 200


@pytest.mark.parametrize("scheme", ["dPOP", "dpop", "DPOP"])
def test_access_token_type_header_case_sensitivity(fapi, scheme):
    assert fapi.reads(flow(fapi)["access_token"], scheme=scheme).status_code == 200


def test_check_dpop_proof_nbf_exp(fapi):
    succeeds_with(fapi, nbf=fapi.now, exp=fapi.now + 300)


@pytest.mark.parametrize("age", [10, 60])
def test_ensure_dpopproof_with_iat_10seconds_before_succeeds(fapi, age):
    succeeds_with(fapi, iat=-age)


@pytest.mark.parametrize("lead", [8, 10, 30])
def test_ensure_dpopproof_with_iat_10seconds_after_succeeds(fapi, lead):
    succeeds_with(fapi, iat=lead)


def test_ensure_mismatched_dpop_jkt_fails(fapi):
    response = fapi.pushes(proof=fapi.proof("/par"), dpop_jkt=DPoPKey().thumbprint)

    assert is_refused(response, "invalid_request", "invalid_dpop_proof")


def test_ensure_token_endpoint_fails_with_mismatched_dpop_proof_jkt(fapi):
    granted = code(fapi, proof=fapi.proof("/par"))

    response = fapi.redeems(granted, proof=DPoPKey().proof("/token", fapi.now))

    assert is_refused(response, *MISMATCH)
    assert fapi.redeems(granted).status_code == 200  # a wrong key does not use the code up


def test_ensure_token_endpoint_fails_with_mismatched_dpop_jkt(fapi):
    granted = code(fapi, dpop_jkt=fapi.dpop.thumbprint)

    response = fapi.redeems(granted, proof=DPoPKey().proof("/token", fapi.now))

    assert is_refused(response, *MISMATCH)


def test_ensure_dpopproof_at_par_endpoint_binding_success(fapi):
    assert flow(fapi, proof=fapi.proof("/par"))


def test_ensure_dpop_auth_code_binding_success(fapi):
    assert flow(fapi, dpop_jkt=fapi.dpop.thumbprint)


def test_ensure_holder_of_key_required(fapi):
    response = fapi.redeems(code(fapi), proof=None)

    assert is_refused(response, *MISMATCH)


def accepted(token, proof, fapi):
    return fapi.reads(token, proof=proof).status_code == 200


def test_dpop_negative_tests(fapi, app):
    token = flow(fapi)["access_token"]

    def proof(**changes):
        return fapi.proof("/userinfo", **{"method": "GET", "token": token, **changes})

    for right in HARMLESS:
        assert accepted(token, proof(**right), fapi), right
    for flaw in FLAWS:
        refused = fapi.reads(token, proof=proof(**flaw))
        assert (refused.status_code, refused.get_json()["error"]) == (401, "invalid_dpop_proof"), (
            flaw
        )
    weak = RSAKey.generate_key(2048)
    rs256 = DPoPKey("RS256", weak).proof("/userinfo", fapi.now, method="GET", token=token)
    private = proof(header={"jwk": fapi.dpop.key.as_dict(private=True)})
    for text in (
        "not a JWT",
        "a.b.c",
        "",
        rs256,
        private,
        unsigned(proof(), "none"),
        unsigned(proof(), None),
        f"{proof()}, {proof()}",
    ):
        assert is_refused(fapi.reads(token, proof=text), "invalid_dpop_proof", statuses=(401,)), (
            text
        )
    other = DPoPKey().proof("/userinfo", fapi.now, method="GET", token=token)
    used = proof()
    assert accepted(token, used, fapi)
    assert not accepted(token, used, fapi)
    assert is_refused(fapi.reads(token, proof=other), "invalid_token", statuses=(401,))
    assert fapi.reads(token, proof=None).status_code == 401
    assert fapi.reads(token, proof=None, scheme="Bearer").status_code == 401
    assert fapi.reads(token, scheme="Bearer").status_code == 401
    twice = app.test_client().get(
        "/userinfo",
        headers=[("Authorization", f"DPoP {token}"), ("DPoP", proof()), ("DPoP", proof())],
    )
    assert twice.status_code == 401
    upper = {"AUTHORIZATION": f"DPoP {token}", "DPOP": proof()}
    assert app.test_client().get("/userinfo", headers=upper).status_code == 200
    assert accepted(token, proof(), fapi)


HARMLESS = (
    {"htu": f"{ISSUER}/userinfo?a=b#c"},
    {"htu": f"{ISSUER}/userinfo"},
    {"htu": "HTTP://LOCALHOST:8000/userinfo"},
    {"extra": [1]},
    {"header": {"extra": 1, "kid": "k"}},
    {"header": {"typ": "DPOP+JWT"}},
)
FLAWS = (
    *({"header": {name: None}} for name in ("typ", "jwk")),
    *({name: None} for name in ("jti", "htm", "htu", "iat", "ath")),
    {"header": {"typ": "JWT"}},
    {"header": {"typ": "at+jwt"}},
    {"header": {"crit": ["kid"], "kid": "k"}},
    {"header": {"jwk": {"kty": "oct", "k": "AAAA"}}},
    {"signed_by": ECKey.generate_key("P-256")},
    {"htm": "PUT"},
    {"htm": "get"},
    {"htu": f"{ISSUER}/token"},
    {"htu": f"{ISSUER}/userinfo/"},
    {"htu": "https://localhost:8000/userinfo"},
    {"htu": "http://localhost/userinfo"},
    {"htu": "http://somebody@localhost:8000/userinfo"},
    {"htu": "http://[/userinfo"},
    {"iat": 3_600},
    {"iat": -3_600},
    {"iat": 31},
    {"iat": -61},
    {"ath": "A" * 43},
    {"jti": ""},
    {"jti": 7},
    {"jti": "\ud800"},
    {"ath": "\ud800"},
    {"jti": secrets.token_hex(257)},
)


def unsigned(proof: str, algorithm: str | None) -> str:
    """Return the proof without a signature, with that alg or (None) without any."""
    protected = {**header(proof), "alg": algorithm}
    text = json.dumps({name: value for name, value in protected.items() if value is not None})
    encoded = base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()
    return ".".join((encoded, proof.split(".")[1], ""))

"""Whatever a stranger sends as a DPoP proof, the answer is that it proves nothing."""

import base64
import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.oidc.proofs.dpop_jwt import Flawed, Shown, read
from tests.support.key_partner import DPoPKey

ADDRESS = "http://localhost:8000/token"
KEY = DPoPKey()
NOW = int(time.time())
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20))
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)
OF_HEADER = st.sampled_from(["typ", "alg", "jwk", "kid", "crit", "b64", "zip"])
OF_KEY = st.sampled_from(["kty", "crv", "x", "y", "n", "e", "use", "alg", "kid", "key_ops", "d"])
OF_CLAIMS = st.sampled_from(["jti", "htm", "htu", "iat", "nonce", "ath"])


def encoded(document: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(document).encode()).rstrip(b"=").decode()


def judged(text: str) -> str:
    try:
        read(Shown(text, "POST", ADDRESS), None)
    except Flawed as flaw:
        return flaw.reason
    return "accepted"


def decoded(part: str) -> dict:
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def test_a_right_proof_is_accepted():
    assert judged(KEY.proof("/token", NOW)) == "accepted"


@given(name=OF_HEADER, value=VALUES)
def test_no_header_causes_a_fault(name, value):
    protected, payload, signature = KEY.proof("/token", NOW).split(".")

    assert judged(f"{encoded({**decoded(protected), name: value})}.{payload}.{signature}")


@given(name=OF_KEY, value=VALUES)
def test_no_key_causes_a_fault(name, value):
    protected, payload, signature = KEY.proof("/token", NOW).split(".")
    header = decoded(protected)
    header["jwk"][name] = value

    assert judged(f"{encoded(header)}.{payload}.{signature}")


@given(name=OF_CLAIMS, value=VALUES)
def test_no_claim_causes_a_fault(name, value):
    changes = {name: value} if name != "iat" else {"jti": value}

    assert judged(KEY.proof("/token", NOW, **changes))


@given(st.text(max_size=60))
def test_no_text_is_a_proof(text):
    assert judged(text) != "accepted"


@pytest.mark.parametrize("length", [1, 4_097])
def test_a_proof_has_the_size_of_one(length):
    assert judged("a" * length) == "jws"


def test_a_key_of_another_kind_than_the_algorithm_is_refused():
    protected, payload, signature = KEY.proof("/token", NOW).split(".")
    other = encoded({**decoded(protected), "alg": "PS256"})

    assert judged(f"{other}.{payload}.{signature}") == "jwk"

"""What the certification suite asserts in every flow of FAPI 2.0."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from werkzeug.test import TestResponse

from tests.conformance.suite import entropy_in_bits
from tests.support.key_partner import ISSUER, FapiPartner
from tests.support.partner import callback, header

STRONG = {"ES256", "PS256", "EdDSA", "Ed25519"}
STATE = "s" * 128


def request_uri(fapi: FapiPartner, **changes: Any) -> str:
    """Push a request; check the answer of RFC 9126 §2.2."""
    pushed = fapi.pushes(**changes)
    assert pushed.status_code == 201, pushed.get_data(as_text=True)
    assert pushed.mimetype == "application/json"
    assert pushed.headers["Cache-Control"] == "no-store"
    answer = pushed.get_json()
    assert entropy_in_bits(answer["request_uri"]) > 96
    assert 5 < answer["expires_in"] < 600
    return str(answer["request_uri"])


def received(response: TestResponse, *, state: str | None = STATE) -> dict[str, str]:
    """Check what the redirect URI receives: in the query alone, with state and issuer."""
    assert response.status_code == 303
    assert urlsplit(response.location).fragment == ""
    answer = callback(response)
    assert answer["iss"] == ISSUER
    assert answer.get("state") == state
    return answer


def code(fapi: FapiPartner, **changes: Any) -> str:
    state = changes.get("state", STATE)
    answer = received(fapi.opens(request_uri(fapi, **changes)), state=state)
    assert set(answer) <= {"code", "state", "iss"}
    assert entropy_in_bits(answer["code"]) > 128
    return answer["code"]


def tokens(fapi: FapiPartner, response: TestResponse) -> dict[str, Any]:
    """Check a token response: tokens of 128 bits, bound to a key."""
    assert response.status_code == 200, response.get_data(as_text=True)
    assert response.mimetype == "application/json"
    assert response.headers["Cache-Control"] == "no-store"
    answer = dict(response.get_json())
    assert answer["token_type"] == "DPoP"
    assert answer["expires_in"] > 0
    for name in ("access_token", "refresh_token"):
        assert entropy_in_bits(answer[name]) > 128
    protected = header(answer["id_token"])
    assert protected["kid"]
    assert protected["alg"] in STRONG
    assert fapi.id_token(answer)["aud"] == fapi.registered["client_id"]
    return answer


def flow(fapi: FapiPartner, **changes: Any) -> dict[str, Any]:
    """Go the whole way, from the pushed request to the protected resource."""
    answer = tokens(fapi, fapi.redeems(code(fapi, **changes)))
    assert fapi.reads(answer["access_token"]).status_code == 200
    return answer


def is_refused(response: TestResponse, *errors: str, statuses: tuple[int, ...] = (400,)) -> bool:
    """Tell whether a program is told one of these errors."""
    told: Mapping[str, Any] = response.get_json()
    assert response.mimetype == "application/json"
    return response.status_code in statuses and told["error"] in errors

"""oidcc-rp-initiated-logout-certification-test-plan, by the names of its modules."""

import base64
import json
import secrets

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from tests.conformance.suite import is_error_page
from tests.support.partner import callback, header, parse

GOODBYE = "https://partenaire.test/au-revoir"
STATE = "t" * 128


@pytest.fixture
def id_token(suite):
    return suite.tokens()["id_token"]


def ends(suite, **parameters):
    return suite.partner.holder.client.get("/end-session", query_string=parameters)


def agrees(suite, page):
    """Press the button of the page that asks whether to log out."""
    assert page.status_code == 200
    assert "Voulez-vous vous déconnecter" in page.get_data(as_text=True)
    return suite.partner.holder.client.post("/end-session/confirmation", data=callback(page))


def is_logged_out_page(response):
    page = response.get_data(as_text=True)
    return response.status_code == 200 and "Vous êtes déconnecté" in page and GOODBYE not in page


def test_oidcc_rp_initiated_logout_discovery_endpoint_verification(client):
    metadata = client.get("/.well-known/openid-configuration").get_json()

    assert metadata["end_session_endpoint"] == "http://localhost:8000/end-session"


def test_oidcc_rp_initiated_logout(suite, id_token):
    response = ends(suite, id_token_hint=id_token, post_logout_redirect_uri=GOODBYE, state=STATE)

    assert response.status_code == 303
    assert response.location.startswith(GOODBYE + "?")
    assert parse(response.location) == {"state": STATE}
    suite.is_refused_silently()


@pytest.mark.parametrize("address", [f"{GOODBYE}/", "https://autre.test/", "HTTPS" + GOODBYE[5:]])
def test_oidcc_rp_initiated_logout_bad_post_logout_redirect_uri(suite, id_token, address):
    response = ends(suite, id_token_hint=id_token, post_logout_redirect_uri=address, state=STATE)

    assert is_error_page(response)


def test_oidcc_rp_initiated_logout_query_added_to_post_logout_redirect_uri(suite, id_token):
    added = f"{GOODBYE}?foo=bar"

    response = ends(suite, id_token_hint=id_token, post_logout_redirect_uri=added, state=STATE)

    assert is_error_page(response)


@pytest.mark.parametrize("flaw", ["none", "payload", "text", "five parts"])
def test_oidcc_rp_initiated_logout_modified_id_token_hint(suite, id_token, flaw):
    modified = flawed(id_token, flaw)

    response = ends(suite, id_token_hint=modified, post_logout_redirect_uri=GOODBYE, state=STATE)

    assert is_error_page(response)
    assert suite.answer(suite.sends(prompt="none"))["code"]


def test_oidcc_rp_initiated_logout_bad_id_token_hint(suite, id_token):
    foreign = signed_by_somebody_else(id_token)

    response = ends(suite, id_token_hint=foreign, post_logout_redirect_uri=GOODBYE, state=STATE)

    assert is_error_page(response)


@pytest.mark.usefixtures("id_token")
def test_oidcc_rp_initiated_logout_no_id_token_hint(suite):
    page = ends(suite, post_logout_redirect_uri=GOODBYE, state=STATE)
    still = suite.answer(suite.sends(prompt="none"))

    done = agrees(suite, page)

    assert still["code"]
    assert is_logged_out_page(done)
    suite.is_refused_silently()


@pytest.mark.usefixtures("id_token")
def test_oidcc_rp_initiated_logout_no_params(suite):
    done = agrees(suite, ends(suite))

    assert is_logged_out_page(done)
    suite.is_refused_silently()


def test_oidcc_rp_initiated_logout_no_post_logout_redirect_uri(suite, id_token):
    done = ends(suite, id_token_hint=id_token, state=STATE)

    assert is_logged_out_page(done)
    suite.is_refused_silently()


def test_oidcc_rp_initiated_logout_no_state(suite, id_token):
    response = ends(suite, id_token_hint=id_token, post_logout_redirect_uri=GOODBYE)

    assert response.location == GOODBYE
    suite.is_refused_silently()


@pytest.mark.usefixtures("id_token")
def test_oidcc_rp_initiated_logout_only_state(suite):
    done = agrees(suite, ends(suite, state=STATE))

    assert is_logged_out_page(done)
    assert STATE not in done.get_data(as_text=True)
    suite.is_refused_silently()


def flawed(id_token: str, flaw: str) -> str:
    head, payload, signature = id_token.split(".")
    if flaw == "none":
        unsigned = base64.urlsafe_b64encode(json.dumps({"alg": "none"}).encode()).rstrip(b"=")
        return f"{unsigned.decode()}.{payload}."
    if flaw == "payload":
        return (
            f"{head}.{payload[:-2]}{'A' if payload[-2] != 'A' else 'B'}{payload[-1]}.{signature}"
        )
    return "not.a.token" if flaw == "text" else f"{head}.{payload}.{signature}.{signature}.e30"


def signed_by_somebody_else(id_token: str) -> str:
    """Return the same claims under the same header, signed with another key."""
    payload = id_token.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    key = RSAKey.generate_key(2048, {"kid": secrets.token_hex(4)})
    return jwt.encode(header(id_token), claims, key, algorithms=["RS256"])

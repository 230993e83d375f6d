"""Every error that the code knows, in the form that its reader expects; a new one needs a case."""

import re
from html import unescape

import pytest
from sqlalchemy import text

from broker.base.errors import Refusal
from broker.clients.model import DisabledClient, UnknownClient
from broker.oidc import errors
from broker.sessions.sessions import Sessions
from broker.signals.model import StreamUnknown
from tests.conformance.error_cases import (
    CHALLENGED,
    HOSTILE,
    ON_A_PAGE,
    SENT_BACK,
    STATE,
    TOLD_TO_APPS,
    TOLD_TO_PROGRAMS,
    World,
)
from tests.conformance.suite import ISSUER
from tests.conftest import test_settings
from tests.support.partner import REFRESHING, parse

EXACT = re.compile(r"[\x20\x21\x23-\x5b\x5d-\x7e]+")  # RFC 6749 appendix A.7 and A.8
_BASES = {errors.OAuthError, errors.ResourceError}


@pytest.fixture
def settings(database_url):
    return test_settings(database_url, BROKER_LIMIT_CODE_RESEND_WAIT="60")


@pytest.fixture
def world(app, holder, a_partner, franceconnect) -> World:
    holder.logs_in()
    partner = a_partner(client_uri="https://partenaire.test/", **REFRESHING)
    return World(app, holder, partner, a_partner, franceconnect)


@pytest.mark.parametrize("kind", SENT_BACK, ids=lambda kind: kind.__name__)
def test_an_error_that_the_partner_is_told_of_goes_back_with_state_and_issuer(world, kind):
    response = SENT_BACK[kind](world)

    page = unescape(response.get_data(as_text=True))
    found = re.search(r"0; ?url=([^\"]+)\"", page)
    location = response.location or (found and found[1])
    told = parse(location)
    assert location.startswith("https://partenaire.test/retour?")
    assert told.keys() == {"error", "error_description", "state", "iss"}
    assert told["error"] == kind.error
    assert told["state"] == STATE
    assert told["iss"] == ISSUER
    assert EXACT.fullmatch(told["error_description"])
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("kind", TOLD_TO_PROGRAMS, ids=lambda kind: kind.__name__)
def test_an_error_that_a_program_reads_is_json_of_its_status(world, kind):
    response = TOLD_TO_PROGRAMS[kind](world)

    assert response.status_code == kind.status
    assert response.mimetype == "application/json"
    assert response.headers["Cache-Control"] == "no-store"
    assert response.get_json().keys() == {"error", "error_description"}
    assert response.get_json()["error"] == kind.error
    assert EXACT.fullmatch(response.get_json()["error_description"])
    asked_to_prove = response.headers.get("WWW-Authenticate", "").startswith("Basic ")
    assert asked_to_prove is (response.status_code == 401)


@pytest.mark.parametrize("kind", TOLD_TO_APPS, ids=lambda kind: kind.__name__)
def test_an_error_that_an_app_reads_says_how_to_go_on(world, kind):
    response = TOLD_TO_APPS[kind](world)

    told, again = response.get_json(), {"auth_session", "next"}
    more = {errors.RedirectToWeb: {"request_uri", "expires_in"}, errors.InvalidSession: set()}
    assert response.status_code == kind.status
    assert response.mimetype == "application/json"
    assert response.headers["Cache-Control"] == "no-store"
    assert told.keys() == {"error", "error_description"} | more.get(kind, again)
    assert told["error"] == kind.error
    assert EXACT.fullmatch(told["error_description"])
    assert ("Retry-After" in response.headers) is (kind is errors.StepDelayed)


@pytest.mark.parametrize("kind", CHALLENGED, ids=lambda kind: kind.__name__)
def test_an_error_of_a_protected_resource_is_a_challenge(world, kind):
    response = CHALLENGED[kind](world)

    challenge = response.headers["WWW-Authenticate"]
    assert response.status_code == kind.status
    scheme = "DPoP" if kind is errors.ProofRejected else "Bearer"
    assert challenge.startswith(scheme)
    # RFC 6750 §3.1: whoever brought no token is told no error.
    exceptions = {errors.TokenRequired: None, errors.ProofRejected: "invalid_dpop_proof"}
    told = exceptions.get(kind, kind.error)
    found = re.search(r'error="([^"]+)"', challenge)
    assert (found and found[1]) == told


@pytest.mark.parametrize("kind", ON_A_PAGE, ids=lambda kind: kind.__name__)
def test_an_error_on_a_page_names_the_partner_a_reference_and_a_way_back(world, kind):
    expected = ON_A_PAGE[kind]

    response = expected.act(world)

    page = response.get_data(as_text=True)
    assert response.status_code == kind.status
    assert response.location is None
    assert 'http-equiv="refresh"' not in page
    assert re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{2}", page)
    assert expected.back in page
    if expected.names:
        assert expected.names in page
    for revealed in ("attacker", "script>alert", STATE, "Traceback", "client_id"):
        assert revealed not in page


@pytest.mark.parametrize(
    "hostile",
    [{"id_token_hint": "e30.e30.e30"}, {"client_id": HOSTILE}, {"state": ["a", "b"]}],
    ids=str,
)
def test_a_logout_of_nobody_we_know_names_nobody(world, hostile):
    response = world.holder.client.get("/end-session", query_string=hostile)

    page = response.get_data(as_text=True)
    assert response.status_code == 400
    assert response.location is None
    assert "Partenaire" not in page
    assert "attacker" not in page
    assert 'href="/"' in page


@pytest.mark.parametrize(
    "path", ["/par", "/token", "/introspect", "/revoke", "/token-evidence", "/authorize-challenge"]
)
def test_a_body_too_large_is_told_to_programs_in_json(client, path):
    response = client.post(path, data={"a": "x" * 70_000})

    assert (response.status_code, response.mimetype) == (413, "application/json")
    assert response.get_json() == {
        "error": "invalid_request",
        "error_description": "Request Entity Too Large",
    }


@pytest.mark.parametrize(
    "path", ["/par", "/token", "/introspect", "/revoke", "/token-evidence", "/authorize-challenge"]
)
def test_an_unknown_method_is_told_to_programs_in_json(client, path):
    response = client.delete(path)

    assert (response.status_code, response.mimetype) == (405, "application/json")
    assert response.get_json() == {
        "error": "invalid_request",
        "error_description": "Method Not Allowed",
    }
    assert "POST" in response.headers["Allow"]


@pytest.mark.parametrize("accept", ["application/json", "text/html"])
def test_a_fault_of_ours_is_told_to_programs_in_json_and_reveals_nothing(world, accept):
    token = world.partner.tokens()["access_token"]
    db = world.app.extensions["broker"][Sessions].db
    with db.transaction():
        db.execute(text("DROP TABLE oidc_access_token"))

    response = world.app.test_client().get(
        "/userinfo", headers={"Authorization": f"Bearer {token}", "Accept": accept}
    )

    assert (response.status_code, response.mimetype) == (500, accept)
    assert token not in response.get_data(as_text=True)
    assert "oidc_access_token" not in response.get_data(as_text=True)
    if accept == "application/json":
        assert response.get_json()["error"] == "server_error"


def test_each_error_of_the_code_has_a_case():
    known = {
        found
        for found in vars(errors).values()
        if isinstance(found, type) and issubclass(found, Refusal) and found is not Refusal
    }

    cases = SENT_BACK.keys() | TOLD_TO_PROGRAMS.keys() | TOLD_TO_APPS.keys()
    cases |= CHALLENGED.keys() | ON_A_PAGE.keys()

    assert cases == (known - _BASES) | {UnknownClient, DisabledClient, StreamUnknown}

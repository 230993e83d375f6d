"""fapi2-security-profile-final-test-plan: pushed requests, their single use, what they lack."""

import pytest

from tests.conformance.fapi import is_refused, received, request_uri
from tests.conformance.suite import is_error_page
from tests.support.partner import CALLBACK, callback


def test_ensure_request_object_without_redirect_uri_fails(fapi):
    assert is_refused(fapi.pushes(redirect_uri=None), "invalid_request")


def test_plain_fapi_tolerate_unregistered_redirect_uri(fapi):
    assert is_refused(fapi.pushes(redirect_uri=f"{CALLBACK}/x"), "invalid_request")


def test_ensure_unsigned_authorization_request_without_using_par_fails(fapi):
    assert received(fapi.sends())["error"] == "invalid_request"


def test_ensure_redirect_uri_in_authorization_request(fapi):
    """The one registered address is no default either."""
    assert is_error_page(fapi.sends(redirect_uri=None))


def test_ensure_response_type_code_idtoken_fails(fapi):
    response = fapi.pushes(response_type="code id_token")

    assert is_refused(response, "unsupported_response_type")


def test_ensure_response_type_token_fails(fapi):
    assert is_refused(fapi.pushes(response_type="token"), "unsupported_response_type")


def test_par_ensure_reused_request_uri_prior_to_auth_completion_succeeds(fapi, app, holder):
    holder.client = app.test_client()  # nobody is logged in there
    pushed = request_uri(fapi)
    fapi.opens(pushed)

    answer = callback(holder.goes_on(fapi.opens(pushed)))

    assert answer["code"]


def test_par_attempt_reuse_request_uri(fapi):
    pushed = request_uri(fapi)
    assert "code" in received(fapi.opens(pushed))

    assert is_error_page(fapi.opens(pushed))


@pytest.mark.parametrize(("age", "good"), [(59, True), (60, False)])
def test_par_attempt_to_use_expired_request_uri(fapi, clock, age, good):
    pushed = request_uri(fapi)
    clock.advance(seconds=age)

    response = fapi.opens(pushed)

    assert is_error_page(response) is not good
    assert ("code" in callback(response)) is good


def test_par_attempt_to_use_request_uri_for_different_client(fapi, a_fapi_partner):
    a_fapi_partner(client_id="autre")

    assert is_error_page(fapi.opens(request_uri(fapi), client_id="autre"))


def test_par_authorization_request_containing_request_uri_form_param(fapi):
    response = fapi.pushes(request_uri="urn:ietf:params:oauth:request_uri:x")

    assert is_refused(response, "invalid_request")


@pytest.mark.parametrize("method", ["get", "put", "delete"])
def test_par_attempt_invalid_http_method(fapi, app, method):
    response = getattr(app.test_client(), method)("/par", query_string=fapi.request())

    assert response.status_code == 405


def test_par_ensure_pkce_required(fapi):
    response = fapi.pushes(code_challenge=None, code_challenge_method=None)

    assert is_refused(response, "invalid_request")


def test_par_plain_pkce_rejected(fapi):
    response = fapi.pushes(code_challenge=fapi.verifier, code_challenge_method="plain")

    assert is_refused(response, "invalid_request")

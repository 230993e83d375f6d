"""The modules of the Basic OP plans, by their names; each plan runs them in its response mode."""

import pytest

from broker.clients.model import RegistrationRefused
from tests.conformance.suite import NONCE, SILENT_ERRORS, STATE, is_error_page
from tests.support.partner import REFRESHING, events, header, register


def test_oidcc_server(suite):
    tokens = suite.tokens()

    claims = suite.claims(tokens)
    assert tokens["scope"] == "openid"
    assert set(claims) == {
        *("iss", "sub", "aud", "exp", "iat", "auth_time", "nonce"),
        *("acr", "amr", "sid", "at_hash"),
    }


def test_oidcc_response_type_missing(suite):
    received = suite.answer(suite.sends(response_type=None))

    assert received["error"] == "invalid_request"
    assert received["state"] == STATE


def test_oidcc_idtoken_signature(suite):
    tokens = suite.tokens()

    assert "id_token_signed_response_alg" not in suite.partner.registered
    assert header(tokens["id_token"])["alg"] == "RS256"
    assert header(tokens["id_token"])["kid"]


def test_oidcc_idtoken_unsigned(app, client):
    metadata = client.get("/.well-known/openid-configuration").get_json()

    assert "none" not in metadata["id_token_signing_alg_values_supported"]
    with pytest.raises(RegistrationRefused):
        register(app, id_token_signed_response_alg="none")


def test_oidcc_userinfo_get(suite):
    tokens = suite.tokens()

    suite.userinfo(tokens, suite.claims(tokens)["sub"])


def test_oidcc_userinfo_post_header(suite, app):
    tokens = suite.tokens()
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}

    response = app.test_client().post("/userinfo", headers=bearer)

    assert response.status_code == 200
    assert response.get_json()["sub"] == suite.claims(tokens)["sub"]


def test_oidcc_userinfo_post_body(suite, app):
    tokens = suite.tokens()

    response = app.test_client().post("/userinfo", data={"access_token": tokens["access_token"]})

    assert response.status_code == 200
    assert response.get_json()["sub"] == suite.claims(tokens)["sub"]


def test_oidcc_ensure_request_without_nonce_succeeds_for_code_flow(suite):
    tokens = suite.tokens(nonce=None)

    suite.claims(tokens, nonce=None)


def _scope(suite, scope):
    """Ask a scope; return what userinfo tells beside the sub, none of it in the ID Token."""
    tokens = suite.tokens(scope=f"openid {scope}")
    claims = suite.claims(tokens)
    told = suite.userinfo(tokens, claims["sub"])
    assert set(told) & set(claims) == {"sub"}
    return told.keys() - {"sub"}


def test_oidcc_scope_profile(suite):
    # The person of the sample has no usage name: preferred_username is left out.
    assert _scope(suite, "profile") == {
        *("name", "given_name", "family_name", "gender", "birthdate"),
    }


def test_oidcc_scope_email(suite):
    assert _scope(suite, "email") == {"email", "email_verified"}


def test_oidcc_scope_address(suite):
    assert _scope(suite, "address") == {"address"}


def test_oidcc_scope_phone(suite):
    # The person of the sample gave no number.
    assert _scope(suite, "phone") == set()


def test_oidcc_scope_all(suite):
    told = _scope(suite, "profile email address phone")

    assert {"name", "email", "address"} <= told


def test_oidcc_alternate_happy_flow(suite):
    request = dict(reversed(suite.request(scope="email openid").items()))

    response = suite.partner.holder.client.get("/authorize", query_string=request)

    received = suite.answer(suite.person_goes_through(response))
    suite.claims(suite.redeems(received["code"]))


def test_oidcc_display_page(suite):
    suite.claims(suite.tokens(display="page"))


def test_oidcc_display_popup(suite):
    suite.claims(suite.tokens(display="popup"))


def test_oidcc_prompt_login(suite, clock):
    first = suite.claims(suite.tokens())
    clock.advance(seconds=1)

    second = suite.logs_in_again(first, prompt="login")

    assert second["auth_time"] > first["auth_time"]


def test_oidcc_prompt_none_not_logged_in(suite):
    received = suite.answer(suite.sends(prompt="none"))

    assert received["error"] in SILENT_ERRORS
    assert received["state"] == STATE


def test_oidcc_prompt_none_logged_in(suite, clock):
    first = suite.claims(suite.tokens())
    clock.advance(seconds=5)

    received = suite.answer(suite.sends(prompt="none"))

    second = suite.claims(suite.redeems(received["code"]))
    assert (second["sub"], second["auth_time"]) == (first["sub"], first["auth_time"])


def test_oidcc_max_age_1(suite, clock):
    first = suite.claims(suite.tokens())
    clock.advance(seconds=2)

    second = suite.logs_in_again(first, max_age="1")

    assert second["auth_time"] == first["auth_time"] + 2


def test_oidcc_max_age_10000(suite, clock):
    first = suite.claims(suite.tokens(max_age="15000"))
    clock.advance(seconds=2)

    received = suite.answer(suite.sends(max_age="10000"))

    second = suite.claims(suite.redeems(received["code"]))
    assert (second["sub"], second["auth_time"]) == (first["sub"], first["auth_time"])


def test_oidcc_ensure_request_with_unknown_parameter_succeeds(suite):
    suite.claims(suite.tokens(extra="foobar"))


def test_oidcc_id_token_hint(suite, clock):
    tokens = suite.tokens()
    first = suite.claims(tokens)
    clock.advance(minutes=20)  # the ID Token has expired: a hint may have

    received = suite.answer(suite.sends(prompt="none", id_token_hint=tokens["id_token"]))

    second = suite.claims(suite.redeems(received["code"]))
    assert (second["sub"], second["auth_time"]) == (first["sub"], first["auth_time"])


def test_oidcc_login_hint(suite):
    suite.claims(suite.tokens(login_hint="somebody@example.com"))


def test_oidcc_ui_locales(suite):
    suite.claims(suite.tokens(ui_locales="se"))


def test_oidcc_claims_locales(suite):
    suite.claims(suite.tokens(claims_locales="se"))


@pytest.mark.parametrize(
    "asked", ["eidas1 eidas2 eidas3", "eidas2", "1 2"], ids=["advertised", "above", "unknown"]
)
def test_oidcc_ensure_request_with_acr_values_succeeds(suite, asked):
    claims = suite.claims(suite.tokens(acr_values=asked))

    assert claims["acr"] == "eidas1"  # what the login was worth, whatever was asked


def test_oidcc_codereuse(suite):
    code = suite.authorizes()
    suite.redeems(code)

    again = suite.partner.redeems(code, code_verifier=None)

    assert (again.status_code, again.get_json()["error"]) == (400, "invalid_grant")


def test_oidcc_codereuse_30seconds(suite, clock, app):
    code = suite.authorizes()
    access_token = suite.redeems(code)["access_token"]
    clock.advance(seconds=30)

    again = suite.partner.redeems(code, code_verifier=None)

    assert (again.status_code, again.get_json()["error"]) == (400, "invalid_grant")
    assert suite.partner.userinfo(access_token).status_code == 401
    assert [event["outcome"] for event in events(app, "code.replayed")] == ["failure"]
    assert len(events(app, "token.revoked")) == 1


@pytest.mark.parametrize("suffix", ["/x", "?x=1", "#x", "/", "%00"])
def test_oidcc_ensure_registered_redirect_uri(suite, suffix):
    suite.partner.holder.logs_in()

    response = suite.sends(redirect_uri=suite.partner.registered["redirect_uris"][0] + suffix)

    assert is_error_page(response)
    assert "partenaire.test" not in response.get_data(as_text=True)


def test_oidcc_ensure_post_request_succeeds(suite):
    kept = suite.partner.holder.client.post("/authorize", data=suite.request())
    response = suite.partner.holder.client.get(kept.location)

    received = suite.answer(suite.person_goes_through(response))
    assert kept.status_code == 303
    suite.claims(suite.redeems(received["code"]))


def test_oidcc_server_client_secret_post(a_suite):
    suite = a_suite(token_endpoint_auth_method="client_secret_post")

    suite.claims(suite.tokens())


def test_oidcc_request_uri_unsigned_supported_correctly_or_rejected_as_unsupported(suite):
    received = suite.answer(suite.sends(request_uri="https://partenaire.test/request.jwt"))

    assert received["error"] == "request_uri_not_supported"
    assert received["state"] == STATE


def test_oidcc_unsigned_request_object_supported_correctly_or_rejected_as_unsupported(suite):
    received = suite.answer(suite.sends(request="eyJhbGciOiJub25lIn0.e30."))

    assert received["error"] == "request_not_supported"
    assert received["state"] == STATE


def test_oidcc_claims_essential(suite):
    tokens = suite.tokens(claims='{"userinfo":{"name":{"essential":true}}}')

    claims = suite.claims(tokens)
    assert suite.userinfo(tokens, claims["sub"])["name"] == "ANNIE BRISSON"
    assert "name" not in claims


def test_oidcc_ensure_request_object_with_redirect_uri(suite):
    suite.partner.holder.logs_in()

    response = suite.sends(redirect_uri="https://autre.test/", request="eyJhbGciOiJub25lIn0.e30.")

    assert is_error_page(response)


def test_oidcc_refresh_token(a_suite, clock):
    suites = [a_suite(client_id=name, **REFRESHING) for name in ("un", "deux")]
    asked = {"scope": "openid offline_access", "prompt": "consent"}
    first, other = (suite.tokens(**asked) for suite in suites)
    before = suites[0].claims(first)
    clock.advance(seconds=1)

    second = suites[0].refreshes(first["refresh_token"])
    stolen = suites[0].partner.refreshes(other["refresh_token"])

    after = suites[0].claims(second, nonce=None)
    assert {name: after[name] for name in ("iss", "sub", "aud", "auth_time")} == {
        name: before[name] for name in ("iss", "sub", "aud", "auth_time")
    }
    assert after["iat"] > before["iat"]
    assert suites[0].userinfo(second, after["sub"])
    assert (stolen.status_code, stolen.get_json()["error"]) == (400, "invalid_grant")


def test_oidcc_ensure_request_with_valid_pkce_succeeds(suite):
    challenged = suite.partner.request(response_mode=suite.response_mode, state=STATE, nonce=NONCE)

    response = suite.partner.holder.client.get("/authorize", query_string=challenged)

    code = suite.answer(suite.person_goes_through(response))["code"]
    assert suite.partner.redeems(code).status_code == 200

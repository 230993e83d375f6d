"""Pushed requests, private_key_jwt and PKCE, for clients of any profile."""

import pytest
from joserfc.jwk import ECKey, RSAKey

from tests.support.key_partner import ISSUER, KEYS, KeyPartner
from tests.support.partner import CALLBACK, callback, events, parse


@pytest.fixture
def fapi(app, holder, a_partner):

    def make(algorithm="ES256", **changes):
        key = KEYS[algorithm]
        registered = a_partner(
            client_secret=None,
            token_endpoint_auth_method="private_key_jwt",
            jwks={"keys": [key.as_dict(private=False)]},
            require_pushed_authorization_requests=True,
            **changes,
        ).registered
        partner = KeyPartner(app, holder, registered)
        partner.algorithm, partner.key = algorithm, key
        return partner

    return make


@pytest.mark.parametrize("algorithm", ["ES256", "PS256", "Ed25519"])
def test_happy_flow(fapi, holder, algorithm):
    partner = fapi(algorithm)
    holder.logs_in()

    pushed = partner.pushes()
    body = pushed.get_json()
    answer = partner.holder.client.get(
        "/authorize",
        query_string={"client_id": "partenaire", "request_uri": body["request_uri"]},
    )

    assert (pushed.status_code, body["expires_in"]) == (201, 60)
    assert pushed.headers["Cache-Control"] == "no-store"
    assert partner.redeems(callback(answer)["code"]).status_code == 200


def opens(partner, request_uri, **more):
    return partner.holder.client.get(
        "/authorize",
        query_string={"client_id": "partenaire", "request_uri": request_uri, **more},
    )


def test_ensure_unsigned_authorization_request_without_using_par_fails(fapi, holder):
    holder.logs_in()

    assert callback(fapi().sends())["error"] == "invalid_request"


def test_ensure_different_state_outside_the_pushed_request_is_ignored(fapi, holder):
    partner = fapi()
    holder.logs_in()
    request_uri = partner.pushes(state="inside").get_json()["request_uri"]

    answer = callback(opens(partner, request_uri, state="outside", nonce="outside"))

    assert answer["state"] == "inside"


def test_par_ensure_reused_request_uri_prior_to_auth_completion_succeeds(fapi, holder):
    partner = fapi()
    request_uri = partner.pushes().get_json()["request_uri"]
    opens(partner, request_uri)

    answer = callback(holder.goes_on(opens(partner, request_uri)))

    assert answer["code"]


def test_par_attempt_reuse_request_uri(fapi, holder):
    partner = fapi()
    holder.logs_in()
    request_uri = partner.pushes().get_json()["request_uri"]
    opens(partner, request_uri)

    again = opens(partner, request_uri)

    assert again.status_code == 400
    assert "Location" not in again.headers


def test_par_attempt_to_use_expired_request_uri(fapi, holder, clock):
    partner = fapi()
    holder.logs_in()
    request_uri = partner.pushes().get_json()["request_uri"]
    clock.advance(seconds=60)

    assert opens(partner, request_uri).status_code == 400


def test_par_attempt_to_use_request_uri_for_different_client(fapi, holder, a_partner):
    partner = fapi()
    a_partner(client_id="autre")
    holder.logs_in()
    request_uri = partner.pushes().get_json()["request_uri"]

    assert opens(partner, request_uri, client_id="autre").status_code == 400


@pytest.mark.parametrize(
    ("flaw", "error"),
    [
        ({"request_uri": "urn:ietf:params:oauth:request_uri:x"}, "invalid_request"),
        ({"redirect_uri": None}, "invalid_request"),
        ({"redirect_uri": "https://autre.test/"}, "invalid_request"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"response_type": "code id_token"}, "unsupported_response_type"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"scope": "openid nir"}, "invalid_scope"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"prompt": "shout"}, "invalid_request"),
        ({"max_age": "-1"}, "invalid_request"),
        ({"max_age": "\u0663"}, "invalid_request"),
        ({"claims": "["}, "invalid_request"),
        ({"claims": '{"userinfo":1}'}, "invalid_request"),
        ({"claims": "[" * 5000}, "invalid_request"),
        ({"nonce": "n" * 1025}, "invalid_request"),
        ({"login_hint": "1" * 8193}, "invalid_request"),
        ({"acr_values": "a" * 4097}, "invalid_request"),
        ({"scope": "openid " + "s" * 4090}, "invalid_request"),
        ({"id_token_hint": "h" * 16_385}, "invalid_request"),
        ({"request": "e30.e30."}, "request_not_supported"),
    ],
    ids=lambda value: str(value)[:60],
)
def test_one_flaw_is_enough_to_refuse_a_pushed_request(fapi, flaw, error):
    response = fapi().pushes(**flaw)

    assert (response.status_code, response.get_json()["error"]) == (400, error)


@pytest.mark.parametrize("method", ["get", "put"])
def test_par_attempt_invalid_http_method(app, fapi, method):
    fapi()

    assert getattr(app.test_client(), method)("/par").status_code == 405


def test_ensure_authorization_request_with_long_nonce_and_state(fapi, holder):
    partner = fapi()
    holder.logs_in()
    pushed = partner.pushes(nonce="n" * 384, state="s" * 1000).get_json()

    answer = callback(opens(partner, pushed["request_uri"]))

    assert answer["state"] == "s" * 1000
    claims = partner.id_token(partner.redeems(answer["code"]).get_json())
    assert claims["nonce"] == "n" * 384


WRONG_KEY = ECKey.generate_key("P-256")


@pytest.mark.parametrize(
    "flaw",
    [
        {"algorithm": "RS256", "key": RSAKey.generate_key(2048)},
        {"key": WRONG_KEY},
        {"header": {"kid": "k2"}},
        {"header": {"typ": "at+jwt"}},
        {"exp": -300},
        {"exp": None},
        {"exp": 7200},
        {"nbf": 61},
        {"iat": 61},
        {"aud": f"{ISSUER}/token"},
        {"aud": f"{ISSUER}/par"},
        {"aud": [ISSUER]},
        {"aud": None},
        {"sub": None},
        {"sub": "autre"},
        {"iss": "autre"},
        {"jti": None},
        {"jti": 7},
        {"jti": "\ud800"},
    ],
    ids=lambda flaw: str(flaw)[:40],
)
def test_ensure_signed_client_assertion_with_a_flaw_fails(fapi, app, flaw):
    partner = fapi()

    response = partner.pushes(partner.assertion(**flaw))

    assert (response.status_code, response.get_json()["error"]) == (401, "invalid_client")
    assert events(app, "client.auth.failed")[-1]["client_id"] == "partenaire"


@pytest.mark.parametrize(
    "harmless", [{"nbf": 8}, {"iat": 10}, {"header": {"kid": "k1"}}, {"header": {"x": "y"}}]
)
def test_par_ensure_jwt_client_assertions_with_skew_are_accepted(fapi, harmless):
    partner = fapi()

    assert partner.pushes(partner.assertion(**harmless)).status_code == 201


def test_an_assertion_is_used_once(fapi, app):
    partner = fapi()
    assertion = partner.assertion()
    partner.pushes(assertion)

    again = partner.pushes(assertion)

    assert again.get_json()["error"] == "invalid_client"
    assert len(events(app, "client.assertion.replayed")) == 1


def test_a_refused_request_still_uses_its_assertion_up(fapi):
    partner = fapi()
    assertion = partner.assertion()
    partner.pushes(assertion, response_type="token")

    assert partner.pushes(assertion).get_json()["error"] == "invalid_client"


def test_ensure_client_assertion_in_token_endpoint(fapi, app):
    fapi()

    response = app.test_client().post(
        "/token", data={"grant_type": "authorization_code", "client_id": "partenaire"}
    )

    assert (response.status_code, response.get_json()["error"]) == (401, "invalid_client")


def test_ensure_client_id_in_token_endpoint(fapi, a_partner, holder):
    partner = fapi()
    a_partner(client_id="autre")
    holder.logs_in()

    response = partner.redeems("x", client_id="autre")

    assert response.get_json()["error"] == "invalid_client"


@pytest.mark.parametrize("verifier", [None, "v" * 43])
def test_ensure_pkce_code_verifier_is_required_and_right(partner, holder, verifier):
    holder.logs_in()
    code = partner.code()

    response = partner.redeems(code, code_verifier=verifier)

    assert (response.status_code, response.get_json()["error"]) == (400, "invalid_grant")
    assert partner.redeems(code).status_code == 200  # a wrong try does not use it up


def test_a_verifier_without_a_challenge_is_refused(a_partner, holder):
    partner = a_partner(ameli={"compatibility": [{"name": "no_pkce", "until": "2027-01-01"}]})
    holder.logs_in()
    code = partner.code(code_challenge=None, code_challenge_method=None)

    assert partner.redeems(code).get_json()["error"] == "invalid_grant"


def test_ensure_authorization_code_is_bound_to_client(a_partner, partner, holder, app):
    other = a_partner(client_id="autre")
    other.verifier = partner.verifier
    holder.logs_in()
    code = partner.code()

    response = other.redeems(code)

    assert (response.status_code, response.get_json()["error"]) == (400, "invalid_grant")
    assert partner.redeems(code).status_code == 200
    assert events(app, "code.replayed") == []


def test_ensure_the_redirect_uri_is_the_one_of_the_request(a_partner, holder):
    partner = a_partner(redirect_uris=[CALLBACK, f"{CALLBACK}/deux"])
    holder.logs_in()

    response = partner.redeems(partner.code(), redirect_uri=f"{CALLBACK}/deux")

    assert response.get_json()["error"] == "invalid_grant"


@pytest.mark.parametrize(("age", "status"), [(59, 200), (60, 400), (62, 400)])
def test_ensure_token_endpoint_fails_with_expired_auth_code(partner, holder, clock, age, status):
    holder.logs_in()
    code = partner.code()
    clock.advance(seconds=age)

    assert partner.redeems(code).status_code == status


def test_user_rejects_authentication(partner, holder):
    request_id = parse(partner.sends().location)["demande"]

    answer = callback(holder.client.get(f"/authorize/annulation?demande={request_id}"))

    assert answer["error"] == "access_denied"
    assert answer["state"] == "s" * 128
    assert answer["iss"] == ISSUER

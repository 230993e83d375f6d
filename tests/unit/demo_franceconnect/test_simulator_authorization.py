"""The authorization request: a closed list, and where each refusal goes."""

from urllib.parse import parse_qsl, urlsplit

import pytest

ISSUER = "https://fc.test/api/v2"
CALLBACK = "https://site.test/callback"


def callback(answer) -> dict[str, str]:
    assert answer.status_code == 303
    assert answer.location.startswith(CALLBACK)
    return dict(parse_qsl(urlsplit(answer.location).query))


def test_a_right_request_leads_to_the_choice_of_an_account(site):
    answer = site.asks()

    page = site.browser.get(answer.location).text
    assert "Connexion en cours sur Le site" in page
    assert "Choisissez un compte pour vous connecter\u00a0:" in page


def test_the_request_may_be_posted(site):
    site.asks()

    answer = site.browser.post("/api/v2/authorize", data=site.request)

    assert "/interaction/" in answer.location


@pytest.mark.parametrize(
    "required",
    ["client_id", "redirect_uri", "scope", "response_type", "state", "nonce", "acr_values"],
)
def test_a_missing_parameter_ends_on_the_error_page(site, required):
    answer = site.asks(**{required: None})

    assert answer.status_code == 400
    assert "Y030007" in answer.text


@pytest.mark.parametrize(
    "unknown",
    [
        {"code_challenge": "x" * 43, "code_challenge_method": "S256"},
        {"login_hint": "somebody"},
        {"max_age": "0"},
        {"display": "page"},
        {"response_mode": "query"},
        {"request": "x.y.z"},
    ],
)
def test_a_parameter_out_of_the_list_ends_on_the_error_page(site, unknown):
    answer = site.asks(**unknown)

    assert answer.status_code == 400
    assert "Y030007" in answer.text


def test_a_repeated_parameter_ends_on_the_error_page(site):
    site.asks()
    twice = [*site.request.items(), ("state", "another")]

    answer = site.browser.get("/api/v2/authorize", query_string=twice)

    assert "Y030007" in answer.text


@pytest.mark.parametrize("prompt", ["none", "select_account", "login none", ""])
def test_another_prompt_than_login_and_consent_ends_on_the_error_page(site, prompt):
    answer = site.asks(prompt=prompt)

    assert "Y030007" in answer.text


@pytest.mark.parametrize("prompt", ["login", "consent", "login consent"])
def test_prompt_may_be_login_and_consent(site, prompt):
    answer = site.asks(prompt=prompt)

    assert answer.status_code == 303


def test_a_nonce_of_21_characters_is_too_short(site):
    answer = site.asks(nonce="n" * 21)

    assert "Y030007" in answer.text


def test_a_nonce_of_22_characters_is_long_enough(site):
    answer = site.asks(nonce="n" * 22)

    assert answer.status_code == 303


def test_a_state_of_one_character_is_accepted(site):
    answer = site.asks(state="s")

    assert answer.status_code == 303


def test_an_unknown_client_ends_on_the_error_page(site):
    answer = site.asks(client_id="nobody")

    assert "Y04EA6EF" in answer.text


def test_an_unregistered_redirect_uri_ends_on_the_error_page(site):
    answer = site.asks(redirect_uri=CALLBACK + "/")

    assert "Y04C013C" in answer.text


def test_the_error_page_does_not_lead_to_the_site(site):
    answer = site.asks(login_hint="x")

    assert "site.test" not in answer.text


def test_another_response_type_is_told_in_the_fragment(site):
    answer = site.asks(response_type="token")

    told = dict(parse_qsl(urlsplit(answer.location).fragment))
    assert told["error"] == "unsupported_response_type"
    assert told["iss"] == ISSUER


def test_a_scope_without_openid_is_refused_at_the_callback(site):
    told = callback(site.asks(scope="profile"))

    assert told["error"] == "invalid_request"


def test_a_scope_that_was_not_granted_is_refused_by_its_name(site):
    told = callback(site.asks(scope="openid identite_pivot"))

    assert told["error"] == "invalid_scope"
    assert told["scope"] == "identite_pivot"


def test_a_wholly_unknown_scope_is_ignored(site):
    tokens = site.tokens(scope="openid phone")

    assert tokens["scope"] == "openid"


def test_a_level_above_the_platform_is_refused_at_the_callback(site):
    told = callback(site.asks(acr_values="eidas2"))

    assert told["error"] == "invalid_acr"


@pytest.mark.parametrize("acr_values", ["eidas2 eidas1", "eidas1 eidas3", "unknown"])
def test_the_lowest_level_is_taken_and_an_unknown_one_is_the_default(site, acr_values):
    id_token = site.id_token(acr_values=acr_values)

    assert id_token.claims["acr"] == "eidas1"


@pytest.mark.parametrize("claims", ["{", "[]", '{"id_token":1}', '"amr"'])
def test_bad_claims_are_refused_at_the_callback(site, claims):
    told = callback(site.asks(claims=claims))

    assert told["error"] == "invalid_request"


def test_amr_needs_the_right_to_it(site):
    site.client_id = "hmac"

    answer = site.asks(scope="openid", claims='{"id_token":{"amr":{"essential":true}}}')

    assert "Y100009" in answer.text


def test_an_unknown_idp_hint_is_refused_and_loses_the_state(site):
    told = callback(site.asks(idp_hint="nobody"))

    assert told["error"] == "invalid_idp_hint"
    assert told["state"] == "undefined"


def test_a_hint_to_a_hidden_account_is_refused(site):
    site.client_id = "sibling"

    told = callback(site.asks(idp_hint="ameli"))

    assert told["error"] == "invalid_idp_hint"


def test_a_known_idp_hint_goes_straight_to_that_account(site):
    answer = site.browser.get(site.reaches_choice(idp_hint="impots"))

    assert answer.location.endswith("/account/impots")


@pytest.mark.parametrize("flaw", [{"scope": "profile"}, {"acr_values": "eidas3"}, {"claims": "{"}])
def test_every_refusal_at_the_callback_carries_state_and_iss(site, flaw):
    told = callback(site.asks(**flaw))

    assert told["state"] == "s" * 32
    assert told["iss"] == ISSUER

"""The broker is FranceConnect's identity provider: one test for each thing that it sends."""

import re

import pytest

from broker.oidc.discovery import metadata
from tests.support.identity_hub import (
    CALLBACK,
    LOGOUT_CALLBACK,
    OTHER_CALLBACK,
    SCOPES,
    STATE,
    demande,
)
from tests.support.insured_account import NIR, insured_account
from tests.support.partner import SECRET, callback, events, parse
from tests.unit.sessions.conftest import LoginPage

PASSWORD = "Tulipes&Violon7"


def test_discovery_read_at_every_login_names_every_address(client):
    for _ in range(2):
        answer = client.get(
            "/.well-known/openid-configuration", headers={"Accept": "application/json"}
        )
        assert answer.mimetype == "application/json"

    named = {
        "authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri",
        "end_session_endpoint",
    }  # fmt: skip
    assert named <= answer.get_json().keys()


def test_every_address_is_https_as_the_issuer_is():
    """FranceConnect leaves out the logout of a provider whose end_session_endpoint is not."""
    document = metadata("https://compte.example")

    addresses = [value for name, value in document.items() if name.endswith(("_endpoint", "_uri"))]
    assert addresses
    assert all(address.startswith("https://compte.example/") for address in addresses)


def test_the_recorded_request_leads_to_the_login(franceconnect):
    """No PKCE, no claims, no display, no login_hint."""
    response = franceconnect.leaves()

    assert response.status_code == 303
    assert re.fullmatch(r"/connexion\?demande=[\w-]{22}", response.location)


@pytest.mark.parametrize("scopes", SCOPES.values(), ids=SCOPES)
def test_each_set_of_scopes_is_granted_whole(franceconnect, scopes):
    tokens = franceconnect.receives_tokens(scope=scopes)

    assert tokens["scope"] == scopes


@pytest.mark.parametrize("address", [CALLBACK, OTHER_CALLBACK])
def test_several_registered_callbacks_are_exact(franceconnect, address):
    code = franceconnect.comes_back(redirect_uri=address)["code"]

    assert franceconnect.exchanges(code, redirect_uri=address).status_code == 200
    other = franceconnect.leaves(redirect_uri=f"{address}/")
    assert (other.status_code, other.location) == (400, None)


@pytest.mark.parametrize("prompt", ["login", None])
def test_a_live_session_does_not_answer(franceconnect, holder, prompt):
    holder.logs_in(amr=("pwd", "otp"))

    assert franceconnect.leaves(prompt=prompt).location.startswith("/connexion?demande=")


def test_password_and_code_are_given_again_each_time_in_a_remembered_browser(
    app, franceconnect, holder, clock
):
    insured_account(app, password=PASSWORD)
    browser = LoginPage(holder.client, app)
    browser.gives_code(browser.gives_password(PASSWORD, NIR), se_souvenir="oui")
    assert browser.is_logged_in()

    for _ in range(2):
        clock.advance(seconds=61)
        request = demande(franceconnect.leaves())
        assert 'name="mot_de_passe"' in holder.client.get(f"/connexion?demande={request}").text
        asked = browser.gives_password(PASSWORD, NIR, demande=request)
        assert "/connexion/code" in asked.location
        entered = browser.gives_code(asked)
        answer = callback(holder.client.get(entered.location))
        claims = franceconnect.id_token(franceconnect.exchanges(answer["code"]).get_json())
        assert (claims["amr"], claims["acr"]) == (["pwd", "otp"], "eidas1")
        assert claims["auth_time"] == int(clock().timestamp())


def test_the_login_page_of_franceconnect_offers_no_remembering(app, franceconnect, holder):
    insured_account(app, password=PASSWORD)
    browser = LoginPage(holder.client, app)
    asked = browser.gives_password(PASSWORD, NIR, demande=demande(franceconnect.leaves()))

    assert "se_souvenir" not in holder.client.get(asked.location).text


def test_prompt_none_answers_login_required(franceconnect, holder):
    holder.logs_in(amr=("pwd", "otp"))

    assert parse(franceconnect.leaves(prompt="none").location)["error"] == "login_required"


@pytest.mark.parametrize("acr", ["eidas2", "eidas3", "eidas3 eidas2"])
def test_a_level_that_cannot_be_reached_is_an_error(franceconnect, acr):
    answer = parse(franceconnect.leaves(acr_values=acr).location)

    assert answer["error"] == "unmet_authentication_requirements"
    assert answer["state"] == STATE


@pytest.mark.parametrize("acr", ["eidas1", "eidas2 eidas1", "unheard-of", None])
def test_a_level_that_can_be_reached_is_told_as_it_is(franceconnect, acr):
    tokens = franceconnect.receives_tokens(acr_values=acr)

    assert franceconnect.id_token(tokens)["acr"] == "eidas1"


def test_the_code_is_exchanged_by_client_secret_post(franceconnect):
    code = franceconnect.comes_back()["code"]

    assert franceconnect.exchanges(code).status_code == 200


@pytest.mark.usefixtures("franceconnect")
def test_a_secret_in_the_wrong_place_is_refused(app):
    response = app.test_client().post(
        "/token",
        data={"grant_type": "authorization_code", "code": "x", "redirect_uri": CALLBACK},
        auth=("franceconnect", SECRET),
    )

    assert (response.status_code, response.get_json()["error"]) == (401, "invalid_client")


def test_userinfo_is_asked_by_bearer_and_answers_a_jwt(franceconnect):
    tokens = franceconnect.receives_tokens()

    answer = franceconnect.asks_userinfo(tokens["access_token"])

    assert (answer.status_code, answer.mimetype) == (200, "application/jwt")


def test_the_logout_hop_leads_back(franceconnect, holder):
    tokens = franceconnect.receives_tokens()

    response = holder.client.get(
        "/end-session",
        query_string={
            "state": STATE,
            "post_logout_redirect_uri": LOGOUT_CALLBACK,
            "client_id": "franceconnect",
            "id_token_hint": tokens["id_token"],
        },
    )

    assert response.location == f"{LOGOUT_CALLBACK}?state={STATE}"
    assert "Voulez-vous" not in holder.client.get("/deconnexion").text  # nobody is logged in


@pytest.mark.parametrize(
    ("flaw", "error"),
    [
        ({"response_type": None}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"scope": "openid phone"}, "invalid_scope"),
        ({"prompt": "none"}, "login_required"),
        ({"prompt": "shout"}, "invalid_request"),
        ({"acr_values": "eidas2"}, "unmet_authentication_requirements"),
        ({"claims": "["}, "invalid_request"),
        ({"max_age": "x"}, "invalid_request"),
        ({"request": "e30.e30."}, "request_not_supported"),
        ({"code_challenge": "x", "code_challenge_method": "plain"}, "invalid_request"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_every_error_carries_state_and_issuer(franceconnect, flaw, error):
    response = franceconnect.leaves(**flaw)

    answer = callback(response)
    assert response.location.startswith(CALLBACK + "?")
    assert (answer["error"], answer["state"]) == (error, STATE)
    assert answer["iss"] == "http://localhost:8000"
    assert answer["error_description"]


def test_giving_up_answers_access_denied_with_state(app, franceconnect, holder):
    """The button of the login page: "Retourner sur FranceConnect"."""
    request = demande(franceconnect.leaves())
    page = holder.client.get(f"/connexion?demande={request}").text
    browser = LoginPage(holder.client, app)

    gone = browser.posts("/connexion/annuler", demande=request)
    answer = callback(holder.client.get(gone.location))

    assert "Retourner sur FranceConnect" in page
    assert (answer["error"], answer["state"]) == ("access_denied", STATE)
    assert answer["iss"] == "http://localhost:8000"
    assert holder.client.get(f"/authorize/suite?demande={request}").status_code == 400
    assert len(events(app, "consent.refused")) == 1


def test_giving_up_on_the_page_of_the_code_answers_the_same(app, franceconnect, holder):
    insured_account(app, password=PASSWORD)
    browser = LoginPage(holder.client, app)
    asked = browser.gives_password(PASSWORD, NIR, demande=demande(franceconnect.leaves()))
    attempt = parse(asked.location)["tentative"]

    gone = browser.posts("/connexion/annuler", tentative=attempt)
    answer = callback(holder.client.get(gone.location))

    assert (answer["error"], answer["state"]) == ("access_denied", STATE)


def test_the_login_page_leads_to_help_creation_and_a_new_password(franceconnect, holder):
    page = holder.client.get(franceconnect.leaves().location).text

    for offered in ("/creation-compte", "/mot-de-passe-oublie", "36", "FranceConnect", "ameli"):
        assert offered in page
    assert 'content="width=device-width, initial-scale=1"' in page
    assert "S'identifier avec FranceConnect" not in page  # it would go round in circles

"""The broker is FranceConnect's identity provider."""

import pytest

from tests.support.partner import SECRET, callback, header, parse

CALLBACK = "https://fc.test/api/v2/oidc-callback"


@pytest.fixture
def franceconnect(a_partner):
    return a_partner(
        client_id="franceconnect",
        client_name="FranceConnect",
        redirect_uris=[CALLBACK],
        token_endpoint_auth_method="client_secret_post",
        scope="openid profile email birth preferred_username birthplace birthcountry",
        ameli={"profile": "franceconnect"},
    )


def sends(franceconnect, **changes):
    """What FranceConnect sends: no PKCE, prompt=login, acr_values."""
    return franceconnect.sends(
        **{
            "code_challenge": None,
            "code_challenge_method": None,
            "scope": "openid profile email birth",
            "acr_values": "eidas1",
            "prompt": "login",
            **changes,
        }
    )


def goes_through(franceconnect, holder, **changes):
    code = callback(holder.goes_on(sends(franceconnect, **changes), amr=("pwd", "otp")))["code"]
    answer = franceconnect.redeems(code, code_verifier=None)
    assert answer.status_code == 200
    return answer.get_json()


def test_the_whole_exchange_as_franceconnect_wants_it(franceconnect, holder):
    tokens = goes_through(franceconnect, holder)
    userinfo = franceconnect.userinfo(tokens["access_token"])

    claims = franceconnect.id_token(tokens)
    identity = franceconnect.verified(userinfo.get_data(as_text=True))
    assert header(tokens["id_token"])["alg"] == "ES256"
    assert claims["acr"] == "eidas1"
    assert userinfo.mimetype == "application/jwt"
    assert {name: identity[name] for name in ("iss", "aud", "sub")} == {
        "iss": "http://localhost:8000",
        "aud": "franceconnect",
        "sub": claims["sub"],
    }
    assert {name: identity[name] for name in _PIVOT} == _PIVOT
    assert identity["email"] == "annie.brisson945@exemple.fr"
    assert "nir" not in identity


_PIVOT = {
    "family_name": "BRISSON",
    "given_name": "ANNIE",
    "birthdate": "1947-05-23",
    "gender": "female",
    "birthplace": "41043",
    "birthcountry": "99100",
}


@pytest.mark.parametrize("prompt", ["login", None])
def test_each_request_asks_the_person_again(franceconnect, holder, prompt):
    holder.logs_in(amr=("pwd", "otp"))

    response = sends(franceconnect, prompt=prompt)

    assert response.location.startswith("/connexion?demande=")


def test_prompt_none_answers_login_required(franceconnect, holder):
    holder.logs_in(amr=("pwd", "otp"))

    assert parse(sends(franceconnect, prompt="none").location)["error"] == "login_required"


@pytest.mark.parametrize("acr", ["eidas2", "eidas3", "eidas3 eidas2"])
def test_a_level_that_cannot_be_reached_is_an_error(franceconnect, acr):
    answer = parse(sends(franceconnect, acr_values=acr).location)

    assert answer["error"] == "unmet_authentication_requirements"
    assert answer["state"] == "s" * 128


def test_several_levels_accept_the_lowest(franceconnect):
    response = sends(franceconnect, acr_values="eidas2 eidas1")

    assert response.location.startswith("/connexion")


def test_acr_values_may_be_absent(franceconnect, holder):
    tokens = goes_through(franceconnect, holder, acr_values=None)

    assert franceconnect.id_token(tokens)["acr"] == "eidas1"


def test_giving_up_answers_access_denied_with_state(franceconnect, holder):
    asked = sends(franceconnect)
    request_id = parse(asked.location)["demande"]

    answer = callback(holder.client.get(f"/authorize/annulation?demande={request_id}"))

    assert answer["error"] == "access_denied"
    assert answer["state"] == "s" * 128
    assert holder.client.get(f"/authorize/suite?demande={request_id}").status_code == 400


def test_the_logout_hop_leads_back(franceconnect, holder):
    tokens = goes_through(franceconnect, holder)

    response = holder.client.get(
        "/end-session",
        query_string={
            "state": "x" * 32,
            "post_logout_redirect_uri": "https://partenaire.test/au-revoir",
            "client_id": "franceconnect",
            "id_token_hint": tokens["id_token"],
        },
    )

    assert parse(response.location) == {"state": "x" * 32}


@pytest.mark.usefixtures("franceconnect")
def test_a_secret_in_the_wrong_place_is_refused(app):
    response = app.test_client().post(
        "/token",
        data={"grant_type": "authorization_code", "code": "x", "redirect_uri": CALLBACK},
        auth=("franceconnect", SECRET),
    )

    assert (response.status_code, response.get_json()["error"]) == (401, "invalid_client")

"""The provider under attack, beyond what the certification modules ask."""

import json

import pytest

from broker.accounts.administration import Administration
from broker.clients.administration import ClientAdministration
from tests.support.partner import (
    CALLBACK,
    OPERATOR,
    SECRET,
    Holder,
    callback,
    events,
    parse,
    sample_account,
)


@pytest.mark.parametrize(
    "flaw",
    [
        {"client_id": None},
        {"client_id": "nobody"},
        {"redirect_uri": None},
        {"redirect_uri": "https://partenaire.test/RETOUR"},
        {"redirect_uri": "http://partenaire.test/retour"},
        {"redirect_uri": "https://partenaire.test@autre.test/retour"},
        {"redirect_uri": "javascript:alert(1)"},
    ],
    ids=str,
)
def test_nobody_is_redirected_before_client_and_address_are_known(partner, holder, flaw):
    holder.logs_in()

    response = partner.sends(response_type="token", **flaw)

    assert response.status_code == 400
    assert "Location" not in response.headers
    assert "http-equiv" not in response.get_data(as_text=True)


@pytest.mark.parametrize("name", ["client_id", "redirect_uri"])
def test_a_repeated_client_or_address_is_told_on_a_page(partner, holder, name):
    holder.logs_in()
    pairs = [*partner.request().items(), (name, partner.request()[name])]

    response = holder.client.get("/authorize", query_string=_query(pairs))

    assert response.status_code == 400


@pytest.mark.parametrize("name", ["scope", "state", "nonce", "extra"])
def test_any_other_repeated_parameter_is_an_error(partner, holder, name):
    holder.logs_in()
    pairs = [*partner.request(extra="1").items(), (name, "2")]

    answer = callback(holder.client.get("/authorize", query_string=_query(pairs)))

    assert answer["error"] == "invalid_request"
    assert ("state" in answer) == (name != "state")


def _query(pairs):
    return "&".join(f"{name}={value}" for name, value in pairs)


def test_an_empty_parameter_is_an_absent_one(partner, holder):
    holder.logs_in()

    tokens = partner.tokens(max_age="", prompt="", claims="", response_mode="")

    assert tokens["access_token"]


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"grant_type": None}, "invalid_request"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"code": None}, "invalid_request"),
        ({"redirect_uri": None}, "invalid_request"),
        ({"code": "unknown"}, "invalid_grant"),
        ({"code_verifier": "short"}, "invalid_request"),
    ],
    ids=str,
)
def test_the_token_endpoint_names_the_error(partner, form, error):
    response = partner.redeems(**{"code": "x", **form})

    assert (response.status_code, response.get_json()["error"]) == (400, error)
    assert response.mimetype == "application/json"
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.usefixtures("partner")
def test_a_repeated_parameter_is_refused_at_the_token_endpoint(app):
    response = app.test_client().post(
        "/token", data="grant_type=authorization_code&code=a&code=b",
        content_type="application/x-www-form-urlencoded",
        auth=("partenaire", SECRET),
    )  # fmt: skip

    assert response.get_json()["error"] == "invalid_request"


@pytest.mark.usefixtures("partner")
@pytest.mark.parametrize("path", ["/par", "/token", "/introspect", "/revoke"])
def test_a_repeated_parameter_is_no_fault_of_the_credentials(app, path):
    response = app.test_client().post(
        path, data="token=a&code=b&scope=openid&scope=email",
        content_type="application/x-www-form-urlencoded",
        auth=("partenaire", SECRET),
    )  # fmt: skip

    assert (response.status_code, response.get_json()["error"]) == (400, "invalid_request")


def test_a_request_uri_given_twice_is_none(partner, holder):
    holder.logs_in()
    pushed = partner.calls("/par", partner.request()).get_json()["request_uri"]
    pairs = [("client_id", "partenaire"), ("request_uri", pushed)]
    twice = [*pairs, ("request_uri", "https://attacker.test/")]

    response = holder.client.get("/authorize", query_string=_query(twice))

    assert response.status_code == 400
    assert "Partenaire" in response.get_data(as_text=True)
    once = holder.client.get("/authorize", query_string=_query(pairs))
    assert "code" in callback(once)


@pytest.mark.parametrize(
    "credentials",
    [
        {"auth": ("partenaire", "wrong")},
        {"auth": ("nobody", SECRET)},
        {"data": {"client_id": "partenaire", "client_secret": SECRET}},
        {"auth": ("partenaire", SECRET), "data": {"client_secret": SECRET}},
        {"auth": ("partenaire", SECRET), "data": {"client_id": "autre"}},
        {"headers": {"Authorization": "Basic ===="}},
        {"headers": {"Authorization": f"Bearer {SECRET}"}},
        {"data": {"client_id": "partenaire"}},
        {},
    ],
    ids=str,
)
@pytest.mark.usefixtures("partner")
def test_a_client_proves_itself_by_its_registered_method_alone(app, credentials):
    response = app.test_client().post("/token", **credentials)

    assert (response.status_code, response.get_json()["error"]) == (401, "invalid_client")
    assert response.headers["WWW-Authenticate"].startswith("Basic")
    failed = events(app, "client.auth.failed")[0]
    assert SECRET not in json.dumps(failed)
    assert failed.get("client_id") in {None, "partenaire"}


@pytest.mark.parametrize("secret", ["with:colon+plus%percent and space-0123456789", "é" * 32])
def test_a_secret_is_form_encoded_before_it_is_joined(a_partner, holder, secret):
    partner = a_partner(client_secret=secret)
    holder.logs_in()
    form = {
        "grant_type": "authorization_code",
        "code": partner.code(),
        "redirect_uri": CALLBACK,
        "code_verifier": partner.verifier,
    }

    assert partner.calls("/token", form, secret=secret).status_code == 200


@pytest.mark.parametrize("where", ["query", "two ways", "cookie", "none", "wrong", "code"])
def test_an_access_token_is_taken_from_its_place_only(partner, holder, app, where):
    holder.logs_in()
    token = partner.tokens()["access_token"]
    ways = {
        "query": {"query_string": {"access_token": token}},
        "two ways": {"data": {"access_token": token}, "headers": _bearer(token)},
        "cookie": {"headers": {"Cookie": f"access_token={token}"}},
        "none": {},
        "wrong": {"headers": _bearer(token[:-1] + "_")},
        "code": {"headers": _bearer(partner.code())},
    }

    response = app.test_client().post("/userinfo", **ways[where])

    assert response.status_code == (400 if where == "two ways" else 401)
    assert token not in response.get_data(as_text=True)


def _bearer(token):
    return {"Authorization": f"Bearer {token}"}


@pytest.mark.parametrize(("age", "status"), [(299, 200), (300, 401)])
def test_an_access_token_lives_300_seconds(partner, holder, clock, age, status):
    holder.logs_in()
    token = partner.tokens()["access_token"]
    clock.advance(seconds=age)

    response = partner.userinfo(token)

    assert response.status_code == status
    assert ("WWW-Authenticate" in response.headers) == (status == 401)


def test_a_disabled_partner_is_refused_everywhere_at_once(partner, holder, app):
    holder.logs_in()
    code, token = partner.code(), partner.tokens()["access_token"]

    app.extensions["broker"][ClientAdministration].disable("partenaire", OPERATOR)

    assert partner.sends().status_code == 403
    assert partner.redeems(code).get_json()["error"] == "invalid_client"
    assert partner.userinfo(token).status_code == 401


def test_a_suspended_account_gets_no_token_and_tells_nothing(partner, holder, app):
    holder.logs_in()
    code, token = partner.code(), partner.tokens()["access_token"]

    administration = app.extensions["broker"][Administration]
    administration.disable(holder.account_id, operator="test", reason="fraud")

    assert partner.redeems(code).get_json()["error"] == "invalid_grant"
    assert partner.userinfo(token).status_code == 401
    assert partner.sends().location.startswith("/connexion")


def test_a_waiting_request_belongs_to_its_browser(partner, holder, app):
    request_id = parse(partner.sends().location)["demande"]
    thief = Holder(app, holder.account_id)
    thief.logs_in()

    response = thief.client.get(f"/authorize/suite?demande={request_id}")

    assert response.status_code == 400
    assert "partenaire.test" not in response.get_data(as_text=True)


def test_a_login_made_for_another_request_does_not_answer_a_prompt(partner, holder):
    first = parse(partner.sends(prompt="login").location)["demande"]
    second = parse(partner.sends(prompt="login").location)["demande"]
    holder.logs_in(first)

    response = holder.client.get(f"/authorize/suite?demande={second}")

    assert response.location == f"/connexion?demande={second}"


def test_two_tabs_are_answered_each_for_itself(partner, holder):
    tabs = [parse(partner.sends(state=name).location)["demande"] for name in ("one", "two")]
    holder.logs_in(tabs[0])

    states = [callback(holder.client.get(f"/authorize/suite?demande={tab}"))["state"]
              for tab in tabs]  # fmt: skip

    assert states == ["one", "two"]


def test_a_request_is_answered_once(partner, holder):
    asked = partner.sends()
    holder.goes_on(asked)

    again = holder.client.get(f"/authorize/suite?{asked.location.partition('?')[2]}")

    assert again.status_code == 400


def test_a_request_waits_for_one_hour(partner, holder, clock):
    request_id = parse(partner.sends().location)["demande"]
    clock.advance(hours=1)
    holder.logs_in()

    assert holder.client.get(f"/authorize/suite?demande={request_id}").status_code == 400


def test_after_our_own_form_the_answer_is_a_page(partner, holder):
    response = holder.goes_on(partner.sends())

    assert response.status_code == 200
    assert 'http-equiv="refresh"' in response.get_data(as_text=True)
    assert callback(response)["iss"] == "http://localhost:8000"


def test_the_expired_page_offers_a_way_back(a_partner, holder):
    partner = a_partner(client_uri="https://partenaire.test/")
    asked = partner.sends()
    holder.goes_on(asked)

    again = holder.client.get(f"/authorize/suite?{asked.location.partition('?')[2]}")

    assert 'href="https://partenaire.test/"' in again.get_data(as_text=True)


def test_the_sub_is_the_same_in_a_sector_and_different_in_another(a_partner, holder):
    one = a_partner(ameli={"sector": "shared.test"})
    two = a_partner(client_id="deux", ameli={"sector": "shared.test"})
    three = a_partner(client_id="trois")
    holder.logs_in()

    subs = [each.id_token(each.tokens())["sub"] for each in (one, two, three)]

    assert subs[0] == subs[1] != subs[2]
    assert all(sub.endswith("v1") and len(sub) == 45 and sub.isascii() for sub in subs)


def test_the_nir_goes_to_entitled_partners_in_userinfo_alone(a_partner, holder):
    partner = a_partner(ameli={"nir": True})
    holder.logs_in()
    claims = '{"id_token":{"nir":null,"given_name":null},"userinfo":{"nir":null}}'
    without = partner.tokens(claims=claims)
    tokens = partner.tokens(scope="openid nir", claims=claims)

    assert "nir" not in partner.userinfo(without["access_token"]).get_json()
    assert partner.userinfo(tokens["access_token"]).get_json()["nir"] == "2470541043403"
    assert partner.id_token(tokens)["given_name"] == "ANNIE"
    assert "nir" not in partner.id_token(tokens)


def test_claims_by_name_stay_within_the_partners_scopes(a_partner, holder):
    partner = a_partner(scope="openid")
    holder.logs_in()

    tokens = partner.tokens(claims='{"userinfo":{"email":{"essential":true}}}')

    assert partner.userinfo(tokens["access_token"]).get_json().keys() == {"sub"}


@pytest.mark.parametrize(
    ("claims", "error"),
    [
        ('{"id_token":{"acr":{"essential":true,"values":["eidas2"]}}}',
         "unmet_authentication_requirements"),
        ('{"id_token":{"acr":{"essential":true,"value":"silver"}}}',
         "unmet_authentication_requirements"),
        ('{"id_token":{"acr":{"essential":true,"values":["eidas2","eidas1"]}}}', None),
        ('{"id_token":{"acr":{"values":["eidas3"]}}}', None),
        ('{"id_token":{"acr":{"essential":true}}}', None),
    ],
)  # fmt: skip
def test_an_essential_acr_is_met_or_refused(partner, holder, claims, error):
    holder.logs_in()

    assert callback(partner.sends(claims=claims)).get("error") == error


def test_a_partners_own_minimum_is_met_or_refused(a_partner, holder):
    partner = a_partner(ameli={"minimum_acr": "eidas2"})
    holder.logs_in()

    assert callback(partner.sends())["error"] == "unmet_authentication_requirements"


def test_a_partner_that_always_asks_a_code_does_not_take_a_session_without(a_partner, holder):
    partner = a_partner(ameli={"code": "always"})
    holder.logs_in(amr=("pwd",))
    without = partner.sends()
    holder.logs_in(amr=("pwd", "otp"))

    assert without.location.startswith("/connexion")
    assert partner.id_token(partner.tokens())["amr"] == ["pwd", "otp"]


def test_a_request_about_somebody_else_is_not_answered_silently(partner, holder, app):
    holder.logs_in()
    hint = partner.tokens()["id_token"]
    holder.account_id = sample_account(app, 2)
    holder.logs_in()

    by_hint = callback(partner.sends(id_token_hint=hint, prompt="none"))
    by_claim = callback(
        partner.sends(claims='{"id_token":{"sub":{"value":"other"}}}', prompt="none")
    )

    assert by_hint["error"] == by_claim["error"] == "login_required"


def test_somebody_else_who_logs_in_does_not_answer_the_request(partner, holder, app):
    holder.logs_in()
    hint = partner.tokens()["id_token"]
    holder.account_id = sample_account(app, 2)

    answer = callback(holder.goes_on(partner.sends(id_token_hint=hint, prompt="login")))

    assert answer["error"] == "login_required"


@pytest.mark.parametrize("hint", ["x.y.z", "e30.e30.e30", "a" * 20_000])
def test_a_hint_that_is_no_token_of_ours_is_an_error(partner, holder, hint):
    holder.logs_in()

    assert callback(partner.sends(id_token_hint=hint))["error"] == "invalid_request"


def test_the_trail_follows_a_login_from_request_to_userinfo(partner, holder, app):
    asked = partner.sends(scope="openid email")
    answer = callback(holder.goes_on(asked))
    tokens = partner.redeems(answer["code"]).get_json()
    partner.userinfo(tokens["access_token"])

    trail = [e for e in events(app, "") if e.get("client_id") == "partenaire"]

    assert sorted(e["type"] for e in trail if e["type"] != "client.created") == [
        "authz.requested", "code.issued", "code.redeemed", "session.created", "token.issued",
        "token.issued", "userinfo.read",
    ]  # fmt: skip
    issued = [e for e in trail if e["type"] == "token.issued"]
    assert {e["token"]["kind"] for e in issued} == {"access", "id"}
    assert len({e["auth_event_id"] for e in trail if "auth_event_id" in e}) == 1
    assert len({e["code_ref"] for e in trail if "code_ref" in e}) == 1
    whole = json.dumps(trail)
    for secret in (answer["code"], *tokens.values(), SECRET, "exemple.fr"):
        assert str(secret) not in whole or secret in ("Bearer", 300, "openid email")

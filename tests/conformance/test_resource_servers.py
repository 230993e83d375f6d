"""Resource servers: RFC 8707 (resource indicators), RFC 7662 (introspection)."""

import json

import pytest

from broker.accounts.administration import Administration
from broker.clients.administration import ClientAdministration
from tests.support.partner import (
    API,
    CALLBACK,
    OPERATOR,
    REFRESHING,
    Partner,
    callback,
    events,
)

OTHER_API, ISSUER = "https://autre-api.test/", "http://localhost:8000"
INACTIVE = {"active": False}


@pytest.fixture
def partner(a_partner, holder) -> Partner:
    holder.logs_in()
    return a_partner(**REFRESHING)


def test_a_server_learns_what_a_token_for_it_is_worth(partner, server, clock, app):
    tokens = partner.tokens(scope="openid profile", resource=API)
    claims = partner.id_token(tokens)

    told = server.introspects(tokens["access_token"])

    now = int(clock().timestamp())
    assert told == {
        "active": True,
        "token_type": "Bearer",
        "iss": ISSUER,
        "aud": API,
        "sub": claims["sub"],
        "client_id": "partenaire",
        "iat": now,
        "exp": now + 300,
        "scope": "openid profile",
        "auth_time": claims["auth_time"],
        "acr": "eidas1",
        "amr": ["pwd"],
    }
    (asked,) = events(app, "token.introspected")
    assert (asked["outcome"], asked["audience"]) == ("success", API)
    assert asked["actor"] == {"kind": "client", "ref": "api"}
    assert asked["client_id"] == "partenaire"


def test_every_inactive_token_gets_the_same_answer(partner, server, a_server, clock, app):
    another = a_server("autre-api", OTHER_API)
    tokens = partner.tokens(resource=API)
    code = partner.code(resource=API)
    of_userinfo = partner.tokens()["access_token"]
    revoked = partner.tokens(resource=API)["access_token"]
    partner.revokes(revoked)
    alive = tokens["access_token"]

    answers = [
        another.introspects(alive),
        *(
            server.introspects(text)
            for text in (
                tokens["refresh_token"], tokens["id_token"], code, of_userinfo, revoked, "x",
                "é", "2640531555982", "A" * 60_000,
            )
        ),
    ]  # fmt: skip
    clock.advance(seconds=300)
    answers.append(server.introspects(alive))

    assert answers == [INACTIVE] * len(answers)
    asked = events(app, "token.introspected")
    assert {event["outcome"] for event in asked} == {"failure"}
    assert [e["reason_code"] for e in asked if "token" in e] == ["audience", "audience", "expired"]
    assert {e["reason_code"] for e in asked if "token" not in e} == {"unknown"}


def test_a_token_of_a_suspended_person_is_inactive(partner, server, holder, app):
    token = partner.tokens(resource=API)["access_token"]

    administration = app.extensions["broker"][Administration]
    administration.disable(holder.account_id, operator="test", reason="fraud")

    assert server.introspects(token) == INACTIVE


def test_a_token_of_a_partner_that_was_switched_off_is_inactive(partner, server, app):
    token = partner.tokens(resource=API)["access_token"]

    app.extensions["broker"][ClientAdministration].disable("partenaire", OPERATOR)

    assert server.introspects(token) == INACTIVE


def test_only_resource_servers_introspect(partner, server, app):
    tokens = partner.tokens()

    refused = partner.calls("/introspect", {"token": tokens["access_token"]})
    unproved = server.calls("/introspect", {"token": "x"}, secret="wrong" * 8)
    without = server.calls("/introspect", {})

    assert (refused.status_code, refused.get_json()["error"]) == (400, "unauthorized_client")
    assert (unproved.status_code, unproved.get_json()["error"]) == (401, "invalid_client")
    assert (without.status_code, without.get_json()["error"]) == (400, "invalid_request")
    assert app.test_client().get("/introspect").status_code == 405


def test_a_server_that_is_switched_off_learns_nothing_and_no_token_is_made_for_it(
    partner, server, app
):
    token = partner.tokens(resource=API)

    app.extensions["broker"][ClientAdministration].disable("api", OPERATOR)

    assert server.calls("/introspect", {"token": token["access_token"]}).status_code == 401
    assert callback(partner.sends(resource=API))["error"] == "invalid_target"
    refused = partner.refreshes(token["refresh_token"])
    assert refused.get_json()["error"] == "invalid_target"


def test_a_server_with_a_sector_knows_a_person_under_its_own_name(partner, a_server, a_partner):
    server = a_server(sector="api.test")
    other = a_partner(client_id="autre", redirect_uris=["https://autre.test/"], **REFRESHING)
    mine, theirs = partner.tokens(resource=API), other.tokens(resource=API)

    subs = [server.introspects(tokens["access_token"])["sub"] for tokens in (mine, theirs)]

    assert subs[0] == subs[1]
    assert subs[0] not in {partner.id_token(mine)["sub"], other.id_token(theirs)["sub"]}


# RFC 8707


@pytest.mark.parametrize(
    "resource",
    ["https://inconnu.test/", "https://api.test/dossiers/", "https://API.test/dossiers", "api",
     f"{API}#f", f"{API} https://inconnu.test/"],
)  # fmt: skip
@pytest.mark.usefixtures("server")
def test_a_resource_that_nobody_serves_is_refused_everywhere(partner, resource):
    tokens = partner.tokens()
    code = partner.code()

    at_authorize = partner.sends(resource=resource)
    pushed = partner.calls("/par", partner.request(resource=resource))
    at_token = partner.redeems(code, resource=resource)
    at_refresh = partner.refreshes(tokens["refresh_token"], resource=resource)

    assert callback(at_authorize)["error"] == "invalid_target"
    for response in (pushed, at_token, at_refresh):
        assert (response.status_code, response.get_json()["error"]) == (400, "invalid_target")
    assert partner.redeems(code).status_code == 200  # the wish did not use it up


def test_a_pushed_request_may_name_a_resource(partner, server):
    pushed = partner.calls("/par", partner.request(resource=API)).get_json()
    query = {"client_id": "partenaire", "request_uri": pushed["request_uri"]}

    answer = callback(partner.holder.client.get("/authorize", query_string=query))

    token = partner.redeems(answer["code"]).get_json()["access_token"]
    assert server.introspects(token)["aud"] == API


def test_of_several_resources_each_token_is_for_one(partner, server, a_server):
    another = a_server("autre-api", OTHER_API)
    query = [*partner.request().items(), ("resource", API), ("resource", OTHER_API)]
    code = callback(partner.holder.client.get("/authorize", query_string=query_of(query)))["code"]

    unchosen = partner.redeems(code)
    both = partner.calls("/token", two_resources(partner, code))
    first = partner.redeems(code, resource=API).get_json()
    second = partner.refreshes(first["refresh_token"], resource=OTHER_API).get_json()
    ours = partner.refreshes(first["refresh_token"], resource=ISSUER).get_json()

    for refused in (unchosen, both):
        assert (refused.status_code, refused.get_json()["error"]) == (400, "invalid_target")
    assert server.introspects(first["access_token"])["aud"] == API
    assert another.introspects(first["access_token"]) == INACTIVE
    assert another.introspects(second["access_token"])["aud"] == OTHER_API
    assert server.introspects(second["access_token"]) == INACTIVE
    assert partner.userinfo(ours["access_token"]).status_code == 200


def query_of(pairs):
    return "&".join(f"{name}={value}" for name, value in pairs)


def two_resources(partner, code):
    return {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": CALLBACK,
        "code_verifier": partner.verifier,
        "resource": [API, OTHER_API],
    }


@pytest.mark.usefixtures("server")
def test_a_resource_that_was_not_asked_is_not_granted_later(partner, a_server):
    a_server("autre-api", OTHER_API)
    token = partner.tokens(resource=API)["refresh_token"]

    refused = partner.refreshes(token, resource=OTHER_API)

    assert (refused.status_code, refused.get_json()["error"]) == (400, "invalid_target")


def test_a_request_without_resource_limits_nothing(partner, server):
    token = partner.tokens()["refresh_token"]

    answer = partner.refreshes(token, resource=API).get_json()

    assert server.introspects(answer["access_token"])["aud"] == API


@pytest.mark.usefixtures("server")
def test_userinfo_refuses_a_token_for_a_resource_server(partner, app):
    token = partner.tokens(resource=API)["access_token"]

    response = partner.userinfo(token)

    assert response.status_code == 401
    assert 'error="invalid_token"' in response.headers["WWW-Authenticate"]
    assert events(app, "userinfo.read")[0]["reason_code"] == "invalid_token"


def test_no_answer_of_introspection_is_in_the_trail(partner, server, app):
    token = partner.tokens(resource=API)["access_token"]

    server.introspects(token)

    assert token not in json.dumps(events(app, ""))

"""Access tokens that a resource server reads by itself (RFC 9068), and who may be one."""

import pytest

from broker.clients.model import RegistrationRefused
from tests.support.partner import API, REFRESHING, Partner, callback, events, header, register

ISSUER = "http://localhost:8000"


@pytest.fixture
def partner(a_partner, holder) -> Partner:
    holder.logs_in()
    return a_partner(**REFRESHING)


@pytest.mark.parametrize("algorithm", ["ES256", "PS256", "RS256"])
def test_a_server_may_want_signed_tokens(partner, a_server, clock, app, algorithm):
    server = a_server(access_token_signed_response_alg=algorithm)
    tokens = partner.tokens(scope="openid email", resource=API)
    token = tokens["access_token"]

    claims = partner.verified(token)

    assert header(token)["typ"] == "at+jwt"
    assert header(token)["alg"] == algorithm
    assert header(token)["kid"]
    now = int(clock().timestamp())
    jti = claims.pop("jti")
    assert len(jti) == 43
    assert claims == {
        "iss": ISSUER,
        "aud": API,
        "sub": partner.id_token(tokens)["sub"],
        "client_id": "partenaire",
        "iat": now,
        "exp": now + 300,
        "scope": "openid email",
        "auth_time": now,
        "acr": "eidas1",
        "amr": ["pwd"],
    }
    assert server.introspects(token) == {
        "active": True, "token_type": "Bearer", "jti": jti, **claims,
    }  # fmt: skip
    issued = [e["token"] for e in events(app, "token.issued") if e["token"]["kind"] == "access"]
    assert [token["jti"] for token in issued] == [jti]


def test_a_signed_token_is_neither_for_userinfo_nor_a_hint(partner, a_server, holder):
    a_server(access_token_signed_response_alg="ES256")
    token = partner.tokens(resource=API)["access_token"]

    hinted = partner.sends(id_token_hint=token)
    logout = holder.client.get("/end-session", query_string={"id_token_hint": token})

    assert partner.userinfo(token).status_code == 401
    assert callback(hinted)["error"] == "invalid_request"
    assert logout.status_code == 400


def test_a_server_without_introspection_may_read_signed_tokens_alone(partner, a_server):
    server = a_server(introspects=None, access_token_signed_response_alg="ES256")
    token = partner.tokens(resource=API)["access_token"]

    assert partner.verified(token)["aud"] == API
    assert server.calls("/introspect", {"token": token}).status_code == 400


@pytest.mark.parametrize(
    "ameli",
    [
        {"introspects": True},
        {"resource": "api", "introspects": True},
        {"resource": "https://api.test/#f", "introspects": True},
        {"resource": "https://api.test/ x", "introspects": True},
        {"access_token_signed_response_alg": "ES256"},
        {"resource": API, "access_token_signed_response_alg": "HS256"},
    ],
)
def test_a_flawed_resource_server_is_not_registered(app, ameli):
    with pytest.raises(RegistrationRefused):
        register(app, ameli={"sector": "partenaire.test", **ameli})


@pytest.mark.usefixtures("server")
def test_two_partners_cannot_serve_one_resource(a_server):
    with pytest.raises(RegistrationRefused, match="api already serves it"):
        a_server("deux")


def test_a_public_client_cannot_introspect(app):
    with pytest.raises(RegistrationRefused, match="proves itself"):
        register(
            app,
            application_type="native",
            token_endpoint_auth_method="none",
            client_secret=None,
            ameli={"introspects": True, "resource": API},
        )

"""Which pages of other sites read the provider's answers by script (Fetch standard, CORS)."""

import itertools

import pytest

from broker.clients.administration import ClientAdministration
from tests.support.partner import OPERATOR, PUBLIC, Partner

PAGE = "https://page.test:8443"
WEB = {
    "client_id": "page",
    "client_secret": None,
    "token_endpoint_auth_method": "none",
    "redirect_uris": [f"{PAGE}/retour"],
}
SHARED = ["/token", "/userinfo", "/par", "/revoke"]
STRANGERS = [
    "https://attacker.test",
    "https://page.test",
    "http://page.test:8443",
    "https://page.test:84430",
    "https://page.test:8443.attacker.test",
    "https://sub.page.test:8443",
    "null",
    "*",
    "",
]
COOKIES = [
    "/authorize",
    "/authorize/suite",
    "/end-session",
    "/introspect",
    "/token-evidence",
    "/connexion",
    "/",
]


@pytest.fixture
def page(a_partner) -> Partner:
    return a_partner(**WEB)


def preflight(client, path, origin):
    asked = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    return client.options(path, headers=asked)


def told(answer):
    return {name for name, _ in answer.headers if name.startswith("Access-Control")}


@pytest.mark.usefixtures("page")
def test_a_registered_page_may_call(client):
    for path in SHARED:
        answer = preflight(client, path, PAGE)

        allowed = answer.headers["Access-Control-Allow-Headers"].split(", ")
        assert answer.status_code == 200
        assert answer.headers["Access-Control-Allow-Origin"] == PAGE
        assert answer.headers["Access-Control-Allow-Methods"] == "GET, POST"
        assert set(allowed) == {"Authorization", "Content-Type", "DPoP"}
        assert "Access-Control-Allow-Credentials" not in told(answer)
        assert "Origin" in answer.vary


@pytest.mark.usefixtures("page")
def test_any_other_page_reads_nothing(client):
    for path, origin in itertools.product(SHARED, STRANGERS):
        asked = preflight(client, path, origin)
        called = client.post(path, headers={"Origin": origin})

        assert (path, origin, told(asked), told(called)) == (path, origin, set(), set())
        # What is refused to one must not be kept for another.
        assert "Origin" in asked.vary
        assert "Origin" in called.vary


@pytest.mark.usefixtures("page")
def test_errors_are_read_too(client):
    wrong = {"grant_type": "authorization_code", "client_id": "page", "code": "x"}

    token = client.post("/token", data=wrong, headers={"Origin": PAGE})
    userinfo = client.get("/userinfo", headers={"Origin": PAGE})

    assert token.get_json()["error"] == "invalid_request"
    for answer in (token, userinfo):
        assert answer.headers["Access-Control-Allow-Origin"] == PAGE
        assert "Access-Control-Allow-Credentials" not in answer.headers
    assert "WWW-Authenticate" in userinfo.headers["Access-Control-Expose-Headers"]


@pytest.mark.parametrize(
    ("registered", "origin"),
    [
        ({}, "https://partenaire.test"),
        (PUBLIC, "http://127.0.0.1"),
        ({**WEB, "application_type": "native"}, PAGE),
    ],
    ids=["with a secret", "native on loopback", "native"],
)
def test_clients_that_are_no_page_have_no_origin(a_partner, client, registered, origin):
    a_partner(**registered)

    assert "Access-Control-Allow-Origin" not in preflight(client, "/token", origin).headers


@pytest.mark.usefixtures("page")
def test_the_page_of_a_partner_that_is_switched_off_reads_nothing(client, app):
    app.extensions["broker"][ClientAdministration].disable("page", OPERATOR)

    assert "Access-Control-Allow-Origin" not in preflight(client, "/token", PAGE).headers


@pytest.mark.parametrize(
    "registered", ["https://PAGE.test:443/retour", "https://page.test/retour"]
)
def test_an_origin_is_written_as_browsers_do(a_partner, client, registered):
    a_partner(**{**WEB, "redirect_uris": [registered]})

    answer = preflight(client, "/token", "https://page.test")

    assert answer.headers["Access-Control-Allow-Origin"] == "https://page.test"


@pytest.mark.usefixtures("page")
def test_where_cookies_speak_no_page_reads_anything(client):
    for path in COOKIES:
        asked, called = preflight(client, path, PAGE), client.get(path, headers={"Origin": PAGE})

        assert (path, told(asked), told(called)) == (path, set(), set())


def test_what_is_public_is_read_by_every_page(client):
    for path in ("/.well-known/openid-configuration", "/jwks"):
        answer = client.get(path, headers={"Origin": "https://anybody.test"})

        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert "Access-Control-Allow-Credentials" not in told(answer)

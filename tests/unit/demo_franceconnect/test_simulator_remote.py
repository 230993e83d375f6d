"""FranceConnect as the client of the real "ameli": what it sends, what it demands."""

import html
import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet
from requests.adapters import BaseAdapter

AMELI = "https://ameli.test"
BACK = "https://fc.test/api/v2/oidc-callback"
SECRET = "a-secret-of-at-least-thirty-two-characters"


@dataclass
class Ameli(BaseAdapter):
    """Answers as the broker should, but for what a test changes in `flaws` and the claims."""

    clock: Any
    key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256", {"kid": "one"}))
    flaws: dict[str, Any] = field(default_factory=dict)
    id_token_changes: dict[str, Any] = field(default_factory=dict)
    userinfo_changes: dict[str, Any] = field(default_factory=dict)
    sent: list[requests.PreparedRequest] = field(default_factory=list)
    nonce: str = ""

    def __post_init__(self) -> None:
        super().__init__()

    def close(self) -> None: ...

    def send(self, request, **_options) -> requests.Response:
        self.sent.append(request)
        path = urlsplit(request.url).path
        if path in self.flaws.get("down", ()):
            raise requests.ConnectionError
        body, content_type = {
            "/.well-known/openid-configuration": self.metadata,
            "/jwks": lambda: (KeySet([self.key]).as_dict(private=False), "application/json"),
            "/token": self.token,
            "/userinfo": self.userinfo,
        }[path]()
        answer = requests.Response()
        answer.request, answer.url = request, request.url
        answer.status_code = self.flaws.get("status", {}).get(path, 200)
        answer.headers["Content-Type"] = content_type
        answer._content = (body if isinstance(body, str) else json.dumps(body)).encode()
        return answer

    def metadata(self):
        named = {
            f"{name}_endpoint": f"{AMELI}/{name}"
            for name in ("authorization", "token", "userinfo", "end_session")
        }
        document = named | {
            "issuer": AMELI,
            "jwks_uri": f"{AMELI}/jwks",
            "authorization_response_iss_parameter_supported": True,
        }
        return document | self.flaws.get("metadata", {}), "application/json"

    def token(self):
        claims = {
            "iss": AMELI,
            "aud": "franceconnect",
            "sub": "somebody",
            "nonce": self.nonce,
            "iat": int(self.clock.now),
            "exp": int(self.clock.now) + 60,
            "acr": "eidas1",
        }
        id_token = self.signed(_changed(claims, self.id_token_changes))
        return {"access_token": "an-access-token", "id_token": id_token}, "application/json"

    def userinfo(self):
        claims = {
            "iss": AMELI,
            "aud": "franceconnect",
            "sub": "somebody",
            "given_name": "Ali",
            "family_name": "MIAH",
            "birthdate": "1960-00-00",
            "gender": "male",
            "birthplace": "",
            "birthcountry": "99212",
            "email": "ali@example.org",
        }
        signed = self.signed(_changed(claims, self.userinfo_changes))
        return signed, self.flaws.get("userinfo_type", "application/jwt; charset=utf-8")

    def signed(self, claims: dict[str, Any]) -> str:
        key = self.flaws.get("key", self.key)
        return jwt.encode({"alg": "ES256", "kid": key.kid}, claims, key)


def _changed(claims: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in (claims | changes).items() if value is not None}


@pytest.fixture
def ameli(clock) -> Ameli:
    return Ameli(clock)


@pytest.fixture
def http(ameli) -> requests.Session:
    session = requests.Session()
    session.mount(AMELI, ameli)
    return session


def departs(site) -> dict[str, str]:
    """Choose Ameli.fr and return what the browser carries there."""
    choice = site.reaches_choice()
    step = site.browser.post(f"{choice}/choice", data={"idp": "ameli"}).location
    address = site.browser.get(step).location
    assert address.startswith(f"{AMELI}/authorization?")
    return dict(parse_qsl(urlsplit(address).query))


def comes_back(site, ameli, **changes: str | None):
    """Log in at ameli and return to FranceConnect."""
    carried = departs(site)
    ameli.nonce = carried["nonce"]
    answer = {"code": "a-code", "state": carried["state"], "iss": AMELI} | changes
    sent = {name: value for name, value in answer.items() if value is not None}
    return site.browser.get("/api/v2/oidc-callback", query_string=sent)


def test_the_authorization_request_is_what_franceconnect_sends(site):
    carried = departs(site)

    assert re.fullmatch(r"[0-9a-f]{64}", carried.pop("state"))
    assert re.fullmatch(r"[0-9a-f]{64}", carried.pop("nonce"))
    assert carried == {
        "client_id": "franceconnect",
        "scope": "openid profile email birth",
        "response_type": "code",
        "redirect_uri": BACK,
        "acr_values": "eidas1",
        "prompt": "login",
    }


def test_the_calls_behind_are_what_franceconnect_sends(site, ameli):
    comes_back(site, ameli)

    discovery, token, _, userinfo, _ = ameli.sent
    assert discovery.headers["Accept"] == "application/json"
    assert "Authorization" not in token.headers
    assert dict(parse_qsl(token.body)) == {
        "grant_type": "authorization_code",
        "code": "a-code",
        "redirect_uri": BACK,
        "client_id": "franceconnect",
        "client_secret": SECRET,
    }
    assert userinfo.headers["Authorization"] == "Bearer an-access-token"
    assert userinfo.headers["Accept"] == "application/jwt"


def test_discovery_and_keys_are_read_anew_at_each_login(site, ameli):
    comes_back(site, ameli)
    ameli.key = ECKey.generate_key("P-256", {"kid": "two"})
    site.clock.advance(1800)

    answer = comes_back(site, ameli)

    assert answer.location.endswith("/information")


def test_the_site_receives_the_rectified_identity_of_ameli(site, ameli):
    information = comes_back(site, ameli).location

    page = site.browser.get(information).text
    code = dict(parse_qsl(urlsplit(site.browser.post(information).location).query))["code"]
    claims = site.verifies(site.userinfo(site.redeems(code).json["access_token"]).text).claims
    assert "Bienvenue M. MIAH" in page
    assert claims["birthdate"] == "1960-01-01"
    assert claims["birthcountry"] == "99212"


@pytest.mark.parametrize("error", ["access_denied", "server_error", "login_required"])
def test_an_error_of_ameli_shows_the_choice_again(site, ameli, error):
    answer = comes_back(site, ameli, code=None, error=error)

    page = site.browser.get(answer.location).text
    assert (
        "La connexion à Ameli.fr n'a pas été possible."
        " Veuillez réessayer ou choisir un autre moyen de connexion." in page
    )
    assert "Choisissez un compte" in page


@pytest.mark.parametrize(
    ("changes", "code", "status"),
    [
        ({"state": None}, "Y020021", 400),
        ({"state": "another"}, "Y020022", 403),
        ({"code": None}, "Y020025", 400),
        ({"iss": "https://elsewhere.test"}, "Y020026", 502),
        ({"iss": None}, "Y020026", 502),
    ],
)
def test_a_wrong_callback_ends_on_the_error_page(site, ameli, changes, code, status):
    answer = comes_back(site, ameli, **changes)

    assert answer.status_code == status
    assert code in answer.text


def test_an_issuer_that_does_not_announce_iss_may_leave_it_out(site, ameli):
    ameli.flaws["metadata"] = {"authorization_response_iss_parameter_supported": False}

    answer = comes_back(site, ameli, iss=None)

    assert answer.location.endswith("/information")


def test_a_callback_works_once(site, ameli):
    carried = departs(site)
    ameli.nonce = carried["nonce"]
    callback = {"code": "a-code", "state": carried["state"], "iss": AMELI}
    site.browser.get("/api/v2/oidc-callback", query_string=callback)

    answer = site.browser.get("/api/v2/oidc-callback", query_string=callback)

    assert "Y020022" in answer.text


def test_a_callback_belongs_to_the_browser_that_left(site):
    carried = departs(site)
    stranger = site.browser.application.test_client()

    answer = stranger.get(
        "/api/v2/oidc-callback", query_string={"code": "a", "state": carried["state"]}
    )

    assert "Y020022" in answer.text


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"iss": "https://elsewhere.test"}, "Y020026"),
        ({"aud": "another"}, "Y020026"),
        ({"aud": ["franceconnect", "another"]}, "Y020026"),
        ({"nonce": "another"}, "Y020026"),
        ({"nonce": None}, "Y020026"),
        ({"exp": 1}, "Y020026"),
        ({"exp": None}, "Y020026"),
        ({"iat": None}, "Y020026"),
        ({"sub": None}, "Y020026"),
        ({"acr": None}, "Y020030"),
        ({"acr": "eidas0"}, "Y100001"),
        ({"acr": "eidas2"}, "Y100018"),
    ],
)
def test_an_id_token_with_one_wrong_claim_is_refused(site, ameli, changes, code):
    ameli.id_token_changes = changes

    answer = comes_back(site, ameli)

    assert code in answer.text
    assert "Revenir sur Le site" in answer.text


def test_a_signature_by_an_unpublished_key_is_refused(site, ameli):
    ameli.flaws["key"] = ECKey.generate_key("P-256", {"kid": "one"})

    answer = comes_back(site, ameli)

    assert answer.status_code == 502
    assert "Y020026" in answer.text


@pytest.mark.parametrize(
    ("flaws", "code"),
    [
        ({"status": {"/token": 400}}, "Y020026"),
        ({"down": ["/token"]}, "Y020026"),
        ({"down": ["/jwks"]}, "Y020026"),
        ({"status": {"/userinfo": 401}}, "Y020027"),
        ({"userinfo_type": "application/json"}, "Y020027"),
    ],
)
def test_a_failing_endpoint_ends_on_the_error_page(site, ameli, flaws, code):
    ameli.flaws = flaws

    answer = comes_back(site, ameli)

    assert answer.status_code == 502
    assert code in answer.text


def test_ameli_that_cannot_be_reached_leaves_the_other_accounts(site, ameli):
    ameli.flaws["down"] = ["/.well-known/openid-configuration"]
    choice = site.reaches_choice()

    answer = site.browser.get(f"{choice}/remote/ameli")

    assert answer.status_code == 502
    assert "Choisir un autre compte" in answer.text


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"sub": None}, "Y020029"),
        ({"sub": "é"}, "Y020029"),
        ({"iss": "https://elsewhere.test"}, "Y020027"),
        ({"aud": "another"}, "Y020027"),
        ({"given_name": ""}, "Y600006"),
        ({"family_name": None}, "Y600006"),
        ({"birthdate": "1960"}, "Y600006"),
        ({"gender": "M"}, "Y600006"),
        ({"birthcountry": None}, "Y600006"),
        ({"birthcountry": "99100", "birthplace": ""}, "Y600006"),
        ({"email": None}, "Y600006"),
    ],
)
def test_userinfo_with_one_wrong_claim_is_refused(site, ameli, changes, code):
    ameli.userinfo_changes = changes

    answer = comes_back(site, ameli)

    assert code in answer.text


@pytest.mark.parametrize(
    "changes",
    [
        {"sub": "somebody-else"},
        {"birthplace": None},
        {"preferred_username": ""},
        {"phone_number": "+33600000000", "name": "Ali Miah"},
        {"iss": None, "aud": None},
    ],
)
def test_what_franceconnect_tolerates_passes(site, ameli, changes):
    ameli.userinfo_changes = changes

    answer = comes_back(site, ameli)

    assert answer.location.endswith("/information")


def test_logout_goes_through_ameli_and_back_to_the_site(site, ameli):
    information = comes_back(site, ameli).location
    code = dict(parse_qsl(urlsplit(site.browser.post(information).location).query))["code"]
    query = {
        "id_token_hint": site.redeems(code).json["id_token"],
        "state": "abc",
        "post_logout_redirect_uri": "https://site.test/logged-out",
    }

    there = _hop(site.browser.get("/api/v2/session/end", query_string=query))

    carried = dict(parse_qsl(urlsplit(there).query))
    assert there.startswith(f"{AMELI}/end_session?")
    assert carried.keys() == {"state", "post_logout_redirect_uri", "client_id", "id_token_hint"}
    assert carried["client_id"] == "franceconnect"
    back = f"{carried['post_logout_redirect_uri']}?state={carried['state']}"
    confirmation = _hop(site.browser.get(back))
    assert _hop(site.browser.get(confirmation)) == "https://site.test/logged-out?state=abc"


def test_an_account_without_end_session_is_skipped_at_logout(site, ameli):
    ameli.flaws["metadata"] = {"end_session_endpoint": None}
    information = comes_back(site, ameli).location
    code = dict(parse_qsl(urlsplit(site.browser.post(information).location).query))["code"]
    id_token = site.redeems(code).json["id_token"]

    answer = site.browser.get("/api/v2/session/end", query_string={"id_token_hint": id_token})

    assert "/session/end/confirm" in _hop(answer)


def test_a_session_at_ameli_does_not_serve_a_site_that_hides_it(site, ameli):
    comes_back(site, ameli)
    site.client_id = "sibling"

    page = site.browser.get(site.reaches_choice()).text

    assert "Choisissez un compte" in page


def _hop(answer) -> str:
    return html.unescape(re.search(r'content="0; url=([^"]+)"', answer.text)[1])

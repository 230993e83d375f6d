"""Every way in which FranceConnect says no, provoked for real: a French page and a next step."""

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests

from tests.conftest import FrozenClock
from tests.franceconnect.conftest import Worlds
from tests.franceconnect.test_callback import answer_of, reasons, title
from tests.franceconnect.world import Environ, Upstream, World, text_answer

CLIENT_REFUSED = "franceconnect.client_refused"
LOST = "franceconnect.round_trip_lost"


def changed(departure: str, **changes: str) -> str:
    """Return the request with other parameters than ours."""
    parts = urlsplit(departure)
    sent = {name: values[0] for name, values in parse_qs(parts.query).items()}
    return parts._replace(query=urlencode(sent | changes)).geturl()


def sent_back(request: str) -> str:
    """Open FranceConnect; return where it sends the person at once."""
    answer = requests.get(request, allow_redirects=False, timeout=5)
    assert answer.is_redirect, answer.text
    return answer.headers["Location"]


def assert_explained(world: World, back: str, page: str, reason: str) -> None:
    """Come back: the page of that refusal, where to go on, its reason in the trail, no calls."""
    response = world.come_back(back)

    assert response.status_code >= 400
    assert title(page) in response.text
    assert 'href="/debut"' in response.text
    assert "Réessayer ou choisir un autre moyen" in response.text
    assert reasons(world) == [reason]
    assert world.upstream.calls == []
    assert world.identities == 0


# The callback: errors that FranceConnect redirects with.


def test_the_person_clicks_revenir_sur(world: World) -> None:
    with requests.Session() as browser:
        choice = browser.get(world.depart(), timeout=5)
        back = browser.get(f"{choice.url}/abort", allow_redirects=False, timeout=5)

    assert "error=access_denied" in back.headers["Location"]
    assert_explained(
        world, back.headers["Location"], "franceconnect.access_denied", "access_denied"
    )


def test_an_acr_above_the_platform(
    a_world: Worlds, upstream: Upstream, clock: FrozenClock
) -> None:
    upstream.renew(lambda: clock().timestamp(), levels=["eidas1"])
    with a_world(BROKER_FRANCECONNECT_ACR="eidas2") as world:
        back = sent_back(world.depart())

        assert_explained(world, back, "franceconnect.invalid_acr", "invalid_acr")


def test_a_scope_without_openid(world: World) -> None:
    back = sent_back(changed(world.depart(), scope="profile"))

    assert_explained(world, back, "franceconnect.invalid_request", "invalid_request")


def test_a_scope_not_granted_to_us(world: World, upstream: Upstream, clock: FrozenClock) -> None:
    departure = world.depart()
    upstream.renew(lambda: clock().timestamp(), scopes=["openid", "profile"])

    back = sent_back(departure)

    assert "scope=" in back
    assert_explained(world, back, "franceconnect.invalid_scope", "invalid_scope")


def test_another_response_type_is_answered_in_the_fragment_which_no_server_sees(
    world: World,
) -> None:
    back = sent_back(changed(world.depart(), response_type="token"))

    assert "error=unsupported_response_type" in urlsplit(back).fragment
    response = world.client.get(urlsplit(back).path)
    assert response.status_code == 400
    assert title(LOST) in response.text
    assert 'href="/"' in response.text


def test_bad_claims(world: World) -> None:
    back = sent_back(changed(world.depart(), claims="{"))

    assert_explained(world, back, "franceconnect.invalid_request", "invalid_request")


def test_an_idp_hint_that_is_not_ours_loses_the_state(world: World) -> None:
    back = sent_back(changed(world.depart(), idp_hint="unknown"))

    response = world.come_back(back)

    assert "state=undefined" in back
    assert title(LOST) in response.text
    assert reasons(world) == ["state_unknown"]


@pytest.mark.parametrize(
    ("error", "page"),
    [
        ("server_error", "franceconnect.server_error"),
        ("temporarily_unavailable", "franceconnect.temporarily_unavailable"),
        ("login_required", "franceconnect.login_required"),
        ("interaction_required", "franceconnect.login_required"),
    ],
)
def test_an_error_of_openid_connect(world: World, error: str, page: str) -> None:
    back = answer_of(world, world.depart(), error=error)

    assert_explained(world, back, page, error)


# FranceConnect's own pages, of which we never hear.


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"code_challenge": "x" * 43}, "Y030007"),
        ({"client_id": "unknown"}, "Y04EA6EF"),
        ({"redirect_uri": "https://elsewhere.example/"}, "Y04C013C"),
    ],
    ids=["a-parameter-more", "an-unknown-client", "another-redirect-uri"],
)
def test_a_request_that_ends_there_leaves_the_round_trip_as_it_was(
    world: World, change: dict[str, str], code: str
) -> None:
    departure = world.depart()

    page = requests.get(changed(departure, **change), allow_redirects=False, timeout=5)

    assert page.status_code == 400
    assert code in page.text
    assert not world.events("fc.callback")
    assert world.come_back(world.identify(departure)).status_code == 303


@pytest.mark.parametrize("code", ["Y010004", "Y010006", "Y010008", "Y010015", "Y180001"])
def test_an_identity_that_is_rejected_comes_back_by_revenir_sur_alone(
    world: World, code: str
) -> None:
    with requests.Session() as browser:
        choice = browser.get(world.depart(), timeout=5)
        rejected = browser.post(
            f"{choice.url}/account/impots", data={"login": code, "password": "123"}, timeout=5
        )
        assert code in rejected.text
        back = browser.get(f"{choice.url}/abort", allow_redirects=False, timeout=5)

    assert_explained(
        world, back.headers["Location"], "franceconnect.access_denied", "access_denied"
    )


# The token endpoint.


def assert_client_refused(world: World, back: str, reason: str) -> None:
    response = world.come_back(back)

    assert response.status_code == 502
    assert title(CLIENT_REFUSED) in response.text
    assert 'href="/debut"' in response.text
    assert reasons(world) == [reason]
    assert "/userinfo" not in world.upstream.calls
    assert world.identities == 0


def test_a_bad_secret(a_world: Worlds) -> None:
    with a_world(BROKER_FRANCECONNECT_CLIENT_SECRET="another-secret-of-ours-0123456789") as world:
        back = world.identify(world.depart())

        assert_client_refused(world, back, "token.invalid_client")


def test_an_unknown_code(world: World) -> None:
    back = answer_of(world, world.depart(), code="unknown")

    assert_client_refused(world, back, "token.invalid_grant")


def test_a_code_that_somebody_used_before(a_world: Worlds) -> None:
    """The thief's access token dies with the replay, as FranceConnect does it."""
    with a_world() as world:
        back = world.identify(world.depart())
        form = {
            "grant_type": "authorization_code",
            "code": parse_qs(urlsplit(back).query)["code"][0],
            "redirect_uri": "http://localhost:8000/franceconnect/callback",
            "client_id": "ameli-fs",
            "client_secret": "a-secret-of-at-least-thirty-two-characters",
        }
        stolen = requests.post(f"{world.upstream.issuer}/token", data=form, timeout=5).json()

        assert_client_refused(world, back, "token.invalid_grant")

        headers = {"Authorization": f"Bearer {stolen['access_token']}"}
        userinfo = requests.get(f"{world.upstream.issuer}/userinfo", headers=headers, timeout=5)
        assert userinfo.status_code == 401


def test_a_grant_that_is_not_supported(world: World) -> None:
    """We ask for no other than a code; FranceConnect could refuse even that."""
    back = world.identify(world.depart())
    asked: list[str] = []
    refusal = b'{"error":"unsupported_grant_type"}'
    answer = text_answer(refusal, "application/json", "400 Bad Request")

    def refuse(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        asked.append(parse_qs(body.decode())["grant_type"][0])
        return answer(environ, start_response)

    world.upstream.answers["/token"] = refuse

    assert_client_refused(world, back, "token.unsupported_grant_type")
    assert asked == ["authorization_code"]


# The logout.


@pytest.mark.parametrize(
    "changes",
    [{"id_token_hint": ""}, {"logout_hint": "x"}],
    ids=["without-hint", "a-parameter-more"],
)
def test_a_logout_that_ends_on_franceconnects_page_is_none_of_our_logout(
    world: World, changes: dict[str, str]
) -> None:
    world.round_trip()
    address = world.franceconnect.logout_url(browser=world.browser, return_to="/deconnecte")
    assert address is not None

    page = requests.get(changed(address, **changes), allow_redirects=False, timeout=5)

    assert page.status_code == 400
    assert world.client.get("/deconnecte").status_code == 200
    assert requests.get(address, timeout=5).status_code == 200

"""Logging out of FranceConnect: best effort, once, and never in the way of our own logout."""

from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from tests.conftest import FrozenClock
from tests.franceconnect.world import BROKER, World, failing_answer


def leave(world: World) -> str | None:
    return world.franceconnect.logout_url(browser=world.browser, return_to="/au-revoir")


def test_sends_the_hint_a_state_and_the_registered_address(world: World) -> None:
    world.round_trip()

    address = leave(world)

    assert address is not None
    parts, sent = urlsplit(address), parse_qs(urlsplit(address).query)
    assert parts.path == "/api/v2/session/end"
    assert sent.keys() == {"id_token_hint", "state", "post_logout_redirect_uri"}


def test_franceconnect_accepts_it_and_sends_the_person_back(
    world: World, clock: FrozenClock
) -> None:
    """The hint is older than its minute, as always."""
    world.round_trip()
    clock.advance(minutes=25)
    address = leave(world)
    assert address is not None

    page = requests.get(address, timeout=5)

    assert page.status_code == 200
    assert "/session/end/confirm" in page.text


def test_comes_back_to_our_page_once(world: World) -> None:
    world.round_trip()
    address = leave(world)
    assert address is not None
    state = parse_qs(urlsplit(address).query)["state"][0]

    first, second = (
        world.client.get(f"/franceconnect/logout-callback?state={state}") for _ in range(2)
    )

    assert (first.status_code, first.location) == (303, "/au-revoir")
    assert (second.status_code, second.location) == (303, "/")


@pytest.mark.parametrize("query", ["", "?state=", "?state=forged"])
def test_a_lost_or_foreign_state_leads_home(world: World, query: str) -> None:
    answer = world.client.get(f"/franceconnect/logout-callback{query}")

    assert (answer.status_code, answer.location) == (303, "/")


def test_nothing_to_do_without_a_session_there(world: World) -> None:
    assert leave(world) is None
    world.round_trip()
    assert leave(world)
    assert leave(world) is None


def test_calls_nobody_so_that_a_franceconnect_that_is_down_blocks_nothing(world: World) -> None:
    world.round_trip()
    world.upstream.calls.clear()
    world.upstream.answers["/.well-known/openid-configuration"] = failing_answer

    assert leave(world)
    assert world.upstream.calls == []


def test_is_recorded(world: World) -> None:
    world.round_trip()
    leave(world)

    (event,) = world.events("fc.logout")

    assert event["upstream"] == {"iss": world.upstream.issuer}


def test_without_a_session_there_the_form_says_that_it_is_over(world: World) -> None:
    answer = world.client.post(
        "/franceconnect/logout", data=world.form_token(), base_url="http://localhost:8000"
    )

    assert (answer.status_code, answer.location) == (303, "/deconnecte")


def test_our_logout_is_done_before_that_of_franceconnect_is_offered(world: World) -> None:
    """FranceConnect may be down: whoever leaves us has left, and is told what is left to do."""
    offer = "Me déconnecter aussi de FranceConnect"
    before = world.client.get("/deconnecte").text
    world.round_trip()
    world.upstream.calls.clear()
    world.upstream.answers["/.well-known/openid-configuration"] = failing_answer

    left = world.client.post("/deconnexion", data=world.form_token(), base_url=BROKER)
    page = world.client.get(left.location).text

    assert offer not in before
    assert "Vous êtes déconnecté" in page
    assert offer in page
    assert world.upstream.calls == []
    world.client.post("/franceconnect/logout", data=world.form_token(), base_url=BROKER)
    assert offer not in world.client.get("/deconnecte").text


@pytest.mark.parametrize("path", ["https://elsewhere.example", "//elsewhere.example", "/\\evil"])
def test_never_comes_back_to_another_site(world: World, path: str) -> None:
    with pytest.raises(ValueError, match="local path"):
        world.franceconnect.logout_url(browser=world.browser, return_to=path)

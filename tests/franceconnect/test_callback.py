"""What comes back to the callback: FranceConnect's errors, forged and repeated answers."""

import threading
import tomllib
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from sqlalchemy import text

from broker.base.db import Database
from broker.franceconnect.line import Line
from broker.franceconnect.model import Purpose, TemporarilyUnavailable
from tests.conftest import FrozenClock
from tests.franceconnect.conftest import Worlds
from tests.franceconnect.world import ROOT, World, failing_answer, transaction_of

MESSAGES = tomllib.loads((ROOT / "templates/messages/franceconnect.toml").read_text())
LOST = "franceconnect.round_trip_lost"


def title(page: str) -> str:
    return str(MESSAGES["refusal"][page]["title"]).replace("'", "&#39;")


def answer_of(world: World, departure: str, **parameters: str) -> str:
    state = parse_qs(urlsplit(departure).query)["state"][0]
    sent = {"state": state, "iss": world.upstream.issuer} | parameters
    query = "&".join(f"{name}={requests.utils.quote(value)}" for name, value in sent.items())
    return f"http://localhost:8000/franceconnect/callback?{query}"


def reasons(world: World) -> list[str]:
    return [event["reason_code"] for event in world.events("fc.callback.refused")]


@pytest.mark.parametrize(
    ("error", "page", "status"),
    [
        ("access_denied", "franceconnect.access_denied", 400),
        ("server_error", "franceconnect.server_error", 502),
        ("temporarily_unavailable", "franceconnect.temporarily_unavailable", 503),
        ("invalid_scope", "franceconnect.invalid_scope", 502),
        ("invalid_request", "franceconnect.invalid_request", 502),
        ("invalid_acr", "franceconnect.invalid_acr", 502),
        ("invalid_idp_hint", "franceconnect.invalid_idp_hint", 502),
        ("unsupported_response_type", "franceconnect.unsupported_response_type", 502),
        ("login_required", "franceconnect.login_required", 400),
    ],
)
def test_explains_each_error_with_its_next_step(
    world: World, error: str, page: str, status: int
) -> None:
    address = answer_of(world, world.depart(), error=error, error_description="<b>theirs</b>")

    response = world.come_back(address)

    assert response.status_code == status
    assert title(page) in response.text
    assert 'href="/debut"' in response.text
    assert "theirs" not in response.text
    assert reasons(world) == [error]
    assert world.upstream.calls == []


def test_never_records_an_error_that_it_does_not_know(world: World) -> None:
    address = answer_of(world, world.depart(), error="a secret <text>")

    response = world.come_back(address)

    assert title("franceconnect.unknown_error") in response.text
    assert reasons(world) == ["unknown_error"]


def test_a_person_who_gives_up_comes_back_to_where_they_started(world: World) -> None:
    with requests.Session() as browser:
        choice = browser.get(world.depart(), timeout=5)
        back = browser.get(f"{choice.url}/abort", allow_redirects=False, timeout=5)

    response = world.come_back(back.headers["Location"])

    assert title("franceconnect.access_denied") in response.text
    assert 'href="/debut"' in response.text


def test_a_repeated_callback_finds_nothing_any_more(world: World) -> None:
    address = world.identify(world.depart())
    transaction_of(world.come_back(address))

    response = world.come_back(address)

    assert response.status_code == 400
    assert title(LOST) in response.text
    assert reasons(world) == ["state_used"]
    assert world.upstream.calls == []


def test_twenty_callbacks_at_once_identify_once(world: World) -> None:
    address = world.identify(world.depart())
    parts = urlsplit(address)
    statuses = []

    def follow() -> None:
        client = world.app.test_client()
        client.set_cookie("ameli_navigateur", "browser-of-the-person")
        statuses.append(client.get(f"{parts.path}?{parts.query}").status_code)

    threads = [threading.Thread(target=follow) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(statuses) == [303] + [400] * 19
    assert world.identities == 1


def test_another_browser_gains_nothing_and_spoils_nothing(world: World) -> None:
    """Login CSRF: the attacker's answer in the victim's browser, and the other way round."""
    address = world.identify(world.depart())
    stranger = world.app.test_client()
    stranger.set_cookie("ameli_navigateur", "another-browser")

    assert world.come_back(address, client=stranger).status_code == 400
    assert world.come_back(address, client=world.app.test_client()).status_code == 400
    assert reasons(world) == ["state_of_another_browser"] * 2
    assert world.come_back(address).status_code == 303


def test_a_round_trip_lasts_thirty_minutes(world: World, clock: FrozenClock) -> None:
    early, late = world.depart(), world.depart()

    clock.advance(minutes=30, seconds=-1)
    assert world.come_back(answer_of(world, early, error="access_denied")).status_code == 400
    clock.advance(seconds=1)
    world.come_back(answer_of(world, late, error="access_denied"))

    assert reasons(world) == ["access_denied", "state_expired"]


def test_a_wrong_issuer_does_not_use_the_round_trip_up(world: World) -> None:
    """The mix-up attack (RFC 9207) costs the person nothing."""
    address = world.identify(world.depart())

    response = world.come_back(address.split("&iss=")[0] + "&iss=https://elsewhere.example")

    assert response.status_code == 400
    assert reasons(world) == ["iss"]
    assert world.come_back(address).status_code == 303


@pytest.mark.parametrize("name", ["state", "code", "iss"])
def test_refuses_a_parameter_given_twice(world: World, name: str) -> None:
    address = world.identify(world.depart())

    response = world.come_back(f"{address}&{name}=again")

    assert response.status_code == 400
    assert reasons(world) == ["parameters"]


@pytest.mark.parametrize("code", ["", "two words", "é", "x" * 2_049])
def test_refuses_a_code_that_cannot_be_one(world: World, code: str) -> None:
    response = world.come_back(answer_of(world, world.depart(), code=code))

    assert response.status_code == 400
    assert "/token" not in world.upstream.calls


def test_explains_a_callback_without_anything(world: World) -> None:
    response = world.client.get("/franceconnect/callback")

    assert response.status_code == 400
    assert title(LOST) in response.text
    assert response.headers["Referrer-Policy"] == "no-referrer"


def test_the_answer_of_one_round_trip_does_not_serve_another(world: World) -> None:
    """The nonce binds the ID token to its own departure."""
    first, second = world.depart(), world.depart()
    stolen = parse_qs(urlsplit(world.identify(first)).query)["code"][0]

    response = world.come_back(answer_of(world, second, code=stolen))

    assert response.status_code == 502
    assert reasons(world) == ["id_token.nonce"]


def test_refuses_kindly_where_franceconnect_is_not_configured(a_world: Worlds) -> None:
    names = ("ISSUER", "CLIENT_ID", "CLIENT_SECRET")
    with a_world(**{f"BROKER_FRANCECONNECT_{name}": "" for name in names}) as world:
        assert world.franceconnect.offer(Purpose.CREATION, None) == "hidden"
        response = world.client.get("/franceconnect/callback?code=1&state=2")

        assert response.status_code == 404
        assert title("franceconnect.not_configured") in response.text


def test_keeps_state_nonce_and_identity_out_of_sight_in_the_database(world: World) -> None:
    departure = world.depart()
    sent = parse_qs(urlsplit(departure).query)
    world.round_trip()

    raw = b"".join(
        repr(tuple(row)).encode()
        for name in ("fc_round_trip", "fc_identity", "fc_session", "audit_event")
        for row in world.service(Database).all(text(f"SELECT * FROM {name}"))
    )

    for secret in (sent["state"][0], sent["nonce"][0], "DUBOIS", "1962-08-24"):
        assert secret.encode() not in raw


def test_stops_asking_a_franceconnect_that_fails_again_and_again(world: World) -> None:
    answers = world.upstream.answers
    addresses = [world.identify(world.depart()) for _ in range(6)]
    for path in ("/token", "/jwks", "/.well-known/openid-configuration"):
        answers[path] = failing_answer
    for address in addresses[:5]:
        assert world.come_back(address).status_code == 503

    assert world.come_back(addresses[5]).status_code == 503

    assert world.upstream.calls == []
    assert sorted(reasons(world)) == ["breaker", *["http_503"] * 5]


def test_refuses_to_depart_while_franceconnect_is_known_to_fail(world: World) -> None:
    line: Line = world.franceconnect.client.line
    world.depart()
    for _ in range(5):
        line.breaker.failed()

    with pytest.raises(TemporarilyUnavailable, match="breaker"):
        world.depart()

    starts = [(event["outcome"], event.get("reason_code")) for event in world.events("fc.start")]
    assert sorted(starts) == [("attempt", None), ("failure", "breaker")]

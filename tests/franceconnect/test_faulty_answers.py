"""Each fault is refused: nothing is kept, nothing more is asked, and why is in the trail."""

import re
import tomllib

import pytest
from markupsafe import escape
from werkzeug.test import TestResponse

from demo.franceconnect.misbehaviour.catalogue import MISBEHAVIOURS
from tests.franceconnect.conftest import Worlds
from tests.franceconnect.expected import EXPECTED, STATUS, UNTRUSTED, Expected, of
from tests.franceconnect.world import ROOT, World, redirecting, text_answer

MESSAGES = tomllib.loads((ROOT / "templates/messages/franceconnect.toml").read_text())
REFERENCE = re.compile(r">[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{2}<")
PER_LOGIN = [name for kind in ("callback", "token", "id_token", "userinfo") for name in of(kind)]
UNKNOWN_KEYS = [name for name, expected in EXPECTED.items() if expected.reason == "key_unknown"]
LAWFUL = [name for name in MISBEHAVIOURS if name.startswith("lawful.")]


def assert_explained(
    response: TestResponse, page: str, retry_to: str, status: int | None = None
) -> None:
    """The page says what happened and what to do, and nothing of what FranceConnect said."""
    words = MESSAGES["refusal"][f"franceconnect.{page}"]
    assert response.status_code == (status or STATUS[page])
    for word in ("title", "sentence", "next"):
        assert escape(words[word]) in response.text
    assert f'href="{retry_to}"' in response.text
    assert REFERENCE.search(response.text)
    assert not re.search(r"made to fail|une erreur invent|an error of theirs", response.text)
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert "Set-Cookie" not in response.headers


def assert_refused(world: World, response: TestResponse, expected: Expected) -> None:
    retry_to = "/debut" if expected.journey_is_known else "/"
    assert_explained(response, expected.page, retry_to, expected.status)
    assert tuple(world.upstream.calls) == expected.calls
    event = world.events("fc.callback.refused")[-1]
    assert (event["reason_code"], event["outcome"]) == (expected.reason, "failure")
    assert ("interaction_id" in event) == expected.journey_is_known


def test_each_fault_of_the_simulator_has_an_expectation() -> None:
    assert sorted([*EXPECTED, *LAWFUL]) == sorted(MISBEHAVIOURS)


@pytest.mark.parametrize("fault", [fault for fault in PER_LOGIN if fault not in UNKNOWN_KEYS])
def test_refuses(warm_world: World, fault: str) -> None:
    before = warm_world.kept

    response = warm_world.round_trip(fault)

    assert_refused(warm_world, response, EXPECTED[fault].with_known_keys())
    assert warm_world.kept == before
    assert warm_world.round_trip().status_code == 303


@pytest.mark.parametrize("fault", [fault for fault in PER_LOGIN if fault in UNKNOWN_KEYS])
def test_refuses_a_key_that_it_does_not_find(world: World, fault: str) -> None:
    before = world.kept

    response = world.round_trip(fault)

    assert_refused(world, response, EXPECTED[fault])
    assert world.kept == before
    assert world.round_trip().status_code == 303


@pytest.mark.parametrize("fault", of("jwks"))
def test_refuses_keys_read_before_the_code_is_spent(world: World, fault: str) -> None:
    before = world.kept
    address = world.identify(world.depart())
    world.order(fault, fetches=2)

    response = world.come_back(address)

    assert_refused(world, response, EXPECTED[fault])
    assert world.kept == before


@pytest.mark.parametrize("fault", [fault for fault in of("jwks") if fault not in UNKNOWN_KEYS])
def test_refuses_keys_read_for_a_new_signature(warm_world: World, fault: str) -> None:
    """The service has good keys; the login is signed by one that it has to look for."""
    before = warm_world.kept

    response = warm_world.round_trip(fault)

    fault_of = EXPECTED[fault]
    looked_for = Expected(fault_of.page, fault_of.reason, ("/token", "/jwks"))
    assert_refused(warm_world, response, looked_for)
    assert warm_world.kept == before
    # The next login asks for the keys again: nobody is refused for an earlier fault.
    assert warm_world.round_trip().status_code == 303
    assert warm_world.upstream.calls == ["/token", "/jwks", "/userinfo"]


@pytest.mark.parametrize("fault", [fault for fault in of("jwks") if fault in UNKNOWN_KEYS])
def test_refuses_keys_without_the_one_of_a_new_signature(world: World, fault: str) -> None:
    world.round_trip()
    before = world.kept

    response = world.round_trip(fault)

    looked_for = Expected(UNTRUSTED, "key_unknown", ("/token", "/jwks"))
    assert_refused(world, response, looked_for)
    assert world.kept == before


@pytest.mark.parametrize("fault", of("discovery"))
def test_refuses_to_leave_for_an_address_that_it_does_not_believe(
    world: World, fault: str
) -> None:
    world.order(fault)
    form = world.form_token()

    response = world.client.post(
        "/creation-compte/franceconnect", data=form, base_url="http://localhost:8000"
    )

    assert_explained(response, EXPECTED[fault].page, "/creation-compte")
    assert tuple(world.upstream.calls) == EXPECTED[fault].calls
    (event,) = world.events("fc.start")
    assert (event["reason_code"], event["outcome"]) == (EXPECTED[fault].reason, "failure")
    assert world.round_trip().status_code == 303


@pytest.mark.parametrize("name", LAWFUL)
@pytest.mark.parametrize("known", [False, True], ids=["first login", "later login"])
def test_accepts_what_is_lawful(world: World, name: str, known: bool) -> None:
    if known:
        world.round_trip()
    world.order(name)

    response = world.round_trip(name)

    assert response.status_code == 303
    assert world.identities == 1 + known
    assert world.round_trip().status_code == 303


def test_refuses_a_level_below_the_one_asked(a_world: Worlds) -> None:
    with a_world(BROKER_FRANCECONNECT_ACR="eidas2") as world:
        response = world.round_trip("id_token.acr_lower")

        low = Expected("low_acr", "id_token.acr", EXPECTED["id_token.acr_lower"].calls)
        assert_refused(world, response, low)


def test_refuses_the_answer_of_a_login_that_asked_the_keys_elsewhere(world: World) -> None:
    """Nobody ever reads the address that a token's header gives."""
    for fault in ("id_token.jku_in_header", "userinfo.x5u_in_header"):
        world.round_trip(fault)
        assert "/simulator/foreign-keys" not in world.upstream.calls


@pytest.mark.parametrize(
    ("path", "answer", "reason"),
    [
        ("/token", text_answer(b"x" * 65_537, "application/json"), "too_large"),
        ("/token", text_answer(b"{}", "application/json", "204 No"), "token.status"),
        ("/token", redirecting("/api/v2/userinfo"), "redirect"),
        ("/userinfo", redirecting("/api/v2/jwks"), "redirect"),
        ("/userinfo", text_answer(b"x" * 65_537, "application/jwt"), "too_large"),
        ("/userinfo", text_answer(b"a.b.c", "application/jwt"), "userinfo.header"),
        ("/userinfo", text_answer(b"W10.e30.AA", "application/jwt"), "userinfo.alg"),
    ],
)
def test_refuses_an_endpoint_that_answers_badly(
    world: World, path: str, answer: object, reason: str
) -> None:
    address = world.identify(world.depart())
    world.upstream.answers[path] = answer

    response = world.come_back(address)

    assert_explained(response, UNTRUSTED, "/debut")
    assert [e["reason_code"] for e in world.events("fc.callback.refused")] == [reason]
    assert world.upstream.calls[-1] == path


def test_does_not_spend_the_code_while_the_keys_cannot_be_had(world: World) -> None:
    address = world.identify(world.depart())
    world.order("jwks.status_503")

    world.come_back(address)

    assert "/token" not in world.upstream.calls


def test_keeps_the_last_good_keys_while_new_ones_cannot_be_had(world: World) -> None:
    world.round_trip()
    world.upstream.answers["/jwks"] = text_answer(b"<html>")

    assert world.round_trip().status_code == 303


def test_unknown_keys_do_not_cause_a_storm_of_fetches(world: World) -> None:
    fetched = []
    for _ in range(3):
        world.round_trip("id_token.kid_unknown")
        fetched.append(world.upstream.calls.count("/jwks"))

    assert fetched == [2, 0, 0]

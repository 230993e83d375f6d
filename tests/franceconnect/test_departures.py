"""A FranceConnect that is wholly down: nobody is sent there, and who comes back is still taken."""

from dataclasses import replace

import pytest
from werkzeug.test import TestResponse

from broker.base.turns import Turns
from broker.franceconnect.directory import Directory
from broker.franceconnect.line import Breaker, Line
from broker.franceconnect.relying_party import FranceConnect
from tests.franceconnect.expected import UNAVAILABLE
from tests.franceconnect.test_faulty_answers import assert_explained
from tests.franceconnect.world import World, failing_answer, text_answer

DISCOVERY = "/.well-known/openid-configuration"


class Ticks:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def ticks() -> Ticks:
    return Ticks()


@pytest.fixture
def dated(world: World, ticks: Ticks) -> World:
    """Return a world that tells by *ticks* how old the addresses of FranceConnect are."""
    built = world.franceconnect
    turns, registration = Turns.of(4), built.client.registration
    client = replace(
        built.client,
        directory=Directory(registration.issuer, registration.algorithm, ticks),
        line=Line(turns, Breaker(monotonic=ticks)),
        departures=Line(turns, Breaker(monotonic=ticks)),
    )
    world.app.extensions["broker"][FranceConnect] = replace(built, client=client)
    return world


def leaves(world: World) -> TestResponse:
    """Press the button of the login page; counts the calls from here on."""
    form = world.form_token()
    world.upstream.calls.clear()
    return world.client.post(
        "/connexion/franceconnect", data=form, base_url="http://localhost:8000"
    )


def test_nobody_is_sent_to_a_franceconnect_that_has_not_answered_for_a_minute(
    dated: World, ticks: Ticks
) -> None:
    assert leaves(dated).status_code == 200
    dated.upstream.answers[DISCOVERY] = failing_answer

    ticks.now += 59
    assert leaves(dated).status_code == 200
    assert dated.upstream.calls == []

    ticks.now += 1
    assert_explained(leaves(dated), UNAVAILABLE, "/connexion")
    assert dated.upstream.calls == [DISCOVERY]


def test_a_page_that_stands_in_for_franceconnect_sends_nobody_there(
    dated: World, ticks: Ticks
) -> None:
    leaves(dated)
    dated.upstream.answers[DISCOVERY] = text_answer(b"<h1>Maintenance</h1>")
    ticks.now += 60

    assert_explained(leaves(dated), "untrusted_answer", "/connexion")


def test_departures_alone_notice_that_it_is_down_and_that_it_is_back(
    dated: World, ticks: Ticks
) -> None:
    leaves(dated)
    dated.upstream.answers[DISCOVERY] = failing_answer
    ticks.now += 60
    for _ in range(5):
        assert leaves(dated).status_code == 503
        assert dated.upstream.calls == [DISCOVERY]

    assert_explained(leaves(dated), UNAVAILABLE, "/connexion")
    assert dated.upstream.calls == []

    ticks.now += 20
    assert leaves(dated).status_code == 503
    assert dated.upstream.calls == [DISCOVERY]
    assert leaves(dated).status_code == 503
    assert dated.upstream.calls == []

    del dated.upstream.answers[DISCOVERY]
    ticks.now += 20
    assert leaves(dated).status_code == 200


def test_addresses_that_nobody_leaves_for_serve_who_comes_back(dated: World, ticks: Ticks) -> None:
    address = dated.identify(dated.depart())
    dated.upstream.answers[DISCOVERY] = failing_answer
    ticks.now += 3_600
    assert leaves(dated).status_code == 503

    assert dated.come_back(address).status_code == 303


def test_a_document_that_can_be_read_makes_up_for_no_failed_login(
    dated: World, ticks: Ticks
) -> None:
    addresses = [dated.identify(dated.depart()) for _ in range(5)]
    dated.upstream.answers["/token"] = failing_answer
    for address in addresses[:4]:
        assert dated.come_back(address).status_code == 503
    ticks.now += 60
    assert leaves(dated).status_code == 200
    assert dated.upstream.calls == [DISCOVERY]

    assert dated.come_back(addresses[4]).status_code == 503

    assert leaves(dated).status_code == 503


def test_login_pages_ask_nothing_of_franceconnect(dated: World, ticks: Ticks) -> None:
    leaves(dated)
    ticks.now += 3_600
    dated.upstream.calls.clear()

    assert dated.client.get("/connexion").status_code == 200

    assert dated.upstream.calls == []

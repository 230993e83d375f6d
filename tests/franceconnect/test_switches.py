"""Switches take effect at once, on callbacks in flight too."""

import pytest

from broker.franceconnect.model import CreationDisabled, Disabled, ProviderDisabled, Purpose
from broker.franceconnect.switches import CREATION, FRANCECONNECT, NotASwitch
from tests.franceconnect.test_callback import reasons, title
from tests.franceconnect.world import World, transaction_of


def test_lists_the_fixed_switches_and_the_providers_that_are_off(world: World) -> None:
    world.switches.disable("yris", operator="root")

    listed = [(switch.name, switch.enabled) for switch in world.switches.list()]

    assert listed == [(FRANCECONNECT, True), (CREATION, True), ("yris", False)]


def test_refuses_to_depart(world: World) -> None:
    world.switches.disable(CREATION, operator="root")

    with pytest.raises(CreationDisabled):
        world.depart(Purpose.CREATION)
    world.depart(Purpose.LOGIN)
    world.switches.disable(FRANCECONNECT, operator="root")
    with pytest.raises(Disabled):
        world.depart(Purpose.LOGIN)


@pytest.mark.parametrize(
    ("switch", "page", "reason", "calls"),
    [
        (FRANCECONNECT, "franceconnect.disabled", "disabled", []),
        (CREATION, "franceconnect.creation_disabled", "creation_disabled", []),
        (
            "impots",
            "franceconnect.provider_disabled",
            "provider_disabled",
            ["/jwks", "/token", "/userinfo"],
        ),
    ],
)
def test_refuses_a_callback_in_flight(
    world: World, switch: str, page: str, reason: str, calls: list[str]
) -> None:
    address = world.identify(world.depart())
    world.switches.disable(switch, operator="root")

    response = world.come_back(address)

    assert response.status_code in {403, 503}
    assert title(page) in response.text
    assert reasons(world) == [reason]
    assert world.upstream.calls == calls
    assert world.identities == 0


def test_shows_the_words_of_the_source_when_creation_is_off(world: World) -> None:
    address = world.identify(world.depart())
    world.switches.disable(CREATION, operator="root")

    page = world.come_back(address).text

    assert "Création via France Connect impossible pour le moment" in page


def test_refuses_a_claim_when_switched_off_after_the_callback(world: World) -> None:
    transaction = transaction_of(world.round_trip())
    world.switches.disable("impots", operator="root")

    with pytest.raises(ProviderDisabled):
        world.claim(transaction)


def test_another_provider_stays_open(world: World) -> None:
    world.switches.disable("impots", operator="root")

    assert world.round_trip(idp="msa").status_code == 303


def test_a_provider_without_a_name_is_refused_while_any_is_off(world: World) -> None:
    assert world.round_trip("lawful.identity_provider_unnamed").status_code == 303
    world.switches.disable("yris", operator="root")

    world.round_trip("lawful.identity_provider_unnamed")

    assert reasons(world) == ["provider_unnamed"]


def test_works_again_when_switched_on(world: World) -> None:
    world.switches.disable(FRANCECONNECT, operator="root")
    world.switches.enable(FRANCECONNECT, operator="root")

    assert world.round_trip().status_code == 303


def test_records_who_switched_what_from_what_to_what(world: World) -> None:
    world.switches.disable("msa", operator="claire", reason="fraud")

    (event,) = world.events("admin.kill_switch")

    assert event["actor"] == {"kind": "admin", "ref": "claire"}
    assert event["before"] == {"upstream": "msa", "enabled": True}
    assert event["after"] == {"upstream": "msa", "enabled": False, "reason": "fraud"}


def test_switching_off_twice_says_that_it_was_off(world: World) -> None:
    for _ in range(2):
        world.switches.disable("msa", operator="root")

    befores = sorted(e["before"]["enabled"] for e in world.events("admin.kill_switch"))

    assert befores == [False, True]


@pytest.mark.parametrize("name", ["", "a b", "x" * 65, "../etc"])
def test_refuses_what_cannot_be_a_name(world: World, name: str) -> None:
    with pytest.raises(NotASwitch):
        world.switches.disable(name, operator="root")

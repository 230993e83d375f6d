"""A lawful round trip, and the lawful surprises that must not stop it."""

import json
import re
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from broker.base.crypto import Secret
from broker.base.errors import Throttled
from broker.franceconnect.model import IdentityExpired, Purpose, VerifiedIdentity
from broker.franceconnect.switches import CREATION, FRANCECONNECT
from tests.conftest import FrozenClock
from tests.franceconnect.conftest import Worlds
from tests.franceconnect.world import Upstream, World, transaction_of


def claimed(world: World) -> VerifiedIdentity:
    transaction = transaction_of(world.round_trip())
    return world.claim(transaction)


def test_brings_back_the_identity_that_was_proved(world: World) -> None:
    identity = claimed(world)

    assert identity.purpose is Purpose.CREATION
    assert identity.iss == world.upstream.issuer
    assert re.fullmatch(r"[0-9a-f]{64}v1", identity.sub)
    assert (identity.acr, identity.idp_id) == ("eidas1", "impots")
    assert identity.claims["family_name"] == "DUBOIS"
    assert identity.claims["given_name_array"] == ["Angela", "Claire", "Louise"]
    assert identity.claims["idp_birthdate"] == "1962-08-24"
    assert isinstance(identity.email, Secret)


def test_keeps_of_userinfo_only_what_the_journeys_need(world: World) -> None:
    identity = claimed(world)

    assert not {"sub", "aud", "exp", "email", "idp_id", "iss"} & identity.claims.keys()


def test_shows_nothing_of_the_person_in_a_repr(world: World) -> None:
    identity = claimed(world)

    shown = repr(identity)

    assert "DUBOIS" not in shown
    assert identity.sub not in shown
    assert "@" not in shown


def test_sends_the_closed_list_of_parameters_and_no_pkce(world: World) -> None:
    sent = parse_qs(urlsplit(world.depart()).query)

    assert sent.keys() == {
        "client_id", "redirect_uri", "response_type", "scope", "state", "nonce", "acr_values",
    }  # fmt: skip
    assert sent["acr_values"] == ["eidas1"]
    assert sent["redirect_uri"] == ["http://localhost:8000/franceconnect/callback"]
    for name in ("state", "nonce"):
        assert re.fullmatch(r"[0-9A-Za-z]{32,}", sent[name][0])


def test_is_accepted_by_the_page_that_refuses_any_other_parameter(world: World) -> None:
    answer = requests.get(world.depart(), timeout=5)

    assert answer.status_code == 200
    assert "L&#39;Assurance Maladie" in answer.text or "L'Assurance Maladie" in answer.text


def test_fetches_tokens_then_userinfo_and_remembers_what_is_published(world: World) -> None:
    world.round_trip()
    world.round_trip()

    assert world.upstream.calls == ["/token", "/userinfo"]


def test_records_the_departure_and_the_return(world: World) -> None:
    claimed(world)

    events = {event["type"]: event for event in world.events()}
    start, done = events["fc.start"], events["fc.callback.ok"]

    assert start["interaction_id"] == done["interaction_id"]
    assert done["upstream"]["idp"] == "impots"
    assert done["upstream"]["flow"] == "creation"
    assert done["retention"] == "federation"
    assert "v1" not in done["upstream"]["sub_ref"][-2:]


def test_a_network_that_departs_too_often_waits_and_the_trail_says_so(a_world: Worlds) -> None:
    with a_world(BROKER_LIMIT_FRANCECONNECT_COUNT="1") as world:
        world.depart()

        with pytest.raises(Throttled):
            world.depart()

        started, limited = world.events("fc.start")
    assert (started["outcome"], limited["outcome"]) == ("attempt", "failure")
    assert (limited["reason_code"], limited["upstream"]["flow"]) == ("limited", "creation")


def test_gives_the_identity_once_and_to_its_browser_alone(world: World) -> None:
    transaction = transaction_of(world.round_trip())

    with pytest.raises(IdentityExpired):
        world.claim(transaction, browser="another browser")
    world.claim(transaction)
    with pytest.raises(IdentityExpired):
        world.claim(transaction)


def test_forgets_the_identity_after_twenty_minutes(world: World, clock: FrozenClock) -> None:
    early, late = (transaction_of(world.round_trip()) for _ in range(2))

    clock.advance(minutes=20, seconds=-1)
    world.claim(early)
    clock.advance(seconds=1)

    with pytest.raises(IdentityExpired):
        world.claim(late)


def test_purges_what_is_over(world: World, clock: FrozenClock) -> None:
    world.depart()
    world.round_trip()
    clock.advance(hours=13)

    (task,) = world.franceconnect.tasks()

    assert task.run() == 4  # two round trips, an identity, a session
    assert task.run() == 0


@pytest.mark.parametrize("seconds", [-9, 9])
def test_bears_clocks_that_differ_by_less_than_ten_seconds(
    world: World, upstream: Upstream, clock: FrozenClock, seconds: int
) -> None:
    upstream.renew(lambda: clock().timestamp() + seconds)

    assert world.round_trip().status_code == 303


def test_accepts_keys_rotated_between_two_logins(
    world: World, upstream: Upstream, clock: FrozenClock
) -> None:
    world.round_trip()
    upstream.renew(lambda: clock().timestamp())

    assert world.round_trip().status_code == 303
    assert upstream.calls == ["/token", "/jwks", "/userinfo"]


def test_accepts_a_key_rotated_after_the_keys_were_read(world: World, upstream: Upstream) -> None:
    """The keys that the broker reads first are not those that sign a moment later."""
    address = world.identify(world.depart())
    lawful = upstream.answers
    seen = []

    def old_keys_once(environ, start_response):
        seen.append(environ)
        lawful.pop("/jwks")
        key = {"kty": "EC", "crv": "P-256", "kid": "old", "use": "sig", "alg": "ES256"}
        key |= {
            "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
            "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
        }
        start_response("200 OK", [("Content-Type", "application/json")])
        return [json.dumps({"keys": [key]}).encode()]

    upstream.answers["/jwks"] = old_keys_once

    assert world.come_back(address).status_code == 303
    assert len(seen) == 1


def test_verifies_rs256_where_that_is_what_was_registered(
    a_world: Worlds, upstream: Upstream, clock: FrozenClock
) -> None:
    upstream.renew(lambda: clock().timestamp(), algorithm="RS256")
    with a_world(BROKER_FRANCECONNECT_ALGORITHM="RS256") as world:
        assert world.round_trip().status_code == 303


def test_asks_the_level_of_the_settings(a_world: Worlds) -> None:
    with a_world(BROKER_FRANCECONNECT_ACR="eidas2") as world:
        assert claimed(world).acr == "eidas2"


def test_bears_several_round_trips_in_one_browser(world: World) -> None:
    first, second = world.depart(), world.depart(Purpose.LOGIN)

    assert world.come_back(world.identify(second)).status_code == 303
    assert world.come_back(world.identify(first)).status_code == 303


def test_offers_the_button_as_the_switches_say(world: World) -> None:
    def offered() -> tuple[str, str]:
        offer = world.franceconnect.offer
        return offer(Purpose.CREATION, world.browser), offer(Purpose.LOGIN, world.browser)

    assert offered() == ("on", "on")
    world.switches.disable(CREATION, operator="root")
    assert offered() == ("off", "on")
    world.switches.disable(FRANCECONNECT, operator="root")
    assert offered() == ("off", "hidden")


def test_goes_on_by_a_page_because_a_form_may_not_redirect(world: World) -> None:
    world.round_trip()
    form = world.form_token()

    answer = world.client.post(
        "/franceconnect/logout", data=form, base_url="http://localhost:8000"
    )

    assert answer.status_code == 200
    assert 'http-equiv="refresh"' in answer.text
    assert "/session/end?id_token_hint=" in answer.text


def test_works_on_each_database(database_url: str, a_world: Worlds) -> None:
    with a_world(database_url) as world:
        claimed(world)
        world.switches.disable("msa", operator="root")
        world.switches.enable("msa", operator="root")
        (task,) = world.franceconnect.tasks()
        task.run()

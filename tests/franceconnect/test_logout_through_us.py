"""Who came through FranceConnect and logs out of ameli leaves FranceConnect too, afterwards."""

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest

from broker.franceconnect.model import Purpose
from broker.sessions.sessions import Sessions
from tests.franceconnect.conftest import Worlds
from tests.franceconnect.world import World
from tests.support.partner import Holder, Partner, parse, register, sample_account

GOODBYE = "https://partenaire.test/au-revoir"
_NEXT = re.compile(r'http-equiv="refresh" content="0; url=([^"]+)"')


@pytest.fixture
def holder(world: World) -> Holder:
    """An account holder in the browser that has a session at FranceConnect."""
    return returned_from_franceconnect(world)


def returned_from_franceconnect(world: World) -> Holder:
    world.come_back(world.identify(world.depart(Purpose.LOGIN)))
    found = Holder(world.app, sample_account(world.app))
    found.client = world.client
    return found


def state_of(address: str) -> str:
    return parse_qs(urlsplit(address).query)["state"][0]


def is_logged_out(holder: Holder) -> bool:
    return holder.client.get("/mon-compte").location == "/connexion"


def test_a_logout_here_goes_on_to_franceconnect_and_comes_back(world, holder) -> None:
    holder.logs_in(amr=("fc",))

    page = holder.client.post("/deconnexion", data=world.form_token())
    logged_out = is_logged_out(holder)
    address = unescape(_NEXT.findall(page.text)[0])
    back = holder.client.get(f"/franceconnect/logout-callback?state={state_of(address)}")

    assert address.startswith(f"{world.upstream.issuer}/session/end?")
    assert logged_out  # before FranceConnect is asked anything
    assert back.location == "/deconnecte"


def test_a_partners_logout_goes_through_franceconnect_back_to_the_partner(world, holder) -> None:
    partner = Partner(world.app, holder, register(world.app))
    holder.logs_in(amr=("fc", "otp"))
    hint = partner.tokens()["id_token"]
    query = {"id_token_hint": hint, "post_logout_redirect_uri": GOODBYE, "state": "the state"}

    page = holder.client.get("/end-session", query_string=query)
    address = unescape(_NEXT.findall(page.text)[0])
    back = holder.client.get(f"/franceconnect/logout-callback?state={state_of(address)}")
    partner_page = holder.client.get(back.location)

    assert is_logged_out(holder)
    assert f'href="{GOODBYE}?state=the+state"' in page.text  # should FranceConnect be down
    assert partner_page.location.startswith(GOODBYE)
    assert parse(partner_page.location) == {"state": "the state"}


def test_a_partners_long_state_comes_back_whole(a_world: Worlds, database_url: str) -> None:
    with a_world(database_url) as world:
        holder = returned_from_franceconnect(world)
        partner = Partner(world.app, holder, register(world.app))
        holder.logs_in(amr=("fc", "otp"))
        state = "s" * 1_000
        query = {"id_token_hint": partner.tokens()["id_token"], "state": state}

        page = holder.client.get(
            "/end-session", query_string=query | {"post_logout_redirect_uri": GOODBYE}
        )
        address = unescape(_NEXT.findall(page.text)[0])
        back = holder.client.get(f"/franceconnect/logout-callback?state={state_of(address)}")
        partner_page = holder.client.get(back.location)

        assert parse(partner_page.location) == {"state": state}


def test_without_a_session_there_nobody_is_sent_there(world: World) -> None:
    holder = Holder(world.app, sample_account(world.app))
    holder.client = world.client
    holder.logs_in(amr=("fc",))

    response = holder.client.post("/deconnexion", data=world.form_token())

    assert (response.status_code, response.location) == (303, "/deconnecte")
    assert is_logged_out(holder)


def test_who_logged_in_with_a_password_is_offered_it(world, holder) -> None:
    holder.logs_in()

    response = holder.client.post("/deconnexion", data=world.form_token())

    assert (response.status_code, response.location) == (303, "/deconnecte")
    assert world.events("fc.logout") == []


def test_a_session_that_an_operator_ends_sends_nobody_anywhere(world, holder) -> None:
    holder.logs_in()

    world.service(Sessions).end_all(holder.account_id, "account_disabled")

    assert is_logged_out(holder)
    assert world.events("fc.logout") == []

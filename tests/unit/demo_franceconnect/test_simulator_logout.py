"""Logout by the site: what is refused, and the hops when it is right."""

import html
import re

import pytest

LOGGED_OUT = "https://site.test/logged-out"


def leave(site, **parameters: str):
    return site.browser.get("/api/v2/session/end", query_string=parameters)


def next_hop(answer) -> str:
    return html.unescape(
        re.search(r'http-equiv="refresh" content="0; url=([^"]+)"', answer.text)[1]
    )


def test_the_person_comes_back_to_the_site_with_its_state(site):
    id_token = site.tokens()["id_token"]

    confirmation = next_hop(
        leave(site, id_token_hint=id_token, state="abc", post_logout_redirect_uri=LOGGED_OUT)
    )

    assert "/session/end/confirm" in confirmation
    assert next_hop(site.browser.get(confirmation)) == f"{LOGGED_OUT}?state=abc"


def test_a_page_of_a_hop_has_a_link_for_who_is_not_taken_along(site):
    page = leave(site, id_token_hint=site.tokens()["id_token"]).text

    assert "Continuer si rien ne se passe" in page


def test_without_a_return_address_the_person_stays_here(site):
    confirmation = next_hop(leave(site, id_token_hint=site.tokens()["id_token"]))

    assert "Vous êtes déconnecté" in site.browser.get(confirmation).text


def test_without_a_state_none_is_added(site):
    id_token = site.tokens()["id_token"]

    confirmation = next_hop(
        leave(site, id_token_hint=id_token, post_logout_redirect_uri=LOGGED_OUT)
    )

    assert next_hop(site.browser.get(confirmation)) == LOGGED_OUT


def test_logout_ends_the_session_of_franceconnect(site):
    leave(site, id_token_hint=site.tokens()["id_token"])

    page = site.browser.get(site.reaches_choice()).text

    assert "Choisissez un compte" in page


def test_an_expired_hint_is_accepted(site):
    id_token = site.tokens()["id_token"]
    site.clock.advance(3600)

    answer = leave(site, id_token_hint=id_token)

    assert answer.status_code == 200


@pytest.mark.parametrize(
    "flaw",
    [
        {"id_token_hint": ""},
        {"id_token_hint": "x.y.z"},
        {"ui_locales": "fr"},
        {"client_id": "sibling"},
        {"post_logout_redirect_uri": "https://elsewhere.test/"},
    ],
)
def test_a_logout_request_with_one_flaw_is_refused(site, flaw):
    right = {"id_token_hint": site.tokens()["id_token"], "client_id": "site"}

    answer = leave(site, **(right | flaw))

    assert answer.status_code == 400
    assert "Y030009" in answer.text


@pytest.mark.parametrize("step", ["client/logout-callback", "session/end/confirm"])
def test_a_hop_out_of_nowhere_is_refused(site, step):
    answer = site.browser.get(f"/api/v2/{step}?state=unknown")

    assert answer.status_code == 400

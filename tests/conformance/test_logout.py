"""RP-initiated logout beyond its certification plan: whose hint, whose session, what ends."""

import pytest

from broker.base.browser import FORM_TOKEN
from tests.support.partner import callback, events, sample_account

GOODBYE = "https://partenaire.test/au-revoir"


def ends(holder, **parameters):
    return holder.client.get("/end-session", query_string=parameters)


def is_logged_out(partner) -> bool:
    return partner.receives(partner.sends(prompt="none")).get("error") == "login_required"


def confirms(holder, page):
    fields = callback(page)
    assert FORM_TOKEN in fields
    return holder.client.post("/end-session/confirmation", data=fields)


@pytest.fixture
def id_token(partner, holder) -> str:
    holder.logs_in()
    return str(partner.tokens()["id_token"])


def test_an_expired_hint_is_accepted(holder, id_token, clock):
    clock.advance(minutes=29)

    response = ends(holder, id_token_hint=id_token, post_logout_redirect_uri=GOODBYE)

    assert response.location == GOODBYE


@pytest.mark.parametrize("name", ["id_token_hint", "client_id", "state"])
@pytest.mark.parametrize("way", ["query_string", "data"])
def test_a_parameter_given_twice_is_refused_in_both_ways(holder, way, name):
    method = "GET" if way == "query_string" else "POST"

    def answer(*values):
        return holder.client.open("/end-session", method=method, **{way: {name: list(values)}})

    assert answer("").status_code < 400
    assert answer("one", "two").status_code == 400


def test_a_signed_userinfo_is_no_hint(a_partner, holder):
    partner = a_partner(userinfo_signed_response_alg="ES256")
    holder.logs_in()
    userinfo = partner.userinfo(partner.tokens()["access_token"]).get_data(as_text=True)

    response = ends(holder, id_token_hint=userinfo, post_logout_redirect_uri=GOODBYE)

    assert response.status_code == 400


def test_a_hint_of_another_client_than_client_id_is_refused(holder, id_token):
    response = ends(holder, id_token_hint=id_token, client_id="autre")

    assert response.status_code == 400


@pytest.mark.usefixtures("id_token")
def test_a_client_id_alone_leads_back_once_the_person_agrees(partner, holder):
    page = ends(holder, client_id="partenaire", post_logout_redirect_uri=GOODBYE, state="x")

    done = confirms(holder, page)

    assert f'url={GOODBYE}?state=x"' in done.get_data(as_text=True)
    assert is_logged_out(partner)


def test_a_hint_about_somebody_else_asks_the_person(app, partner, holder, id_token):
    holder.account_id = sample_account(app, 2)
    holder.logs_in()

    page = ends(holder, id_token_hint=id_token, post_logout_redirect_uri=GOODBYE)

    assert page.status_code == 200
    assert FORM_TOKEN in page.get_data(as_text=True)
    assert not is_logged_out(partner)


def test_a_hint_with_nobody_logged_in_leads_back(app, partner, id_token):
    stranger = app.test_client()

    response = stranger.get(
        "/end-session",
        query_string={"id_token_hint": id_token, "post_logout_redirect_uri": GOODBYE},
    )

    assert response.location == GOODBYE
    assert not is_logged_out(partner)


def test_a_logout_ends_codes_and_tokens(partner, holder, app):
    holder.logs_in()
    tokens, code = partner.tokens(), partner.code()

    ends(holder, id_token_hint=tokens["id_token"])

    assert partner.redeems(code).get_json()["error"] == "invalid_grant"
    assert partner.userinfo(tokens["access_token"]).status_code == 401
    assert [event["reason_code"] for event in events(app, "session.ended")] == ["logout"]


def test_a_logout_by_post_goes_on_by_get(holder, id_token):
    posted = holder.client.post(
        "/end-session", data={"id_token_hint": id_token, "post_logout_redirect_uri": GOODBYE}
    )

    assert posted.status_code == 303
    assert holder.client.get(posted.location).location == GOODBYE

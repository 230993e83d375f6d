"""When an app of ours sends its person to our pages (first-party apps draft 04 §5.2.2.1)."""

import json

import pytest

from tests.conftest import test_settings
from tests.support.key_partner import DPoPKey
from tests.support.own_app import FIRST_PARTY
from tests.support.partner import agrees_to_all, error_of, events, parse

LOOPBACK = FIRST_PARTY["redirect_uris"][0]


@pytest.fixture
def settings(database_url):
    return test_settings(database_url, BROKER_FRANCECONNECT_ACR="eidas2")


@pytest.mark.parametrize("prompt", ["create", "consent"])
def test_what_only_a_page_can_do_is_led_to_the_web_at_once(own_app, app, prompt):
    response = own_app.begins(prompt=prompt)

    assert error_of(response) == (403, "redirect_to_web")
    assert response.get_json().keys() == {"error", "error_description"}
    (event,) = events(app, "authz.requested")
    assert (event["outcome"], event["reason_code"]) == ("failure", "redirect_to_web")


def essential(acr: str) -> dict[str, str]:
    return {"claims": json.dumps({"id_token": {"acr": {"essential": True, "values": [acr]}}})}


@pytest.mark.parametrize(
    ("registered", "asked", "expected"),
    [
        ({"minimum_acr": "eidas2"}, {}, (403, "redirect_to_web")),
        ({}, essential("eidas2"), (403, "redirect_to_web")),
        ({}, essential("eidas1"), (403, "insufficient_authorization")),
        ({}, essential("eidas3"), (400, "unmet_authentication_requirements")),
    ],
)
def test_a_level_that_only_franceconnect_reaches_is_led_to_the_web(
    an_app, registered, asked, expected
):
    own_app = an_app(ameli={"first_party": True, **registered})

    assert error_of(own_app.begins(**asked)) == expected


def test_a_person_new_to_the_app_reads_the_page_that_informs(an_app, app):
    own_app = an_app(new=True)

    response = own_app.gives_code(own_app.awaits_code(redirect_uri=LOOPBACK))

    assert error_of(response) == (403, "redirect_to_web")
    pushed = response.get_json()
    assert 0 < pushed["expires_in"] <= 60
    assert events(app, "code.issued") == []
    (ended,) = events(app, "session.ended")
    assert ended["reason_code"] == "unused"


def test_the_web_goes_on_with_the_request_and_its_key(an_app, app, with_password):
    own_app = an_app(new=True)
    answer = own_app.gives_code(own_app.awaits_code(redirect_uri=LOOPBACK)).get_json()
    query = {"client_id": "application", "request_uri": answer["request_uri"]}
    agrees_to_all(app, with_password.account_id, "application")
    with_password.logs_in()

    sent = with_password.client.get("/authorize", query_string=query)
    code = parse(sent.location)["code"]

    assert sent.location.startswith(f"{LOOPBACK}?")
    stolen = own_app.redeems(
        code, redirect_uri=LOOPBACK, proof=DPoPKey().proof("/token", own_app.now)
    )
    assert error_of(stolen) == (400, "invalid_grant")
    assert own_app.redeems(code, redirect_uri=LOOPBACK).status_code == 200


def test_the_trail_ties_what_the_web_does_to_the_request_of_the_app(an_app, app, with_password):
    own_app = an_app(new=True)
    answer = own_app.gives_code(own_app.awaits_code(redirect_uri=LOOPBACK)).get_json()
    query = {"client_id": "application", "request_uri": answer["request_uri"]}
    agrees_to_all(app, with_password.account_id, "application")
    with_password.logs_in()

    with_password.client.get("/authorize", query_string=query)

    refused = [e for e in events(app, "authz.requested") if e["outcome"] == "failure"]
    (issued,) = events(app, "code.issued")
    assert [event["txn"] for event in refused] == [issued["txn"]]
    assert answer["request_uri"] not in str(events(app, ""))


def test_once_agreed_on_the_web_the_app_needs_no_page(an_app, app, with_password, clock):
    own_app = an_app(new=True)
    own_app.gives_code(own_app.awaits_code())
    agrees_to_all(app, with_password.account_id, "application")
    clock.advance(minutes=1)

    assert own_app.redeems(own_app.logs_in()).status_code == 200

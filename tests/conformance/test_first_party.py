"""The authorization challenge endpoint (draft-ietf-oauth-first-party-apps-04), rule by rule."""

import secrets

import pytest

from broker.accounts.administration import Administration
from tests.conftest import test_settings
from tests.support.insured_account import NIR
from tests.support.key_partner import KEYS, TYPE, DPoPKey, KeyPartner
from tests.support.own_app import CHALLENGE, FIRST_PARTY, PASSWORD, OwnApp
from tests.support.partner import (
    PUBLIC,
    error_of,
    events,
    register,
)

LOOPBACK = FIRST_PARTY["redirect_uris"][0]


@pytest.fixture
def settings(database_url):
    return test_settings(
        database_url,
        BROKER_LIMIT_CODE_RESEND_WAIT="60",
    )


def told(response) -> dict:
    """Return the answer without what differs each time."""
    return {name: v for name, v in response.get_json().items() if name != "auth_session"}


def suspends(app, account_id: str) -> None:
    app.extensions["broker"][Administration].disable(account_id, operator="test", reason="test")


def test_the_metadata_names_the_endpoint(client):
    published = client.get("/.well-known/oauth-authorization-server").get_json()

    assert published["authorization_challenge_endpoint"].endswith(CHALLENGE)


def test_a_client_that_is_no_app_of_ours_is_refused(app, with_password):
    stranger = OwnApp(app, with_password, register(app, **PUBLIC))

    assert error_of(stranger.begins()) == (400, "unauthorized_client")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"proof": None}, "invalid_dpop_proof"),
        ({"proof": "no proof"}, "invalid_dpop_proof"),
        ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"response_type": None}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "email"}, "invalid_scope"),
        ({"scope": "openid nir"}, "invalid_scope"),
        ({"resource": "https://unknown.test/"}, "invalid_target"),
        ({"redirect_uri": "https://attacker.test/"}, "invalid_request"),
        ({"scope": ["openid", "openid"]}, "invalid_request"),
        ({"request": "e30.e30."}, "request_not_supported"),
        ({"request_uri": "urn:ietf:params:oauth:request_uri:x"}, "request_uri_not_supported"),
        ({"dpop_jkt": DPoPKey().thumbprint}, "invalid_request"),
        ({"prompt": "none"}, "login_required"),
        ({"id_token_hint": "e30.e30.e30"}, "invalid_request"),
    ],
    ids=str,
)
def test_a_request_that_breaks_a_rule_opens_nothing(own_app, changes, error):
    response = own_app.begins(**changes)

    assert error_of(response) == (400, error)
    assert "auth_session" not in response.get_json()


def test_an_unknown_client_is_told_nothing_else(own_app):
    assert error_of(own_app.begins(client_id="inconnu")) == (401, "invalid_client")


def test_no_page_of_another_site_reads_the_answer(own_app):
    response = own_app.app.test_client().post(
        CHALLENGE, data=own_app.request(), headers={"Origin": "http://127.0.0.1"}
    )

    assert "Access-Control-Allow-Origin" not in response.headers
    assert not response.headers.getlist("Set-Cookie")


@pytest.mark.parametrize("flaw", ["password", "unknown", "suspended"])
def test_whatever_is_wrong_the_answer_is_the_same(own_app, app, with_password, flaw):
    if flaw == "suspended":
        suspends(app, with_password.account_id)
    wrong = {
        "password": {"password": "Tulipes&Violon8"},
        "unknown": {"nir": "1650359426225"},
        "suspended": {},
    }[flaw]

    response = own_app.gives_password(own_app.thread(), **wrong)

    assert response.status_code == 403
    assert told(response) == {
        "error": "insufficient_authorization",
        "error_description": "the next step is: password",
        "next": "password",
        "errors": [
            {
                "pointer": "/nir",
                "code": "login.wrong",
                "detail": "Votre numéro de sécurité sociale ou votre mot de passe est incorrect.",
            }
        ],
    }
    assert response.headers["Cache-Control"] == "no-store"
    assert "Retry-After" not in response.headers
    assert own_app.mailed_codes() == []


def test_what_cannot_be_a_number_is_said_beside_it_and_not_counted(own_app, app):
    response = own_app.gives_password(own_app.thread(), nir="12")

    (error,) = response.get_json()["errors"]
    assert (error["pointer"], error["code"]) == ("/nir", "nir.invalid")
    assert events(app, "login.password") == []
    assert own_app.gives_password(response.get_json()["auth_session"]).get_json()["next"] == "code"


def test_a_step_out_of_order_leads_back(own_app):
    response = own_app.gives_code(own_app.thread(), "123456")

    assert told(response)["next"] == "password"


@pytest.mark.parametrize(
    "form", [{}, {"code": "123456", "password": PASSWORD}, {"nir": NIR}], ids=str
)
def test_a_request_that_takes_no_step_or_two_does_not_use_the_thread_up(own_app, form):
    thread = own_app.thread()

    response = own_app.asks(auth_session=thread, **form)

    assert error_of(response) == (400, "invalid_request")
    assert own_app.gives_password(thread).get_json()["next"] == "code"


def test_a_used_auth_session_opens_nothing(own_app):
    thread = own_app.thread()
    own_app.gives_password(thread)

    assert error_of(own_app.gives_password(thread)) == (400, "invalid_session")


def test_another_key_or_client_gains_nothing_and_spoils_nothing(
    own_app, an_app, app, with_password
):
    thread = own_app.awaits_code()
    thief = OwnApp(app, with_password, own_app.registered)
    other = an_app(client_id="autre")

    refused = [thief.gives_code(thread), other.gives_code(thread)]

    assert [error_of(response) for response in refused] == [(400, "invalid_session")] * 2
    reasons = [event["reason_code"] for event in events(app, "authz.session.refused")]
    assert sorted(reasons) == ["client", "key"]
    assert own_app.gives_code(thread).status_code == 200


@pytest.mark.parametrize(("minutes", "error"), [(59, None), (60, "invalid_session")])
def test_a_thread_lives_an_hour(own_app, clock, app, minutes, error):
    thread = own_app.thread()
    clock.advance(minutes=minutes)

    response = own_app.gives_password(thread)

    assert response.get_json()["error"] == (error or "insufficient_authorization")
    reasons = [event["reason_code"] for event in events(app, "authz.session.refused")]
    assert reasons == (["expired"] if error else [])


def test_the_client_may_be_left_out_where_the_thread_names_it(own_app):
    answer = own_app.gives_password(own_app.thread(), client_id=None)

    assert answer.get_json()["next"] == "code"
    assert error_of(own_app.gives_password("x" * 43, client_id=None)) == (401, "invalid_client")


def test_a_wrong_code_is_counted_down_and_a_new_one_mailed(own_app, clock):
    thread, codes = own_app.awaits_code(), own_app.mailed_codes()
    wrong = "000000" if codes != ["000000"] else "111111"

    first = answer = own_app.gives_code(thread, wrong)
    for left in (3, 2, 1, 0):
        assert answer.get_json()["tries_left"] == left + 1
        answer = own_app.gives_code(answer.get_json()["auth_session"], wrong)
    exhausted = own_app.gives_code(answer.get_json()["auth_session"], codes[0])
    clock.advance(minutes=2)
    resent = own_app.asks(auth_session=exhausted.get_json()["auth_session"], resend_code="true")
    done = own_app.gives_code(resent.get_json()["auth_session"])

    assert [e["code"] for e in first.get_json()["errors"]] == ["code.wrong"]
    assert [e["code"] for e in answer.get_json()["errors"]] == ["code.exhausted"]
    assert [e["code"] for e in exhausted.get_json()["errors"]] == ["code.exhausted"]
    assert (told(resent)["next"], told(resent)["tries_left"]) == ("code", 5)
    assert "errors" not in resent.get_json()
    assert done.status_code == 200


def test_another_code_too_soon_has_to_wait_and_the_thread_goes_on(own_app):
    response = own_app.asks(auth_session=own_app.awaits_code(), resend_code="true")

    assert error_of(response) == (429, "temporarily_unavailable")
    assert int(response.headers["Retry-After"]) > 0
    assert told(response)["next"] == "code"
    assert own_app.gives_code(response.get_json()["auth_session"]).status_code == 200


def test_an_account_suspended_between_the_steps_is_not_entered(own_app, app, with_password):
    thread, code = own_app.awaits_code(), own_app.mailed_code()
    suspends(app, with_password.account_id)

    assert error_of(own_app.gives_code(thread, code)) == (400, "invalid_session")


def test_the_code_is_bound_to_key_verifier_client_and_serves_once(own_app, an_app):
    code = own_app.logs_in()
    other = an_app(client_id="autre")

    refused = [
        own_app.redeems(code, proof=DPoPKey().proof("/token", own_app.now)),
        own_app.redeems(code, code_verifier=secrets.token_urlsafe(48)),
        own_app.redeems(code, code_verifier=None),
        own_app.redeems(code, redirect_uri=LOOPBACK),
        other.redeems(code),
    ]
    redeemed, again = own_app.redeems(code), own_app.redeems(code)

    assert [error_of(response) for response in refused] == [(400, "invalid_grant")] * 5
    assert error_of(own_app.redeems("a" * 43, proof=None)) == (400, "invalid_dpop_proof")
    assert redeemed.status_code == 200
    assert error_of(again) == (400, "invalid_grant")


def test_an_address_that_was_named_is_named_again(own_app):
    code = own_app.logs_in(redirect_uri=LOOPBACK)

    assert error_of(own_app.redeems(code)) == (400, "invalid_grant")
    assert own_app.redeems(code, redirect_uri=LOOPBACK).status_code == 200


def test_a_code_of_the_pages_needs_its_address(own_app, with_password):
    with_password.logs_in()
    code = own_app.code()

    assert error_of(own_app.redeems(code)) == (400, "invalid_grant")
    assert own_app.redeems(code, redirect_uri=LOOPBACK).status_code == 200


def test_an_app_with_a_key_proves_itself_at_each_step(an_app, app, with_password):
    by_key = {
        "token_endpoint_auth_method": "private_key_jwt",
        "jwks": {"keys": [KEYS["ES256"].as_dict(private=False)]},
    }
    own_app = an_app(**by_key)
    signer = KeyPartner(app, with_password, own_app.registered)

    def assertion() -> dict[str, str]:
        return {"client_assertion_type": TYPE, "client_assertion": signer.assertion()}

    bare = own_app.begins()
    begun = own_app.begins(**assertion()).get_json()
    asked = own_app.gives_password(begun["auth_session"], **assertion()).get_json()
    unproved = own_app.gives_code(asked["auth_session"])
    done = own_app.gives_code(asked["auth_session"], **assertion())

    assert error_of(bare) == (401, "invalid_client")
    assert error_of(unproved) == (401, "invalid_client")
    assert done.status_code == 200

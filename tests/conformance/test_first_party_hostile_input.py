"""What no app sends to the authorization challenge endpoint: refused, never shown or written."""

import pytest
from werkzeug.test import TestResponse

from broker.audit.store import AuditStore
from tests.support.insured_account import NIR
from tests.support.leaks import leaks
from tests.support.own_app import CHALLENGE

WRONG = "Tulipes&Violon8"
UNKNOWN = "1650359426225"
HOSTILE = {
    "nul": "a\x00b",
    "bidi": "\u202egnp.exe",
    "half a pair": "\udcff",
    "long": "x" * 60_000,
    "markup": '"><script>alert(1)</script>{{7*191}}',
    "number": NIR,
    "line ends": "a\r\nSet-Cookie: x=y",
    "deep": '{"id_token":' + "[" * 5_000,
    "not a number": '{"id_token": {"acr": {"essential": true, "values": [NaN]}}}',
    "half a pair in JSON": '{"id_token": {"\\ud800": {"value": "\\ud800"}, "sub": null}}',
    "doubled in JSON": '{"id_token": {"acr": null, "acr": {"essential": true, "values": []}}}',
    "digits": "1" * 5_000,
}
OF_A_REQUEST = (
    *("client_id", "response_type", "scope", "code_challenge", "code_challenge_method"),
    *("redirect_uri", "state", "nonce", "prompt", "max_age", "acr_values", "claims", "resource"),
    *("id_token_hint", "login_hint", "dpop_jkt", "request", "request_uri", "response_mode"),
    *("client_secret", "client_assertion", "client_assertion_type", "auth_session", "x"),
)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/json", '{"client_id": "application", "client_id": "application"}'),
        ("application/json", '{"client_id": NaN}'),
        ("text/plain", "client_id=application"),
        ("multipart/form-data", "client_id=application"),
        ("multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data\r\n\r\n"),
        ("application/x-www-form-urlencoded; charset=utf-16", "client_id=application"),
        ("application/x-www-form-urlencoded", b"\xff\xfe%00%zz&&==&client_id"),
        ("application/x-www-form-urlencoded", b"auth_session=" + b"x" * 100_000),
        ("application/x-www-form-urlencoded", b"a&" * 30_000),
    ],
    ids=lambda v: str(v)[:40],
)
def test_a_body_that_no_app_sends_is_the_callers_fault(own_app, kind, body):
    proof = {"DPoP": own_app.dpop.proof(CHALLENGE, own_app.now)}

    answer = own_app.app.test_client().post(CHALLENGE, data=body, content_type=kind, headers=proof)

    assert 400 <= answer.status_code < 500
    assert answer.get_json().keys() == {"error", "error_description"}


def require_refused_without_echo(answer: TestResponse, kind: str) -> None:
    said = answer.get_data(as_text=True)
    assert 400 <= answer.status_code < 500, kind
    assert answer.get_json()["error"], kind
    shown = [part for part in ("<script", "gnp.exe", "Set-Cookie", NIR, "xxxxx") if part in said]
    assert shown == [], kind


def require_nothing_written(app, capsys) -> None:
    written = capsys.readouterr()
    assert "/authorize-challenge" in written.out + written.err
    assert leaks(written.out + written.err) == []
    assert leaks("\n".join(app.extensions["broker"][AuditStore].search())) == []


@pytest.mark.parametrize("name", OF_A_REQUEST)
def test_no_value_of_a_request_is_an_error_of_ours_or_comes_back(own_app, app, capsys, name):
    step = {"password": WRONG} if name == "auth_session" else {}
    for kind, value in HOSTILE.items():
        typed = value.encode("utf-8", "surrogateescape")

        answer = own_app.begins(**{name: typed}, **step)

        require_refused_without_echo(answer, kind)
        if answer.get_json().get("next") == "password":
            asked = own_app.gives_password(answer.get_json()["auth_session"]).get_json()
            assert own_app.gives_code(asked["auth_session"]).status_code < 500, kind
    require_nothing_written(app, capsys)


@pytest.mark.parametrize("name", ["nir", "password", "code", "auth_session"])
def test_no_value_of_a_step_is_an_error_of_ours_or_comes_back(own_app, app, capsys, name):
    by_code = name in {"code", "auth_session"}
    step = {"code": "1"} if by_code else {"nir": UNKNOWN, "password": WRONG}
    for kind, value in HOSTILE.items():
        typed = value.encode("utf-8", "surrogateescape")
        thread = own_app.awaits_code() if by_code else own_app.thread()

        answer = own_app.asks(**{"auth_session": thread, **step, name: typed})

        require_refused_without_echo(answer, kind)
    require_nothing_written(app, capsys)

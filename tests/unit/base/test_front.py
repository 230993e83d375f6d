"""Ahead of Flask, programs get what Flask would have told them; all else is left to it."""

import base64
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO

import pytest
from flask import Flask

from broker.app import create_app
from broker.base.db import Database
from broker.base.urlencoded import FORM
from broker.keys.rotation import Keys
from tests.conftest import test_settings
from tests.support.partner import SECRET, Holder, Partner, register, sample_account

ITS_OWN = {"date", "dpop-nonce"}
THROUGH_FLASK = {"Cookie": "langue=fr"}
BASIC = {"Authorization": f"Basic {base64.b64encode(f'partenaire:{SECRET}'.encode()).decode()}"}
WRONG = {"Authorization": f"Basic {base64.b64encode(b'partenaire:wrong').decode()}"}


@dataclass
class Visit:
    """Calls the application, and knows who answered."""

    app: Flask
    flask_answered: list[bool] = field(default_factory=list)

    def __call__(self, method, path, headers=None, **sent):
        return self.app.test_client().open(path, method=method, headers=headers or {}, **sent)


@pytest.fixture
def settings_changes() -> dict[str, str]:
    return {}


@pytest.fixture
def visit(sqlite_url: str, clock, settings_changes) -> Iterator[Visit]:
    app = create_app(test_settings(sqlite_url, **settings_changes), clock=clock)
    asked = Visit(app)
    app.before_request(lambda: asked.flask_answered.append(True))
    yield asked
    app.extensions["broker"][Database].engine.dispose()


@pytest.fixture
def partner(visit: Visit) -> Partner:
    holder = Holder(visit.app, sample_account(visit.app))
    holder.logs_in()
    return Partner(visit.app, holder, register(visit.app))


@pytest.mark.usefixtures("partner")
@pytest.mark.parametrize(
    ("method", "path", "headers", "form", "status"),
    [
        ("GET", "/.well-known/openid-configuration", {}, None, 200),
        ("GET", "/.well-known/oauth-authorization-server", {}, None, 200),
        ("GET", "/jwks", {}, None, 200),
        ("POST", "/revoke", BASIC, {"token": "unknown"}, 200),
        ("POST", "/token", BASIC, {"grant_type": "authorization_code", "code": "é +&="}, 400),
        ("POST", "/token", WRONG, {"grant_type": "authorization_code"}, 401),
        ("POST", "/token", BASIC, {"grant_type": "a\x00"}, 400),
        ("POST", "/introspect", BASIC, {"token": "unknown"}, 400),
        (
            "POST",
            "/revoke",
            {**BASIC, "Content-Type": f"{FORM};charset=UTF-8"},
            "token=%C3%A9",
            200,
        ),
        ("POST", "/revoke", {**BASIC, "Content-Type": FORM.upper()}, b"token=\xe9", 400),
        ("GET", "/userinfo", {}, None, 401),
        ("GET", "/userinfo", {"Authorization": "Bearer unknown"}, None, 401),
        ("POST", "/userinfo", {}, {"access_token": "unknown"}, 401),
        ("POST", "/par", BASIC, {"client_id": "partenaire"}, 400),
        ("POST", "/token", {**BASIC, "Accept": "text/html"}, {"grant_type": "x"}, 400),
    ],
)
def test_every_answer_is_the_one_that_flask_gives(visit, method, path, headers, form, status):
    ahead = visit(method, path, headers, data=form)
    behind = visit(method, path, {**headers, **THROUGH_FLASK}, data=form)

    assert ahead.status == behind.status
    assert ahead.status_code == status
    assert ahead.get_data() == behind.get_data()
    assert told(ahead) == told(behind)


def test_tokens_and_claims_come_without_flask(visit, partner):
    code = partner.code()
    visit.flask_answered.clear()

    tokens = partner.redeems(code).get_json()
    claims = partner.userinfo(tokens["access_token"])

    assert "sub" in claims.get_json()
    assert claims.headers["Vary"] == "Origin"
    assert not visit.flask_answered


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("HEAD", "/jwks", {}, 200),
        ("OPTIONS", "/token", {"Origin": "https://page.test"}, 200),
        ("GET", "/token", {}, 405),
        ("GET", "/jwks/", {}, 404),
        ("POST", "/token", {"Content-Type": "application/json"}, 401),
    ],
)
def test_what_is_asked_otherwise_is_left_to_flask(visit, method, path, headers, status):
    answer = visit(method, path, headers)

    assert answer.status_code == status
    assert visit.flask_answered


@pytest.mark.usefixtures("partner")
def test_a_body_as_long_as_allowed_is_read_and_a_longer_one_refused(visit):
    fitting = "a=" + "b" * (65_536 - 2)

    answers = [
        visit(
            "POST",
            "/token",
            {**BASIC, "Content-Type": FORM},
            data=body,
        )
        for body in (fitting, fitting + "b")
    ]

    assert [answer.status_code for answer in answers] == [400, 413]


@pytest.mark.parametrize("settings_changes", [{"BROKER_TRUSTED_HOSTS": "connexion.test"}])
def test_a_host_that_is_not_ours_is_refused(visit):
    assert visit("GET", "/jwks", {"Host": "connexion.test"}).status_code == 200
    assert visit("GET", "/jwks", {"Host": "other.test"}).status_code == 400


@pytest.mark.parametrize("settings_changes", [{"BROKER_LIMIT_ENDPOINT_COUNT": "3"}])
def test_a_refused_request_counts_once(visit):
    answers = [visit("GET", "/userinfo") for _ in range(4)]

    assert [answer.status_code for answer in answers] == [401, 401, 401, 429]
    assert answers[3].headers["Retry-After"]


@pytest.mark.parametrize("also", [{}, THROUGH_FLASK])
def test_a_body_cut_short_asks_for_nothing(visit, also):
    answer = visit("POST", "/token", {**BASIC, **also, "Content-Type": FORM}, **cut_short())

    assert answer.status_code == 400
    assert answer.get_json()["error_description"] == "Bad Request"  # not of what came of it


@pytest.mark.parametrize("settings_changes", [{"BROKER_LIMIT_ENDPOINT_COUNT": "1"}])
def test_of_who_asks_too_often_no_body_is_waited_for(visit):
    visit("POST", "/token", BASIC, data={"grant_type": "x"})
    unread = cut_short()

    answer = visit("POST", "/token", {**BASIC, "Content-Type": FORM}, **unread)

    assert answer.status_code == 429
    assert unread["input_stream"].tell() == 0


def test_a_fault_is_told_and_logged_as_one_of_flask_s(visit, capsys):
    del visit.app.extensions["broker"][Keys]

    answer = visit("GET", "/jwks")

    assert answer.status_code == 500
    assert answer.get_json()["error"] == "server_error"
    assert "kind=KeyError" in capsys.readouterr().out


def test_every_answer_is_counted_and_logged_once(visit, capsys):
    visit("GET", "/jwks")
    visit("GET", "/userinfo")

    lines = [line for line in capsys.readouterr().out.splitlines() if "request" in line]
    assert len(lines) == 2
    metrics = visit("GET", "/metrics").get_data(as_text=True)
    assert 'broker_requests_total{method="GET",route="/jwks",status="200"} 1.0' in metrics
    assert 'broker_requests_total{method="GET",route="/userinfo",status="401"} 1.0' in metrics


def cut_short():
    """A body that is shorter than its announced length, as our server hands it on."""
    return {
        "input_stream": BytesIO(b"grant_type=client_cred"),
        "environ_overrides": {"CONTENT_LENGTH": "29", "wsgi.input_terminated": True},
    }


def told(answer):
    return sorted((n.lower(), v) for n, v in answer.headers if n.lower() not in ITS_OWN)

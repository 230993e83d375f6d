"""What an attacker tries at the authorization challenge endpoint, and gains nothing by."""

import pytest
from sqlalchemy import update

from broker.accounts.administration import Administration
from broker.accounts.closing import Closing
from broker.accounts.password_change import PasswordChange
from broker.accounts.store import ACCOUNT
from broker.base.crypto import Secret
from broker.base.db import Database
from broker.sessions.sessions import Sessions
from tests.conftest import FrozenClock
from tests.support.insured_account import NIR
from tests.support.own_app import CHALLENGE, PASSWORD, observed
from tests.support.partner import error_of, events

UNKNOWN = "1650359426225"


class LeapingClock(FrozenClock):
    """A clock that goes on by two seconds once it was asked ``left`` times more."""

    left = -1

    def __call__(self):
        if self.left == 0:
            self.advance(seconds=2)
        self.left -= 1
        return self.now


@pytest.fixture
def clock() -> LeapingClock:
    return LeapingClock()


def suspends(app, account_id):
    app.extensions["broker"][Administration].disable(account_id, operator="test", reason="test")


def closes(app, account_id):
    app.extensions["broker"][Closing].close(account_id, "login")


def changes_password(app, account_id):
    app.extensions["broker"][PasswordChange].change(
        account_id, Secret("Cerises&Piano8"), but="", auth_event_id="login"
    )


def never_activated(app, account_id):
    db = app.extensions["broker"][Database]
    with db.transaction():
        db.execute(update(ACCOUNT).where(ACCOUNT.c.id == account_id).values(status="pending"))


@pytest.mark.parametrize("state", [suspends, closes, never_activated])
def test_an_account_that_may_not_log_in_answers_as_an_unknown_number(own_app, app, state):
    unknown = own_app.gives_password(own_app.thread(), nir=UNKNOWN)
    state(app, own_app.holder.account_id)

    right = own_app.gives_password(own_app.thread())

    assert observed(right) == observed(unknown)
    assert own_app.mailed_codes() == []


@pytest.mark.parametrize("ends", [suspends, closes, changes_password])
@pytest.mark.parametrize("step", ["code", "resend_code"])
def test_a_thread_dies_with_what_opened_it(own_app, app, ends, step):
    thread, code = own_app.awaits_code(), own_app.mailed_code()
    ends(app, own_app.holder.account_id)
    mailed = len(own_app.mailed_codes())

    answer = own_app.asks(auth_session=thread, **{step: code})

    assert error_of(answer) == (400, "invalid_session")
    assert "auth_session" not in answer.get_json()
    assert len(own_app.mailed_codes()) <= mailed


@pytest.mark.parametrize("ends", [suspends, closes, changes_password])
def test_a_code_that_was_given_dies_with_the_login(own_app, app, ends):
    code = own_app.logs_in()
    ends(app, own_app.holder.account_id)

    assert error_of(own_app.redeems(code)) == (400, "invalid_grant")


def test_after_the_code_nothing_opens_the_thread_again(own_app):
    thread, code = own_app.awaits_code(), own_app.mailed_code()
    given = own_app.gives_code(thread, code).get_json()["authorization_code"]

    tries = [
        own_app.gives_code(thread, code),
        own_app.asks(auth_session=thread, resend_code="true"),
        own_app.gives_password(thread),
        own_app.gives_code(given, code),
    ]

    assert [error_of(answer) for answer in tries] == [(400, "invalid_session")] * 4
    assert error_of(own_app.redeems(thread)) == (400, "invalid_grant")


def test_answers_of_a_person_do_nothing_beside_the_request(own_app, app):
    answer = own_app.begins(nir=NIR, password=PASSWORD, code="123456", resend_code="true")

    assert answer.get_json()["next"] == "password"
    assert "errors" not in answer.get_json()
    assert own_app.mailed_codes() == []
    assert events(app, "login.password") == []


def test_what_a_later_step_asks_beside_its_answer_changes_nothing(own_app):
    asked = {
        "scope": "openid profile email offline_access",
        "redirect_uri": own_app.registered["redirect_uris"][0],
        "code_challenge": "A" * 43,
        "nonce": "another",
        "prompt": "none",
        "claims": '{"id_token": {"acr": {"essential": true, "values": ["eidas3"]}}}',
        "request_uri": "urn:ietf:params:oauth:request_uri:x",
    }
    password = own_app.gives_password(own_app.thread(), **asked).get_json()

    done = own_app.gives_code(password["auth_session"], **asked)

    tokens = own_app.redeems(done.get_json()["authorization_code"]).get_json()
    claims = own_app.id_token(tokens)
    assert tokens["scope"] == "openid"
    assert (claims["nonce"], claims["acr"]) == ("n-0S6_WzA2Mj", "eidas1")


@pytest.mark.parametrize(
    "asked",
    [
        {"acr_values": "eidas3 eidas2"},
        {"claims": '{"id_token": {"acr": {"values": ["eidas2"]}}}'},
        {"claims": '{"id_token": {"acr": {"value": "eidas3"}, "amr": null}}'},
    ],
    ids=str,
)
def test_a_level_that_is_only_wished_is_never_claimed(own_app, asked):
    claims = own_app.id_token(own_app.redeems(own_app.logs_in(**asked)).get_json())

    assert (claims["acr"], claims["amr"]) == ("eidas1", ["pwd", "otp"])


@pytest.mark.parametrize(
    "asked", [{"prompt": "login"}, {"prompt": "select_account"}, {"max_age": "0"}], ids=str
)
def test_a_fresh_login_is_what_an_app_always_gets(own_app, asked):
    assert own_app.redeems(own_app.logs_in(**asked)).status_code == 200


def test_a_request_about_somebody_else_gets_no_code_and_leaves_no_session(own_app, app):
    asked = {"claims": '{"id_token": {"sub": {"value": "somebody"}}}'}

    answer = own_app.gives_code(own_app.awaits_code(**asked))

    assert error_of(answer) == (400, "login_required")
    assert [event["reason_code"] for event in events(app, "session.ended")] == ["unused"]
    assert events(app, "code.issued") == []


def test_a_proof_serves_one_step_of_one_address(own_app):
    thread = own_app.thread()
    used = own_app.dpop.proof(CHALLENGE, own_app.now)
    asked = own_app.gives_password(thread, proof=used).get_json()["auth_session"]

    refused = [
        own_app.gives_code(asked, proof=used),
        own_app.gives_code(asked, proof=own_app.dpop.proof("/token", own_app.now)),
        own_app.gives_code(asked, proof=own_app.dpop.proof(CHALLENGE, own_app.now, method="GET")),
        own_app.gives_code(asked, proof=None),
    ]

    assert [error_of(answer) for answer in refused] == [(400, "invalid_dpop_proof")] * 4
    assert own_app.gives_code(asked).status_code == 200


def test_parameters_count_in_the_body_alone(own_app):
    thread = own_app.thread()
    proof = {"DPoP": own_app.dpop.proof(CHALLENGE, own_app.now)}
    form = {"client_id": "application", "auth_session": thread, "nir": NIR, "password": PASSWORD}

    in_url = own_app.app.test_client().post(CHALLENGE, query_string=form, headers=proof)

    assert error_of(in_url) == (401, "invalid_client")
    assert own_app.gives_password(thread).get_json()["next"] == "code"


def test_whenever_the_hour_ends_in_the_last_step_no_session_is_left_without_a_code(
    own_app, app, clock
):
    sessions, outcomes = app.extensions["broker"][Sessions], []
    for asked in range(1, 25):  # times that one step asks the time
        begun = own_app.thread()
        clock.advance(minutes=55)
        thread = own_app.gives_password(begun).get_json()["auth_session"]
        code = own_app.mailed_code()
        clock.advance(minutes=4, seconds=59)

        clock.left = asked
        answer = own_app.gives_code(thread, code)

        left = sessions.every(own_app.holder.account_id)
        outcomes.append((answer.status_code, len(left)))
        clock.advance(minutes=31)  # after which an unused session is over

    assert set(outcomes) == {(400, 0), (200, 1)}

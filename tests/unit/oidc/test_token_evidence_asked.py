"""Evidence of tokens: who may ask for it, when there is none, and what the trail says of it."""

import json
import os
import subprocess
import sys
from datetime import timedelta

import pytest

from broker.audit.sealing.sealer import Sealer
from broker.base.db import Database
from broker.clients.administration import ClientAdministration
from tests.conftest import ROOT, test_settings
from tests.support.commands import command
from tests.support.partner import OPERATOR, PUBLIC, REFRESHING, SECRET, Partner, events, register
from tests.unit.oidc.evidence_story import PATH, judge, story, the_event, tokens

__all__ = ["judge", "story", "tokens"]


def test_a_token_just_issued_is_to_be_asked_again_in_a_minute(story):
    token = story.partner.tokens()["id_token"]

    early = story.asks(token=token)
    story.of(Sealer).seal()
    sealed = story.asks(token=token)
    story.signs()

    for answer in (early, sealed):
        assert (answer.status_code, answer.get_json()["error"]) == (409, "evidence_pending")
        assert answer.headers["Retry-After"] == "60"
    assert story.asks(token=token).status_code == 200


@pytest.mark.forges_events
def test_a_trail_that_was_touched_proves_nothing(story, tokens, app):
    with story.of(Database).transaction() as transaction:
        transaction.driver.execute(
            "UPDATE audit_event SET body = replace(body, 'eidas1', 'eidas2')"
            " WHERE type = 'token.issued'"
        )

    answer = story.asks(token=tokens["id_token"])

    assert (answer.status_code, answer.get_json()["error"]) == (500, "server_error")
    assert events(app, "token.evidence.given")[-1]["reason_code"] == "broken"


@pytest.mark.forges_events
def test_a_token_from_before_partners_had_evidence_is_unknown(story, tokens):
    with story.of(Database).transaction() as transaction:
        transaction.driver.execute(
            "UPDATE audit_event SET body = replace(body, '\"salt\":', '\"sale\":')"
        )

    assert story.asks(token=tokens["id_token"]).status_code == 404


def test_only_a_client_that_proves_itself_asks(story, tokens, app):
    public = Partner(app, story.holder, register(app, client_id="app", **PUBLIC))

    wrong = story.partner.calls(PATH, {"token": tokens["id_token"]}, secret="w" * 40)
    without = story.asks(public, token=tokens["id_token"])

    assert (wrong.status_code, wrong.get_json()["error"]) == (401, "invalid_client")
    assert (without.status_code, without.get_json()["error"]) == (400, "unauthorized_client")


@pytest.mark.parametrize(
    "form",
    [{}, {"token": "a", "jti": "b"}, {"token_sha256": "A" * 64}, {"token_sha256": "a" * 63},
     {"token": "a", "checkpoint": "x"}],
)  # fmt: skip
def test_a_question_that_names_no_single_token_is_refused(story, form):
    answer = story.asks(**form)

    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_request")


class TestQuestionsAreCounted:
    @pytest.fixture
    def settings(self, database_url):
        return test_settings(database_url, BROKER_LIMIT_TOKEN_EVIDENCE_COUNT="3")

    def test_a_partner_that_asks_too_often_waits_and_no_other_with_it(self, story, tokens, app):
        other = Partner(app, story.holder, register(app, client_id="autre", **REFRESHING))
        for _ in range(4):
            story.partner.calls(
                PATH, {"token": "a"}, secret="w" * 40
            )  # a stranger's count nothing

        answers = [story.asks(token=tokens["id_token"]) for _ in range(4)]

        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        assert 0 < int(answers[3].headers["Retry-After"]) <= timedelta(hours=1).seconds + 1
        assert story.asks(other, token="x").status_code == 404
        limited = events(app, "token.evidence.given")[3]
        assert (limited["outcome"], limited["reason_code"]) == ("failure", "limited")
        assert limited["client_id"] == "partenaire"
        story.clock.advance(hours=1)
        assert story.asks(token=tokens["id_token"]).status_code == 200


def test_what_was_given_is_on_record_with_the_login_and_never_the_token(story, tokens, app):
    story.evidence(token=tokens["access_token"])

    (told,) = events(app, "token.evidence.given")
    assert told["actor"] == {"kind": "client", "ref": "partenaire"}
    assert (told["client_auth_method"], told["token"]["kind"]) == ("client_secret_basic", "access")
    assert told["auth_event_id"] == events(app, "session.created")[0]["auth_event_id"]
    assert tokens["access_token"] not in json.dumps(told)
    assert SECRET not in json.dumps(told)


def test_an_operator_gives_the_partner_the_same(story, tokens, settings, judge, app):
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("BROKER_")},
        "BROKER_SETTINGS": str(ROOT / "config/test.toml"),
        "BROKER_DATABASE_URL": settings.database_url,
    }

    def run(client_id):
        command = [sys.executable, "-m", "broker", "audit", "token-evidence", client_id]
        return subprocess.run(
            command, cwd=ROOT, env=environment, input=tokens["id_token"],
            capture_output=True, text=True, check=False,
        )  # fmt: skip

    given, refused = run("partenaire"), run("autre")

    assert given.returncode == 0, given.stderr
    assert the_event(given.stdout) == the_event(story.evidence(token=tokens["id_token"]))
    assert judge(given.stdout, tokens["id_token"])[0] == 0
    assert (refused.returncode, refused.stdout) == (1, "")
    told = events(app, "token.evidence.given")
    assert sorted(event["actor"]["kind"] for event in told) == ["admin", "admin", "client"]


def test_a_token_that_an_operator_types_in_the_place_of_the_partner_is_kept_nowhere(
    story, settings, app
):
    environment = {
        "BROKER_SETTINGS": str(ROOT / "config/test.toml"),
        "BROKER_DATABASE_URL": settings.database_url,
    }
    token = story.partner.tokens()["id_token"]

    done = command("audit", "token-evidence", token, "--jti", "x", environment=environment)

    assert (done.code, done.stdout) == (1, "")
    assert token not in done.stderr
    (told,) = events(app, "token.evidence.given")
    assert told["reason_code"] == "unknown"
    assert "client_id" not in told


def test_a_partner_that_is_switched_off_asks_no_more(story, tokens):
    story.of(ClientAdministration).disable("partenaire", OPERATOR)

    assert story.asks(token=tokens["id_token"]).status_code == 401
